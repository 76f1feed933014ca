"""What each provider has named in each part, and so what to exclude; and where entries were found first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from orchestration.logic.asking import Outcome
from orchestration.logic.exclusions import Memory, Obedience, Worth
from orchestration.logic.parts import WHOLE, Part
from orchestration.logic.tree import PartTree

LEAST_HOMES, MOST_HOMES = 5, 100_000


@dataclass
class Memories:
    """The memories of a run. A part's begins with what is known of the larger parts around it."""

    providers: Iterable[str]
    tree: PartTree
    _memories: dict[tuple[str, str], Memory] = field(default_factory=dict)
    _obedience: dict[str, Obedience] = field(init=False)
    _excluded: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._obedience = {name: Obedience() for name in self.providers}

    def record(self, outcome: Outcome, excluded: Sequence[int]) -> None:
        """Take in an answer to a request that excluded these ids."""
        named = (*outcome.new, *outcome.repeats)
        part = self.tree.get(outcome.part).part
        self._obedience[outcome.provider].record(*self._of(outcome.provider, part).record(named, excluded))
        for provider in self.providers:
            if provider != outcome.provider:
                self._of(provider, part).hear(named)

    def choose(self, provider: str, part: Part, worth: Worth, least: float) -> dict[int, str]:
        """The entries to exclude, ids and texts; those that the provider has named come again with at least that
        chance."""
        before = self._excluded.get((provider, part.words), ())
        obedience = self._obedience[provider].share
        chosen = self._of(provider, part).choose(worth, obedience, part.fits, before, least=least)
        self._excluded[provider, part.words] = tuple(chosen)
        return chosen

    def saved(self, provider: str, part: Part, entries: Sequence[int], least: float) -> list[float]:
        """The repeats that each of these exclusions prevents; `least` as in `choose`."""
        return self._of(provider, part).saved(entries, self._obedience[provider].share, least)

    def __iter__(self) -> Iterator[Memory]:
        return iter(self._memories.values())

    def _of(self, provider: str, part: Part) -> Memory:
        key = provider, part.words
        if key not in self._memories:
            memory = self._memories[key] = Memory()
            for larger in dict.fromkeys((self.tree.nodes[part.words].parent, WHOLE.words)):
                if larger != part.words and (known := self._memories.get((provider, larger))):
                    memory.inherit(known, part.fits)
        return self._memories[key]


@dataclass
class Homes:
    """In which category or cluster entries were first found."""

    _homes: dict[int, str] = field(default_factory=dict)
    _parts: set[str] = field(default_factory=set)

    def record(self, part: Part, new: Sequence[tuple[int, str]]) -> None:
        """These were found in that part."""
        if part.kind in ("category", "cluster") and len(self._homes) < MOST_HOMES:
            self._parts.add(part.words)
            self._homes.update((entry, part.words) for entry, _ in new)

    def coherence(self, part: Part, texts: Sequence[str], repeated: Sequence[int]) -> float | None:
        """The share of an answer that fits the part asked for; None where too little is known."""
        if part.initials is not None:
            return part.coherence(texts)
        homes = [home for entry in repeated if (home := self._homes.get(entry))]
        if part.words not in self._parts or len(homes) < LEAST_HOMES:
            return None
        return sum(home == part.words for home in homes) / len(homes)

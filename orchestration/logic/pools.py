"""What each provider has left to name: its pool in a part of the topic, from its own answers. Pure.

Two shares tell what an answer will bring. Fresh is what this provider has not named before: where it begins to repeat
itself, in spite of exclusions, its pool is nearly empty. Of what is fresh a share is new to the run, the rest others
have named. Evidence belongs to the beginnings of names, so that a range which is split, or asked for within a larger
one, is known at once; parts whose members cannot be told from names have their own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from orchestration.logic.alphabet import REST, Beginning, beginning_of
from orchestration.logic.parts import Part

# What an answer says of a beginning counts so much once the next answer has said more.
KEEP = 0.15
KEEP_PROVIDER = 0.85
# Ids that are remembered of each provider; of those beyond, a repeat counts as its own.
REMEMBERED = 100_000
# Until a provider repeats itself somewhere, it is thought to know so many times what it has named.
FIRST_HOPE = 2.0
SHARP = 3.0
WHOLE_NAMED, WHOLE_REST = 100, 0.7
FIRST_LEFT = 120.0
HOPE_OF_THE_REST = 0.4
MOST_EXCLUDED = 300
TOLD, POWER = 0.5, 1.5
# Of what it has left altogether a category that it was not asked for is thought to hold so much.
CATEGORY_SHARE = 0.15
# Fresh entries that the provider's own average is worth where a part is judged.
PRIOR_FRESH = 6.0
FIRST_NEW = 0.9
NOISE = 0.04
PRIOR_FIT = 20.0
LEAST_LEFT = 0.1

Key: TypeAlias = Beginning | str


@dataclass(slots=True)
class Evidence:
    """Candidates, those of them that the provider had not named before, those nobody had, and all it ever named."""

    candidates: float = 0.0
    fresh: float = 0.0
    new: float = 0.0
    named: int = 0

    def fade(self, keep: float) -> None:
        self.candidates *= keep
        self.fresh *= keep
        self.new *= keep

    def add(self, other: Evidence) -> None:
        self.candidates += other.candidates
        self.fresh += other.fresh
        self.new += other.new
        self.named += other.named


@dataclass
class Pool:
    """One provider's evidence, by beginning, and by the words of parts that are no ranges."""

    named: set[int] = field(default_factory=set)
    ranges: defaultdict[Key, Evidence] = field(default_factory=lambda: defaultdict(Evidence))
    others: defaultdict[Key, Evidence] = field(default_factory=lambda: defaultdict(Evidence))
    lately: Evidence = field(default_factory=Evidence)
    asked: float = 0.0
    fitting: float = 0.0


@dataclass
class Pools:
    """The pools of all providers. Feed it each request once, in order."""

    pools: defaultdict[str, Pool] = field(default_factory=lambda: defaultdict(Pool))
    found: Counter[Key] = field(default_factory=Counter)
    asked: set[str] = field(default_factory=set)
    _evidence: dict[tuple[str, str], Evidence] = field(default_factory=dict)
    _left: dict[tuple[str, str], float] = field(default_factory=dict)
    _found_in: dict[str, int] = field(default_factory=dict)
    _knowing: dict[str, float] = field(default_factory=dict)

    def record(
        self, provider: str, part: Part, new: Sequence[tuple[int, str]], repeats: Sequence[tuple[int, str]]
    ) -> None:
        """Take in an answer."""
        for cache in (self._evidence, self._left, self._found_in, self._knowing):
            cache.clear()
        pool = self.pools[provider]
        answer: dict[Key, Evidence] = defaultdict(Evidence)
        total = Evidence()
        for entries, is_new in ((new, True), (repeats, False)):
            for entry, text in entries:
                beginning = beginning_of(text)
                self.found[beginning] += is_new
                fresh = is_new or (entry not in pool.named and len(pool.named) < REMEMBERED)
                if len(pool.named) < REMEMBERED:
                    pool.named.add(entry)
                known = Evidence(1.0, float(fresh), float(is_new), int(fresh))
                total.add(known)
                if part.initials is not None and part.initials.admits(beginning):
                    answer[beginning].add(known)
                else:
                    pool.ranges[beginning].named += fresh
        if not total.candidates:
            return
        self.asked.add(part.words)
        if part.initials is not None:
            within = sum(each.candidates for each in answer.values())
            pool.asked = pool.asked * KEEP_PROVIDER + total.candidates
            pool.fitting = pool.fitting * KEEP_PROVIDER + within
            for key, each in pool.ranges.items():
                if part.initials.admits(key):
                    each.fade(KEEP)
            for key, each in answer.items():
                pool.ranges[key].add(each)
        else:
            pool.others[part.words].fade(KEEP)
            pool.others[part.words].add(total)
        pool.lately.fade(KEEP_PROVIDER)
        pool.lately.add(total)

    def left(self, provider: str, part: Part) -> float:
        """How many entries of the part the provider has not named yet."""
        key = provider, part.words
        if key not in self._left:
            self._left[key] = self._judged(provider, part)
        return self._left[key]

    def _judged(self, provider: str, part: Part) -> float:
        known = self.evidence(provider, part)
        hope = self._hope(provider, part, known)
        if not known.candidates:
            return max(hope, LEAST_LEFT)
        told = _told(known)
        if part.kind == "all" and len(self.pools[provider].named) > WHOLE_NAMED:
            told = min(told, WHOLE_REST * known.fresh)
        return max(1.0 / (1.0 / max(told, LEAST_LEFT) + 1.0 / max(hope, LEAST_LEFT)), LEAST_LEFT)

    def share_new(self, provider: str, part: Part) -> float:
        """Of what the provider names for the first time in the part, the share that nobody has named."""
        known, lately = self.evidence(provider, part), self.pools[provider].lately
        usual = (lately.new + 2 * FIRST_NEW) / (lately.fresh + 2) if lately.fresh else FIRST_NEW
        return max((known.new + PRIOR_FRESH * usual) / (known.fresh + PRIOR_FRESH) , 0.005)

    def fit(self, provider: str, part: Part) -> float:
        """The share of an answer that keeps to a part that was asked for."""
        if part.kind == "all":
            return 1.0
        pool = self.pools[provider]
        return (pool.fitting + PRIOR_FIT * 0.9) / (pool.asked + PRIOR_FIT)

    def expected(self, provider: str, part: Part, size: float) -> float:
        """The new entries that an answer of `size` brings."""
        left, length = self.left(provider, part), size * self.fit(provider, part)
        return length / (1.0 + (length / left) ** SHARP) ** (1 / SHARP) * self.share_new(provider, part)

    def excludable(self, provider: str, part: Part) -> float:
        """About how many entries an exclusion list would hold."""
        if part.kind == "all":
            return min(len(self.pools[provider].named), MOST_EXCLUDED)
        return min(self.evidence(provider, part).named, MOST_EXCLUDED)

    def chance(self, provider: str, part: Part, size: float) -> float:
        """That an answer names an entry again which the provider has named before, if it is not told not to."""
        if part.kind == "all":
            return min(1.0, size / (len(self.pools[provider].named) + self.left(provider, part)))
        return min(1.0, size / (self.evidence(provider, part).named + self.left(provider, part)))

    def evidence(self, provider: str, part: Part) -> Evidence:
        """All that is known of a provider in a part."""
        key = provider, part.words
        if key not in self._evidence:
            self._evidence[key] = self._summed(self.pools[provider], part)
        return self._evidence[key]

    def _summed(self, pool: Pool, part: Part) -> Evidence:
        if part.initials is None:
            return pool.others[part.words]
        total = Evidence()
        for beginning, each in pool.ranges.items():
            if part.initials.admits(beginning):
                total.add(each)
        return total

    def found_in(self, part: Part) -> int:
        """How many entries of a range are found; of any other part: of the whole."""
        if part.words not in self._found_in:
            fits = part.initials.admits if part.initials is not None else lambda _: True
            self._found_in[part.words] = sum(count for each, count in self.found.items() if fits(each))
        return self._found_in[part.words]

    def open(self, parts: Iterable[Part], parent: Part) -> None:
        """Parts of one that was asked for are asked for, too."""
        if parent.words in self.asked:
            self.asked.update(part.words for part in parts)

    def _usual_size(self) -> float:
        sizes = [count for words, count in self._found_in.items() if words and words in self.asked]
        return max(sizes, default=FIRST_LEFT)

    def knowing(self, provider: str) -> float:
        """How much the provider knows of what it was asked for in ranges, by what all have found there; 0: never."""
        if provider not in self._knowing:
            asked = told = 0.0
            for beginning, each in self.pools[provider].ranges.items():
                if each.candidates:
                    asked += self.found[beginning]
                    told += each.named + min(_told(each), (1 + FIRST_HOPE) * each.named)
            self._knowing[provider] = told / asked if asked else 0.0
        return self._knowing[provider]

    def _hope(self, provider: str, part: Part, known: Evidence) -> float:
        """What is left as far as the provider knows as much of this part as of others."""
        pool, knowing, found = self.pools[provider], self.knowing(provider), self.found_in(part)
        if part.initials is None:
            rest = max(knowing * found - len(pool.named), 5.0) if knowing else FIRST_LEFT
            return rest if part.kind == "all" else CATEGORY_SHARE * rest + 5.0
        if not knowing:
            return max(FIRST_HOPE * found, FIRST_LEFT)
        if part.words not in self.asked:
            found = max(found, self._usual_size() * (HOPE_OF_THE_REST if part.initials.script == REST else 1.0))
        return max(knowing * found - known.named, 2.0 + 0.05 * found)


def _told(known: Evidence) -> float:
    """From fresh entries and repeats: as each answer of the same kind would bring that share of the one before it,
    what all further ones would."""
    return TOLD * known.fresh * ((known.fresh + 1.0) / (known.candidates - known.fresh + 1.0)) ** POWER

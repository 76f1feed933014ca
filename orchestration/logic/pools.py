"""What each provider has left to name: its pool in a part of the topic, from its own answers. Pure.

Two shares tell what an answer will bring. Fresh is what this provider has not named before: where it begins to repeat
itself, although that was excluded, its pool is nearly empty. Of what is fresh a share is new to the run; the rest
others have named. Evidence belongs to the beginnings of names, so that a range is known as soon as a larger one was
asked for and split; parts whose members no name gives away have their own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from orchestration.logic.alphabet import REST, Beginning, beginning_of
from orchestration.logic.parts import Part

# The newest answer tells how full a pool is still; of what those before it said, so much counts.
KEEP = 0.15
KEEP_PROVIDER = 0.85
# Ids that are remembered of each provider; of those beyond, a repeat counts as its own.
REMEMBERED = 100_000
# Of a provider that has not repeated itself yet: it knows so many times what is found, and a part holds this many.
FIRST_HOPE, FIRST_LEFT = 2.0, 150.0
# What is no letter that most names begin with is less often asked for because there is less of it.
HOPE_OF_THE_REST = 0.4
# Of what a provider has left altogether, and how many at least, a category is thought to hold.
CATEGORY_SHARE, CATEGORY_LEAST = 0.15, 5.0
# What can always have been overlooked: entries, and a share of what is found.
OVERLOOKED, OVERLOOKED_SHARE = 2.0, 0.05
LEAST_LEFT = 0.1
# From the odds of fresh to repeated: exclusions hide repeats, so that a pool runs dry sooner than the odds say.
TOLD, POWER = 0.5, 1.5
# The whole topic: no exclusion list holds all that is named, so the next answer brings less than the one before.
WHOLE_NAMED, WHOLE_REST = 100, 0.7
# Answers hold an entry once, so they take nearly all that is left before they repeat: how sharp that bend is.
BEND = 3.0
# Fresh entries that the provider's average elsewhere is worth in a part, and what is new before there is one.
PRIOR_FRESH, FIRST_NEW, LEAST_NEW = 6.0, 0.9, 0.005
# Candidates, and how many of them keep to a part, before a provider has shown it.
PRIOR_FIT, FIRST_FIT = 20.0, 0.9


@dataclass(slots=True)
class Evidence:
    """Of the latest answers: candidates, those that the provider had not named before (`fresh`), and those that were
    `new` to all. `named`: all that it ever named."""

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

    @property
    def rest(self) -> float:
        """What further answers would bring, if each brought the same share of the one before."""
        odds: float = ((self.fresh + 1.0) / (self.candidates - self.fresh + 1.0)) ** POWER
        return TOLD * self.fresh * odds


@dataclass(slots=True)
class Pool:
    """One provider's evidence: by beginning, and by the words of parts that are no ranges. `lately` is about all it
    was asked, `ranges_asked` about ranges: candidates, and those of them that kept to the range."""

    named: set[int] = field(default_factory=set)
    beginnings: defaultdict[Beginning, Evidence] = field(default_factory=lambda: defaultdict(Evidence))
    others: defaultdict[str, Evidence] = field(default_factory=lambda: defaultdict(Evidence))
    lately: Evidence = field(default_factory=Evidence)
    ranges_asked: float = 0.0
    fitting: float = 0.0

    def remember(self, new: Sequence[tuple[int, str]], repeats: Sequence[tuple[int, str]]) -> Iterable[str]:
        """The provider has named these. Returns the texts of the repeats that it had not named before, each once."""
        if len(self.named) >= REMEMBERED:
            return ()
        self.named.update([entry for entry, _ in new])
        fresh: dict[int, str] = {}
        for entry, text in repeats:
            if entry not in self.named:
                fresh.setdefault(entry, text)
        self.named.update(fresh)
        return fresh.values()

    def learn(self, part: Part, answer: Mapping[Beginning, Evidence]) -> None:
        """Take in an answer to a request for `part`."""
        self.lately.fade(KEEP_PROVIDER)
        if part.initials is None:
            self.others[part.words].fade(KEEP)
        else:
            self._fade_range(part)
        for beginning, each in answer.items():
            self.lately.add(each)
            if part.initials is None:
                self.others[part.words].add(each)
            elif part.initials.admits(beginning):
                self.fitting += each.candidates
                self.beginnings[beginning].add(each)
                continue
            # What strays from the part asked for is the most popular of the rest: it says nothing of what is left.
            self.beginnings[beginning].named += each.named
        if part.initials is not None:
            self.ranges_asked += sum(each.candidates for each in answer.values())

    def _fade_range(self, part: Part) -> None:
        self.ranges_asked *= KEEP_PROVIDER
        self.fitting *= KEEP_PROVIDER
        for beginning, each in self.beginnings.items():
            if part.initials is not None and part.initials.admits(beginning):
                each.fade(KEEP)

    def of(self, part: Part) -> Evidence:
        """All evidence of a part."""
        if part.initials is None:
            return self.others[part.words]
        total = Evidence()
        for beginning, each in self.beginnings.items():
            if part.initials.admits(beginning):
                total.add(each)
        return total


@dataclass
class Pools:
    """The pools of all providers. Feed it each request once, in order. `asked`: the words of parts asked for."""

    pools: defaultdict[str, Pool] = field(default_factory=lambda: defaultdict(Pool))
    found: Counter[Beginning] = field(default_factory=Counter)
    asked: set[str] = field(default_factory=set)
    # What follows from all that, until the next answer: every part is judged many times in one step.
    _evidence: dict[tuple[str, str], Evidence] = field(default_factory=dict)
    _left: dict[tuple[str, str], float] = field(default_factory=dict)
    _found_in: dict[str, int] = field(default_factory=dict)
    _knowing: dict[str, float] = field(default_factory=dict)

    def record(
        self, provider: str, part: Part, new: Sequence[tuple[int, str]], repeats: Sequence[tuple[int, str]]
    ) -> None:
        """Take in an answer: ids and texts. An empty one says nothing."""
        for cache in (self._evidence, self._left, self._found_in, self._knowing):
            cache.clear()
        pool = self.pools[provider]
        found = Counter(beginning_of(text) for _, text in new)
        again = Counter(beginning_of(text) for _, text in repeats)
        first = Counter(map(beginning_of, pool.remember(new, repeats)))
        self.found.update(found)
        if answer := {each: _evidence(found[each], again[each], first[each]) for each in {**found, **again}}:
            self.asked.add(part.words)
            pool.learn(part, answer)

    def open(self, parts: Iterable[Part], parent: str) -> None:
        """These parts come in the place of a larger one: who was asked for that was asked for them."""
        if parent in self.asked:
            self.asked.update(part.words for part in parts)

    def expected(self, provider: str, part: Part, size: float) -> float:
        """The new entries that an answer of `size` brings."""
        left, length = self.left(provider, part), size * self.fit(provider, part)
        bend: float = (1.0 + (length / left) ** BEND) ** (1 / BEND)
        return length / bend * self.share_new(provider, part)

    def left(self, provider: str, part: Part) -> float:
        """How many entries of the part the provider has not named yet."""
        key = provider, part.words
        if key not in self._left:
            self._left[key] = max(self._judged(provider, part), LEAST_LEFT)
        return self._left[key]

    def share_new(self, provider: str, part: Part) -> float:
        """Of what the provider names for the first time in the part, the share that nobody has named."""
        known, lately = self.evidence(provider, part), self.pools[provider].lately
        usual = (lately.new + 2 * FIRST_NEW) / (lately.fresh + 2)
        return max((known.new + PRIOR_FRESH * usual) / (known.fresh + PRIOR_FRESH), LEAST_NEW)

    def fit(self, provider: str, part: Part) -> float:
        """The share of an answer that keeps to a part that was asked for."""
        if part.kind == "all":
            return 1.0
        pool = self.pools[provider]
        return (pool.fitting + PRIOR_FIT * FIRST_FIT) / (pool.ranges_asked + PRIOR_FIT)

    def named(self, provider: str, part: Part) -> int:
        """How many entries of a part the provider has named."""
        return len(self.pools[provider].named) if part.kind == "all" else self.evidence(provider, part).named

    def chance_of_repeat(self, provider: str, part: Part, size: float) -> float:
        """That an answer of `size` names again what the provider has named before, if it is not told not to."""
        return min(1.0, size / (self.named(provider, part) + self.left(provider, part)))

    def evidence(self, provider: str, part: Part) -> Evidence:
        """What the provider's answers say of the part."""
        key = provider, part.words
        if key not in self._evidence:
            self._evidence[key] = self.pools[provider].of(part)
        return self._evidence[key]

    def found_in(self, part: Part) -> int:
        """How many entries of a range are found; of any other part: of the whole."""
        if part.words not in self._found_in:
            initials = part.initials
            counts = self.found.items()
            self._found_in[part.words] = sum(n for each, n in counts if initials is None or initials.admits(each))
        return self._found_in[part.words]

    def _judged(self, provider: str, part: Part) -> float:
        """From the part's own answers and from all others, whichever says less counts more."""
        known, hope = self.evidence(provider, part), self._hope(provider, part)
        if not known.candidates:
            return hope
        told = known.rest
        if part.kind == "all" and len(self.pools[provider].named) > WHOLE_NAMED:
            told = min(told, WHOLE_REST * known.fresh)
        return 1.0 / (1.0 / max(told, LEAST_LEFT) + 1.0 / max(hope, LEAST_LEFT))

    def _hope(self, provider: str, part: Part) -> float:
        """What is left if the provider knows as much of this part as of those that it was asked for."""
        knowing, found, named = self._knows(provider), self.found_in(part), self.named(provider, part)
        if part.initials is None:
            known_of_all = len(self.pools[provider].named)
            rest = max(knowing * found - known_of_all, CATEGORY_LEAST) if knowing else FIRST_LEFT
            return rest if part.kind == "all" else CATEGORY_SHARE * rest + CATEGORY_LEAST
        if not knowing:
            return max(FIRST_HOPE * found, OVERLOOKED) if part.words in self.asked else FIRST_LEFT
        if part.words not in self.asked:
            return max(knowing * max(found, self._size_unseen(part)) - named, OVERLOOKED)
        return max(knowing * found - named, OVERLOOKED + OVERLOOKED_SHARE * found)

    def _size_unseen(self, part: Part) -> float:
        """How many entries a range that nobody was asked for would have by now: as many as the largest of others."""
        sizes = [count for words, count in self._found_in.items() if words and words in self.asked]
        rest = part.initials is not None and part.initials.script == REST
        return max(sizes, default=FIRST_LEFT) * (HOPE_OF_THE_REST if rest else 1.0)

    def _knows(self, provider: str) -> float:
        """What the provider knows of the ranges that it was asked for, by what all have found there; 0: none."""
        if provider not in self._knowing:
            asked = known = 0.0
            for beginning, each in self.pools[provider].beginnings.items():
                if each.candidates:
                    asked += self.found[beginning]
                    known += each.named + min(each.rest, (1 + FIRST_HOPE) * each.named)
            self._knowing[provider] = known / asked if asked else 0.0
        return self._knowing[provider]


def _evidence(new: int, repeats: int, first: int) -> Evidence:
    """Of the new and the repeated of an answer; `first`: those of the repeated that the provider names first now."""
    return Evidence(float(new + repeats), float(new + first), float(new), new + first)

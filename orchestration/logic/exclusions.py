"""Which known entries a provider is told not to name again: those it would probably repeat, as far as telling it
costs less than the repeats. Pure.

An entry that a provider has named is one that it knows and finds worth naming: it will come again, the sooner the
more often it came. Entries of other providers are not listed: naming what nobody would have repeated is money lost.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from heapq import nlargest

REMEMBERED, MOST_NAMED = 1_000, 200
# That an entry which was named once is named again in the next answer.
FIRST_CHANCE = 0.5
# A repeat that is prevented saves more than a candidate: it leaves room for what is new, and shows what is left.
WORTH_OF_A_REPEAT = 2.0
CHARACTERS_PER_TOKEN = 4
# Whatever it would save: a longer question is slow, and models lose the thread.
MOST_CHARACTERS = 8_000
# Of an exclusion list that is in use so much may be out of date before it is made anew: a vendor's prompt cache
# serves only what has not changed.
STALE_SHARE = 0.25
FIRST_OBEDIENCE = 0.9
DOUBT, KEEP = 20.0, 0.9
# That another provider has named an entry counts so much beside that this one has.
HEARSAY = 0.5
# What was named for the whole topic may or may not be of one of its categories.
PERHAPS = 0.3
# While it is excluded nobody can see whether an entry would have come again; slowly it is forgotten all the same.
AGEING_WHILE_EXCLUDED = 0.2


@dataclass(slots=True)
class Named:
    """An entry that came up: how often, since which request, and since which it is excluded. Without text it has only
    come as a key so far."""

    text: str
    times: float
    since: float
    excluded_at: float | None = None

    def chance(self, requests: float) -> float:
        """That it is in the next answer, with `requests` made in all."""
        times = max(self.times - 1.0 + FIRST_CHANCE, self.times * FIRST_CHANCE)
        return times / (1.0 + max(requests - self.since, 0.0))

    def exclude(self, requests: float) -> None:
        """It is excluded, still or from now on: that it does not come says little."""
        if self.excluded_at is not None:
            self.since += (requests - self.excluded_at) * (1 - AGEING_WHILE_EXCLUDED)
        self.excluded_at = requests


@dataclass(frozen=True, slots=True)
class Worth:
    """What an exclusion costs, and what a repeat that it prevents would have: both in the same money or time."""

    token_in: float
    candidate: float


@dataclass
class Obedience:
    """How well a provider heeds exclusions: a share, from how often excluded entries came all the same."""

    heeded: float = DOUBT * FIRST_OBEDIENCE
    expected: float = DOUBT

    @property
    def share(self) -> float:
        return self.heeded / self.expected

    def record(self, expected: float, came: int) -> None:
        """So many excluded entries would have come in an answer, and so many did."""
        if expected:
            self.expected = self.expected * KEEP + expected + DOUBT * (1 - KEEP)
            self.heeded = self.heeded * KEEP + max(expected - came, 0.0) + DOUBT * FIRST_OBEDIENCE * (1 - KEEP)


@dataclass
class Memory:
    """What one provider, asked for one part, has named or would, as much as is worth remembering, by id."""

    requests: float = 0.0
    _named: OrderedDict[int, Named] = field(default_factory=OrderedDict)
    _nameless: set[int] = field(default_factory=set)

    def inherit(self, parent: Memory, fits: Callable[[str], bool | None]) -> None:
        """Begin with what is known of a larger part, as far as it belongs to this one."""
        for entry, named in parent._named.items():
            belongs = fits(named.text)
            if belongs is not False:
                times = named.times if belongs else named.times * PERHAPS
                self._named[entry] = Named(named.text, times, named.since - parent.requests + self.requests)

    def record(self, named: Iterable[tuple[int, str]], excluded: Collection[int]) -> tuple[float, int]:
        """Take in an answer. Returns how many of the excluded entries were to be expected, and how many came."""
        self.requests += 1
        answer = dict(named)
        # While it is excluded it ages little, so that one that comes all the same may seem more than certain.
        expected = sum(min(each.chance(self.requests), 1.0) for each in self._of(excluded))
        came = sum(entry in answer for entry in excluded)
        self._note(answer.items(), 1.0)
        return expected, came

    def hear(self, named: Iterable[tuple[int, str]]) -> None:
        """Another provider has named these in this part: this one probably knows some of them, too."""
        self._note(named, HEARSAY)

    def choose(
        self,
        worth: Worth,
        obedience: float,
        fits: Callable[[str], bool | None],
        before: Collection[int] = (),
        most: int = MOST_CHARACTERS,
        least: float = 0.0,
    ) -> dict[int, str]:
        """The entries to exclude, ids and texts, in an order that keeps what `before` began with.

        An entry is worth its tokens when the chance that it comes again, and that the provider heeds the
        exclusion, times the cost of a candidate, is more than they cost. `fits`: whether it belongs to the part
        that is asked for. `least`: the chance, at least, that what this provider itself has named comes again.
        """
        for named in self._of(before):
            named.exclude(self.requests)
        chosen = _in_stable_order(self._wanted(worth, obedience, fits, most, least), list(before))
        for named in self._of(set(before).difference(chosen)):
            named.excluded_at = None
        for named in self._of(chosen):
            named.exclude(self.requests)
        return {entry: self._named[entry].text for entry in chosen if entry in self._named}

    def saved(self, entries: Iterable[int], obedience: float, least: float = 0.0) -> list[float]:
        """How many repeats each of these exclusions keeps out of the next answer; `least` as in `choose`."""
        return [
            obedience * self._chance_of(named, least) if (named := self._named.get(entry)) else 0.0
            for entry in entries
        ]

    def nameless(self) -> list[int]:
        """The most probable entries of which only the key has come; `name` says what they are called."""
        self._nameless.intersection_update(self._named)
        if not self._nameless:
            return []
        return nlargest(MOST_NAMED, self._nameless, key=lambda entry: self._named[entry].chance(self.requests))

    def name(self, texts: Mapping[int, str]) -> None:
        """These ids have these texts."""
        for entry, text in texts.items():
            if entry in self._named:
                self._named[entry].text = text
                self._nameless.discard(entry)

    def _wanted(
        self, worth: Worth, obedience: float, fits: Callable[[str], bool | None], most: int, least: float
    ) -> dict[int, None]:
        wanted: dict[int, None] = {}
        chances = {entry: self._chance_of(named, least) for entry, named in self._named.items()}
        for entry in sorted(chances, key=lambda each: -chances[each]):
            named = self._named[entry]
            saved, size = WORTH_OF_A_REPEAT * chances[entry] * obedience * worth.candidate, len(named.text) + 1
            # A long name may cost more than it saves where shorter ones behind it do not.
            if (
                not named.text
                or size > most
                or saved <= worth.token_in * (len(named.text) / CHARACTERS_PER_TOKEN + 1)
            ):
                continue
            if fits(named.text) is not False:
                wanted[entry] = None
                most -= size
        return wanted

    def _chance_of(self, named: Named, least: float) -> float:
        return max(named.chance(self.requests), least * min(named.times, 1.0))

    def _of(self, entries: Iterable[int]) -> list[Named]:
        return [named for entry in entries if (named := self._named.get(entry))]

    def _note(self, named: Iterable[tuple[int, str]], times: float) -> None:
        memory, requests = self._named, self.requests
        for entry, text in named:
            known = memory.get(entry)
            if known is None:
                memory[entry] = Named(text, times, requests)
                if not text:
                    self._nameless.add(entry)
                continue
            known.times += times
            if text and not known.text:
                known.text = text
                self._nameless.discard(entry)
            memory.move_to_end(entry)
        while len(memory) > REMEMBERED:
            memory.popitem(last=False)  # the one that came up longest ago


def _in_stable_order(wanted: dict[int, None], before: list[int]) -> list[int]:
    kept = [entry for entry in before if entry in wanted]
    if before and len(kept) < len(before) * (1 - STALE_SHARE):
        return list(wanted)
    known = set(before)
    return [*before, *(entry for entry in wanted if entry not in known)]

"""How much of a topic is found, judged by blind probes: requests without exclusions and without partition. Pure.

Other requests are told what not to name, so what they repeat says little; the probes are the only fair sample. Two
shares are told apart, as they differ widely where some entries are popular: of *mass* (how likely the next blind
candidate is on the list) and of *items* (how many of all entries that the probed providers know are on it).
docs/coverage.md says where each figure comes from, and how well it did in simulation.
"""

from __future__ import annotations

from array import array
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from math import exp, sqrt
from statistics import fmean

from orchestration.logic import popularity, richness
from orchestration.logic.complementarity import Contributions
from orchestration.logic.intervals import Interval, Weighed, credible
from orchestration.logic.popularity import Judged
from orchestration.logic.probed import Evidence, Hits, Known
from orchestration.logic.recapture import Listed, Recapture, against_lists, recaptures

# Older probes are forgotten: memory stays bounded, and a provider that has changed is judged by what it is now.
MOST_PROBES = 48
# Fewer say nothing that is worth showing: so many in all, and so many of them when the list had entries already.
LEAST_PROBES, LEAST_TESTS = 2, 1
# To tell more providers apart would cost time and change little.
MOST_PROVIDERS = 6
# With fewer entries named by two probes or more, a lower bound of the total is noise.
LEAST_REPEATED = 5
# The list at each probe enters in so many groups of neighbours at most: time, not accuracy.
MOST_GROUPS = 12
# Of the mass a provider's latest probes tell most.
LATEST_PROBES = 4
# The standard deviations that stand for all that may be.
LUCK = tuple(each / 2 for each in range(-5, 6))


@dataclass(frozen=True, slots=True)
class Probe:
    """One blind probe's distinct entries, the ones that were on the list before it first."""

    provider: str
    entries: array[int]
    known_before: int
    found_before: int


@dataclass
class ProbeSample:
    """The latest of `recorded` blind probes of a run. To rebuild it, record the same probes in the same order."""

    probes: deque[Probe] = field(default_factory=lambda: deque(maxlen=MOST_PROBES))
    recorded: int = 0

    def record(self, provider: str, seen: Sequence[int], known_before: int, found_before: int) -> None:
        """One answer: the ids of the entries that its candidates led to, how many of these were on the list before
        it, and the length of the list then.

        Ids grow with discovery, as the one writer gives them out: so the lowest `known_before` are the known ones.
        An answer without an entry says nothing and is left out.
        """
        if entries := array("q", sorted(set(seen))):
            self.recorded += 1
            self.probes.append(Probe(provider, entries, min(known_before, len(entries)), found_before))

    @property
    def providers(self) -> list[str]:
        return sorted({probe.provider for probe in self.probes})

    @property
    def tests(self) -> int:
        """How many probes met a list that had entries."""
        return sum(probe.found_before > 0 for probe in self.probes)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the probes say, each figure for itself; None: too little is known.

    `mass` and `items` are shares of one. `total_low` are lower bounds of the number of entries by the name of the
    estimator; `unseen` says in words what none of this can see. The evidence: `probes`, out of `recorded` so far, and
    the `providers` that they asked.
    """

    mass: Interval | None
    items: Interval | None
    total_low: Mapping[str, Interval]
    recapture: tuple[Recapture, ...]
    unseen: str
    probes: int = 0
    recorded: int = 0
    providers: tuple[str, ...] = ()


def listed_by_others(sample: ProbeSample, contributions: Contributions) -> dict[str, Listed]:
    """What `estimate` can hold each provider's probes against besides: all that the others have named."""
    probed = _probed(sample)
    return {name: Listed(*contributions.by_others(name, entries)) for name, entries in probed.items()}


def estimate(sample: ProbeSample, found: int, listed: Mapping[str, Listed] | None = None) -> Coverage:
    """The coverage of a list of `found` entries. Takes a tenth of a second or two: once per probe is enough.

    With `listed`, each provider's probes are held against what the others have listed, too.
    """
    probed = _probed(sample)
    named = Counter(chain.from_iterable(probe.entries for probe in sample.probes))
    # In order, so that sums do not depend on the order of the probes.
    frequencies = dict(sorted(Counter(named.values()).items()))
    mass = items = None
    if len(sample.probes) >= LEAST_PROBES and sample.tests >= LEAST_TESTS and found > 0:
        mass, items = _shares(evidence(sample, found))
    return Coverage(
        mass=mass,
        items=items,
        total_low=_lower_bounds(frequencies, len(sample.probes), found),
        recapture=recaptures(probed, found) + against_lists(probed, listed or {}, found),
        unseen=_unseen(sample.providers),
        probes=len(sample.probes),
        recorded=sample.recorded,
        providers=tuple(sample.providers),
    )


def evidence(sample: ProbeSample, found: int) -> Evidence:
    """The probes in the counts that laws of popularity are judged by."""
    named = Counter(chain.from_iterable(probe.entries for probe in sample.probes))
    frequencies = Counter(named.values())
    count = len(sample.probes)
    return Evidence(
        probes=count,
        answer=named.total() / count,
        providers=min(len(sample.providers), MOST_PROVIDERS),
        once=frequencies[1],
        twice=frequencies[2],
        often=len(named) - frequencies[1] - frequencies[2],
        hits=_grouped(_hits(sample, named)),
        found=found,
        known=tuple(_known_of(sample, name) for name in sample.providers if _tests_of(sample, name)),
    )


def _tests_of(sample: ProbeSample, provider: str) -> list[tuple[int, Probe]]:
    """The provider's latest probes that met a list, each with the number of probes before it."""
    tests = [(at, each) for at, each in enumerate(sample.probes) if each.provider == provider and each.found_before]
    return tests[-LATEST_PROBES:]


def _known_of(sample: ProbeSample, provider: str) -> Known:
    tests = _tests_of(sample, provider)
    known, named = sum(each.known_before for _, each in tests), sum(len(each.entries) for _, each in tests)
    found = fmean(each.found_before for _, each in tests)
    return Known(found, fmean(at for at, _ in tests), known, named - known)


def _shares(seen: Evidence) -> tuple[Interval | None, Interval | None]:
    laws = popularity.judged(seen)
    if not laws:
        return None, None
    mass = credible(Weighed(share, share, weight) for law in laws for share, weight in _masses(law))
    items = credible(Weighed(law.low, law.high, law.weight) for law in laws)
    # What is popular is found first, so no more of the items than of the mass.
    return _whole(mass), _whole(items.at_most(mass.high))


def _masses(law: Judged) -> Iterator[tuple[float, float]]:
    """Shares of mass under a law, with their weights."""
    deviation = sqrt(law.variance)
    for luck in LUCK:
        yield max(1 - law.missing * exp(luck * deviation - law.variance / 2), 0.0), law.weight * exp(-(luck**2) / 2)


def _whole(share: Interval) -> Interval:
    """No law misses less than the finest does: a high end as near to one as that may be one."""
    return replace(share, high=1.0) if share.high > 1 - popularity.LEAST_MISSING else share


def _hits(sample: ProbeSample, named: Mapping[int, int]) -> list[Hits]:
    earlier: set[int] = set()
    rows = []
    for number, probe in enumerate(sample.probes):
        counts = Counter(
            (named[entry] == 1, place < probe.known_before)
            for place, entry in enumerate(probe.entries)
            if entry not in earlier
        )
        earlier.update(probe.entries)
        if probe.found_before:
            shared = counts[False, True], counts[False, False]
            rows.append(Hits(probe.found_before, number, counts[True, True], counts[True, False], *shared))
    return rows


def _grouped(rows: Sequence[Hits]) -> tuple[Hits, ...]:
    size = -(-len(rows) // MOST_GROUPS)
    return tuple(_together(rows[start : start + size]) for start in range(0, len(rows), size)) if rows else ()


def _together(rows: Sequence[Hits]) -> Hits:
    return Hits(
        found=sum(row.found for row in rows) / len(rows),
        earlier=sum(row.earlier for row in rows) / len(rows),
        lone_known=sum(row.lone_known for row in rows),
        lone_new=sum(row.lone_new for row in rows),
        shared_known=sum(row.shared_known for row in rows),
        shared_new=sum(row.shared_new for row in rows),
    )


def _lower_bounds(frequencies: Mapping[int, int], probes: int, found: int) -> dict[str, Interval]:
    if sum(frequencies.values()) - frequencies.get(1, 0) < LEAST_REPEATED:
        return {}
    bounds = {
        "Chao1": richness.chao1(frequencies),
        "ACE": richness.ace(frequencies),
        "Chao2": richness.chao2(frequencies, probes),
        "ICE": richness.ice(frequencies, probes),
    }
    return {name: bound.at_least(found) for name, bound in bounds.items() if bound is not None}


def _probed(sample: ProbeSample) -> dict[str, set[int]]:
    entries: dict[str, set[int]] = {name: set() for name in sample.providers}
    for probe in sample.probes:
        entries[probe.provider].update(probe.entries)
    return entries


def _unseen(providers: Sequence[str]) -> str:
    if not providers:
        return "No blind probe has been answered yet, so nothing can be said."
    if len(providers) == 1:
        return (
            f"Only {providers[0]} was probed. What it would never name unprompted cannot be seen, however much it is."
        )
    return (
        f"What none of the {len(providers)} probed providers would ever name unprompted cannot be seen. "
        "As they know the same popular entries, there may be more than they let expect."
    )

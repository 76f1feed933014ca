"""Totals from what two independent looks have in common: provider against provider. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import combinations

from orchestration.logic.intervals import Interval, lognormal

# With so many recaptures Chapman's form is nearly unbiased (Robson & Regier 1964).
LEAST_RECAPTURED = 7


@dataclass(frozen=True, slots=True)
class Recapture:
    """The total that two looks imply. They are no independent looks: popular entries are known to all, so more is
    recaptured than by chance, and the total is underestimated."""

    first: str
    second: str
    both: int
    total: Interval


def chapman(first: int, second: int, both: int) -> Interval | None:
    """Of `first` and `second` entries `both` are the same: how many there are (Chapman 1951; variance: Seber 1970).

    None below seven recaptures.
    """
    if both < LEAST_RECAPTURED:
        return None
    total = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    return lognormal(first + second - both, total, variance)


def recaptures(probed: Mapping[str, AbstractSet[int]], found: int) -> tuple[Recapture, ...]:
    """Each provider's probed entries against each other's, and against those of all others where there are three.

    `found` is the length of the list: no total is below it.
    """
    names = sorted(probed)
    pairs = [_recapture(one, other, probed[one], probed[other], found) for one, other in combinations(names, 2)]
    if len(names) > 2:
        pairs += [_recapture(one, "all others", probed[one], _others(probed, one), found) for one in names]
    return tuple(pair for pair in pairs if pair is not None)


@dataclass(frozen=True, slots=True)
class Listed:
    """How many entries all other providers have named, and how many of this one's probed entries are among them."""

    entries: int
    probed: int


def against_lists(
    probed: Mapping[str, AbstractSet[int]], listed: Mapping[str, Listed], found: int
) -> tuple[Recapture, ...]:
    """Each provider's probed entries against all that the others have named in any request."""
    results = []
    for name in sorted(probed.keys() & listed.keys()):
        others = listed[name]
        if total := chapman(others.entries, len(probed[name]), others.probed):
            results.append(Recapture(name, "the list of all others", others.probed, total.at_least(found)))
    return tuple(results)


def _others(probed: Mapping[str, AbstractSet[int]], one: str) -> AbstractSet[int]:
    return frozenset[int]().union(*(entries for name, entries in probed.items() if name != one))


def _recapture(
    one: str, other: str, first: AbstractSet[int], second: AbstractSet[int], found: int
) -> Recapture | None:
    both = len(first & second)
    total = chapman(len(first), len(second), both)
    return Recapture(one, other, both, total.at_least(found)) if total else None

"""What an answer brings, as expected: a weighted sample without replacement, seen as exponential clocks.

The clocks run until the answer is full: an entry of weight w is named with probability 1 - exp(-w t). Entries go by
classes of similar weight, which makes the sums short.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

from bench.yields.minds import Pool

CLASSES_PER_FOLD = 4.0  # weights within a class differ by a quarter at most
CLOSE = 3e-3  # how exact, relatively, the length of an answer is met
FOREVER = 20.0  # after so many times the mean time of the slowest, all clocks have rung


@dataclass(frozen=True, slots=True)
class Counts:
    """For each class, how many entries are to be found yet, are found, and are on their way, as expected."""

    fresh: list[float]
    found: list[float]
    pending: list[float]


@dataclass(frozen=True, slots=True)
class Classes:
    """A pool by classes of weight, the heaviest first; `steps` are their places on a scale that all pools share."""

    steps: tuple[int, ...]
    weights: tuple[float, ...]
    members: tuple[tuple[int, ...], ...]


def classed(pool: Pool) -> Classes:
    """`pool` by classes, each with the geometric middle of its range of weights."""
    found: dict[int, list[int]] = {}
    for at, weight in zip(pool.ids, pool.weights, strict=True):
        found.setdefault(round(log(weight) * CLASSES_PER_FOLD), []).append(at)
    steps = sorted(found, reverse=True)
    weights = tuple(exp(step / CLASSES_PER_FOLD) for step in steps)
    return Classes(tuple(steps), weights, tuple(tuple(found[step]) for step in steps))


def expected_new(weights: Sequence[float], counts: Counts, length: float, excluded: int, obeys: float) -> float:
    """How many new entries an answer of `length` brings, if the `excluded` heaviest of those found are excluded and
    each exclusion is heeded with probability `obeys`."""
    if length <= 0:
        return 0.0
    time = filling_time(weights, mentionable(counts, excluded, obeys), length)
    new = 0.0
    for weight, size in zip(weights, counts.fresh, strict=True):
        if size:
            new += size * (1 - exp(-weight * time))
    return new


def mentionable(counts: Counts, excluded: int, obeys: float) -> list[float]:
    """How many entries of each class may be named: all but the exclusions that are heeded."""
    rest = excluded * 1.0
    kept = []
    for new, known, due in zip(counts.fresh, counts.found, counts.pending, strict=True):
        barred = known if known < rest else rest
        rest -= barred
        kept.append(new + due + known - obeys * barred)
    return kept


def filling_time(weights: Sequence[float], sizes: Sequence[float], length: float) -> float:
    """When `length` clocks have rung, as expected: Newton's method, which from below never overshoots."""
    pairs = [(weight, size) for weight, size in zip(weights, sizes, strict=True) if size > 0]
    if not pairs:
        return 0.0
    total = sum(size for _, size in pairs)
    if total <= length * 1.0001:
        return FOREVER / pairs[-1][0]
    time = length / sum(weight * size for weight, size in pairs)
    for _ in range(30):
        silent = slope = 0.0
        for weight, size in pairs:
            quiet = size * exp(-weight * time)
            silent += quiet
            slope += weight * quiet
        step = (length - total + silent) / max(slope, 1e-300)
        time += step
        if step <= CLOSE * time:
            break
    return time

"""A figure with the interval that it lies in, and the ways to come by one. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

# The 95 % quantile of the normal distribution: a tenth of the probability is outside, half of it on each side.
Z = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 90 % interval: low <= estimate <= high. `high` may be infinite."""

    estimate: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.estimate <= self.high:
            raise ValueError(f"not in order: {self.low}, {self.estimate}, {self.high}")

    def at_least(self, least: float) -> Interval:
        """The same, knowing that the true value is not below `least`."""
        return Interval(max(self.estimate, least), max(self.low, least), max(self.high, least))

    def at_most(self, most: float) -> Interval:
        """The same, knowing that the true value is not above `most`."""
        return Interval(min(self.estimate, most), min(self.low, most), min(self.high, most))


def lognormal(seen: float, estimate: float, variance: float) -> Interval:
    """The interval of a total of which `seen` are certain, where the logarithm of the rest is taken as normal.

    It never reaches below what was seen (Chao 1987, Biometrics 43:783-791).
    """
    rest = estimate - seen
    if rest <= 0 or variance <= 0:
        return Interval(max(estimate, seen), seen, max(estimate, seen))
    factor = exp(Z * sqrt(log(1 + variance / rest**2)))
    return Interval(estimate, seen + rest / factor, seen + rest * factor)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A possible value, anywhere from `low` to `high`, and its weight."""

    low: float
    high: float
    weight: float


def credible(values: Iterable[Weighed], tail: float = 0.05) -> Interval:
    """The weighted median, and the values beyond which `tail` of the weight lies on either side.

    The ranges of the values are the same or do not overlap.
    """
    weights: dict[tuple[float, float], float] = defaultdict(float)
    for value in values:
        weights[value.low, value.high] += value.weight
    ordered = sorted(weights.items())
    total = sum(weights.values())
    return Interval(_at(ordered, total / 2), _at(ordered, total * tail), _at(ordered, total * (1 - tail)))


def _at(ordered: Sequence[tuple[tuple[float, float], float]], weight: float) -> float:
    for (low, high), own in ordered:
        if weight <= own:
            return low if low == high else low + (high - low) * weight / own
        weight -= own
    return ordered[-1][0][1]

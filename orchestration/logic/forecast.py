"""What the next entries will cost: the rate of new entries per dollar, its decline, and where that leads. Pure.

The unit is the caller's: a curve that is fed seconds instead of dollars forecasts time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import exp, expm1, inf, log, log1p, sqrt

from orchestration.logic.intervals import Interval, Weighed, credible

MOST_BLOCKS = 96
# Older spending counts for half at this share of all that was spent: the decline of late is what goes on.
HALF_LIFE = 0.1
# Fewer say nothing.
LEAST_REQUESTS, LEAST_NEW, LEAST_BLOCKS = 8, 10, 4
# How much the logarithm of the rate may change over all that was spent, as a standard deviation known beforehand.
USUAL_DECLINE = 4.0
# The same of the logarithm of the rate itself, around what it was of late: hardly a limit.
USUAL_CHANGE = 10.0
# The parameters are taken as normal; these many standard deviations stand for them all.
DEVIATIONS = tuple(each / 2 for each in range(-5, 6))
# How the decline goes on (Arps 1945, of oil wells): it slows down the more, the higher the exponent. Where entries
# come equally readily it does not slow, where they differ it does. None of these is preferred.
SHAPES = EXPONENTIAL, HYPERBOLIC, HARMONIC = 0.0, 0.5, 1.0


@dataclass(frozen=True, slots=True)
class Block:
    """Some requests in a row: how many, what they cost, and the new entries that they brought."""

    requests: int
    cost: float
    new: int

    def __add__(self, other: Block) -> Block:
        return Block(self.requests + other.requests, self.cost + other.cost, self.new + other.new)


# Less than this is no price, and would only bring numbers out of range.
LEAST_COST = 1e-12
NOTHING = Block(0, 0.0, 0)


@dataclass
class Curve:
    """New entries over spending, in a bounded number of blocks that grow as the run does."""

    blocks: list[Block] = field(default_factory=list)
    total: Block = NOTHING
    _size: int = 1
    _open: Block = NOTHING

    def record(self, cost: float, new: int) -> None:
        """One request. What cost nothing joins its neighbour: there is no rate over no spending."""
        request = Block(1, cost if cost > LEAST_COST else 0.0, new)
        self.total += request
        self._open += request
        if self._open.requests >= self._size and self._open.cost > 0:
            self.blocks.append(self._open)
            self._open = NOTHING
        if len(self.blocks) >= MOST_BLOCKS:
            self.blocks = [one + other for one, other in zip(self.blocks[::2], self.blocks[1::2], strict=True)]
            self._size *= 2

    @property
    def all_blocks(self) -> list[Block]:
        """With the one that is not full yet."""
        return [*self.blocks, self._open] if self._open.cost > 0 else list(self.blocks)


@dataclass(frozen=True, slots=True)
class Trend:
    """rate(x) = exp(level + slope x) new entries per dollar, x dollars from now; `spread` is the variance of counts
    over their mean, the others the variances and covariance of level and slope."""

    level: float
    slope: float
    level_variance: float
    slope_variance: float
    covariance: float
    spread: float

    def variants(self) -> Iterator[tuple[float, float, float]]:
        """Rates now, slopes, and their weights, that stand for what the parameters may be."""
        deviation = sqrt(self.level_variance)
        lean = self.covariance / self.level_variance
        rest = sqrt(max(self.slope_variance - self.covariance * lean, 0.0))
        for one in DEVIATIONS:
            for other in DEVIATIONS:
                slope = self.slope + lean * deviation * one + rest * other
                yield _exp(self.level + deviation * one), slope, exp(-(one**2 + other**2) / 2)


def price_of_next(curve: Curve, entries: int = 100) -> Interval | None:
    """What the next `entries` new entries will cost; a high end of inf says that they may never come.

    None: too little is known, or nothing was spent.
    """
    trend = fitted(curve)
    if trend is None:
        return None
    chance = sqrt(trend.spread / entries)
    prices = [
        (_price(rate, slope, entries * _exp(chance * luck), shape), weight * exp(-(luck**2) / 2))
        for rate, slope, weight in trend.variants()
        for luck in DEVIATIONS[::2]
        for shape in SHAPES
    ]
    return credible(Weighed(price, price, weight) for price, weight in prices)


def prospect(curve: Curve, cost: float) -> Interval | None:
    """How many new entries another `cost` will bring. None: too little is known."""
    trend = fitted(curve)
    if trend is None:
        return None
    means = [
        (_yield(rate, slope, cost, shape), weight) for rate, slope, weight in trend.variants() for shape in SHAPES
    ]
    yields = [
        (max(mean + luck * sqrt(trend.spread * mean), 0.0), weight * exp(-(luck**2) / 2))
        for mean, weight in means
        for luck in DEVIATIONS[::2]
    ]
    return credible(Weighed(count, count, weight) for count, weight in yields)


def _exp(power: float) -> float:
    """Neither nothing nor infinite, however odd the curve."""
    return exp(min(max(power, -300.0), 300.0))


def _price(rate: float, slope: float, entries: float, shape: float) -> float:
    """Solves yield(price) = entries; inf where the entries run out before. A rate that rose will not rise further."""
    if slope >= 0:
        return entries / rate
    part = -slope * entries / rate
    if shape == EXPONENTIAL:
        return log1p(-part) / slope if part < 1 else inf
    if shape == HARMONIC:
        return expm1(min(part, 500.0)) / -slope
    return entries / (rate + slope * entries / 2) if part < 2 else inf


def _yield(rate: float, slope: float, cost: float, shape: float) -> float:
    if slope * cost > -1e-9:
        return rate * cost
    if shape == EXPONENTIAL:
        return rate * expm1(slope * cost) / slope
    if shape == HARMONIC:
        return rate * log1p(-slope * cost) / -slope
    return rate * cost / (1 - slope * cost / 2)


# --- the fit --------------------------------------------------------------------------------------


def fitted(curve: Curve) -> Trend | None:
    """A Poisson regression of the blocks' new entries on spending, the later blocks with more weight.

    The counts vary more than Poisson's, as an answer's entries come together: the variance is scaled by the residuals
    (quasi-Poisson; McCullagh & Nelder 1989, chapter 6). None: too little is known.
    """
    total = curve.total
    if total.requests < LEAST_REQUESTS or total.new < LEAST_NEW or total.cost <= 0:
        return None
    points = _points(curve.all_blocks, total)
    return _trend(points, total.cost) if len(points) > LEAST_BLOCKS else None


@dataclass(frozen=True, slots=True)
class _Point:
    """A block: its middle (0: now, -1: the beginning), its cost and new entries, and its weight."""

    at: float
    cost: float
    new: float
    weight: float

    def mean(self, level: float, slope: float) -> float:
        """The new entries to be expected in it."""
        return self.cost * _exp(level + slope * self.at)


def _points(blocks: Sequence[Block], total: Block) -> list[_Point]:
    # Half an entry at the usual rate, so that a dry stretch has a finite level.
    points = [_Point(0.0, 0.5 * total.cost / total.new, 0.5, 1.0)]
    since = 0.0
    for block in reversed(blocks):
        at = -(since + block.cost / 2) / total.cost
        points.append(_Point(at, block.cost, block.new, 0.5 ** (-at / HALF_LIFE)))
        since += block.cost
    return points


def _trend(points: Sequence[_Point], total: float) -> Trend:
    level, slope = _maximum(points)
    spread = _spread(points, level, slope)
    first, second, third = _information(points, level, slope, spread)
    determinant = first * third - second**2
    return Trend(
        level=level,
        slope=slope / total,
        level_variance=third / determinant,
        slope_variance=first / determinant / total**2,
        covariance=-second / determinant / total,
        spread=spread,
    )


def _maximum(points: Sequence[_Point]) -> tuple[float, float]:
    """Level and slope of the greatest likelihood, by Newton's method in steps of at most one."""
    weight = sum(point.weight * point.cost for point in points)
    usual = log(sum(point.weight * point.new for point in points) / weight)
    level, slope = usual, 0.0
    for _ in range(50):
        surplus = [point.weight * (point.new - point.mean(level, slope)) for point in points]
        up = sum(surplus) - (level - usual) / USUAL_CHANGE**2
        over = sum(each * point.at for each, point in zip(surplus, points, strict=True)) - slope / USUAL_DECLINE**2
        first, second, third = _information(points, level, slope)
        determinant = first * third - second**2
        steps = (third * up - second * over) / determinant, (first * over - second * up) / determinant
        shorten = min(1.0, 1.0 / max(abs(steps[0]), abs(steps[1]), 1e-12))
        level, slope = level + shorten * steps[0], slope + shorten * steps[1]
        if max(map(abs, steps)) < 1e-8:
            break
    return level, slope


def _information(
    points: Sequence[_Point], level: float, slope: float, spread: float = 1.0
) -> tuple[float, float, float]:
    """What is known of level, of both, and of slope: the negated second derivatives of the log-likelihood, and what
    was known beforehand."""
    weights = [point.weight * point.mean(level, slope) / spread for point in points]
    first = sum(weights) + 1 / USUAL_CHANGE**2
    second = sum(weight * point.at for weight, point in zip(weights, points, strict=True))
    third = sum(weight * point.at**2 for weight, point in zip(weights, points, strict=True)) + 1 / USUAL_DECLINE**2
    return first, second, third


def _spread(points: Sequence[_Point], level: float, slope: float) -> float:
    """Pearson's statistic by its degrees of freedom; never below one, Poisson's own."""
    squares = sum(
        point.weight * (point.new - mean) ** 2 / mean for point in points if (mean := point.mean(level, slope)) > 0
    )
    return max(squares / max(sum(point.weight for point in points) - 2, 1.0), 1.0)

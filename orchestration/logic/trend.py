"""Whether the novelty rate rises or falls over a window, from sums alone. Pure.

The statistic is that of Cochran (1954) and Armitage (1955, Biometrics 11:375) for a linear trend in proportions over
blocks of time. They take each candidate for an independent trial, which those of one answer are not; so the variance
is estimated from whole requests, as Rao and Scott do for clusters (1992, Biometrics 48:577), and is never taken to be
less than the binomial one. The result is compared with Student's t.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from operator import add, sub
from typing import Literal, TypeAlias

Direction: TypeAlias = Literal["rising", "steady", "falling", "unknown"]

SIGNIFICANT = 0.05
FEWEST_REQUESTS = 8


@dataclass(frozen=True, slots=True)
class Trend:
    """How the novelty rate moves. `steady` unless `p_value` (two-sided) is below 0.05.

    `unknown`, without a p-value: fewer than eight requests with candidates, or all of them in one block of time.
    `per_block` is the fitted change of the rate from one block of time to the next.
    """

    direction: Direction = "unknown"
    p_value: float | None = None
    per_block: float | None = None


UNKNOWN = Trend()


class Moments:
    """The sums that the test needs, of requests with candidates. All are whole numbers: what is taken away again
    leaves nothing behind, and no precision is lost, however large the times are.

    With n candidates of which x were new, at block t: 1, n, x, nt, xt, ntt; then xx, xn and nn, each times 1, t, tt.
    """

    __slots__ = ("sums",)

    def __init__(self) -> None:
        self.sums: list[int] = [0] * 15

    def count(self, t: int, n: int, x: int) -> None:
        """Add one request; one without candidates says nothing."""
        if not n:
            return
        tt, xx, xn, nn = t * t, x * x, x * n, n * n
        one = (1, n, x, n * t, x * t, n * tt, xx, xn, nn, xx * t, xn * t, nn * t, xx * tt, xn * tt, nn * tt)
        self.sums = list(map(add, self.sums, one))

    def add(self, other: Moments) -> None:
        """Add the requests of `other`."""
        self.sums = list(map(add, self.sums, other.sums))

    def subtract(self, other: Moments) -> None:
        """Take the requests of `other` away."""
        self.sums = list(map(sub, self.sums, other.sums))


def trend_of(moments: Moments) -> Trend:
    """The trend of the novelty rate over the requests that were summed."""
    requests, n, x, nt, xt, ntt = moments.sums[:6]
    if requests < FEWEST_REQUESTS or n * ntt == nt * nt:
        return UNKNOWN
    spread = (n * ntt - nt * nt) / n  # of the times, around their mean
    score = (n * xt - nt * x) / n  # of what was new beyond the mean rate, times how late it was
    variance = max(_variance(moments) - score**2 / requests, spread * x * (n - x) / n**2)
    slope, freedom = score / spread, requests - 2
    p_value = _two_sided(abs(score) / math.sqrt(variance), freedom) if variance else 1.0
    if p_value >= SIGNIFICANT:
        return Trend("steady", p_value, slope)
    return Trend("rising" if slope > 0 else "falling", p_value, slope)


def _variance(moments: Moments) -> float:
    """The requests' shares in the score, squared: the sum of (t - mean t)² (x - n * mean rate)²."""
    _, n, x, nt, *_ = moments.sums
    # As fractions of whole numbers, since large times would leave little of a difference of floats.
    plain, times, squares = (
        n * n * xx - 2 * n * x * xn + x * x * nn
        for xx, xn, nn in (moments.sums[6:9], moments.sums[9:12], moments.sums[12:15])
    )
    return (n * n * squares - 2 * n * nt * times + nt * nt * plain) / n**4


def _two_sided(t: float, freedom: int) -> float:
    """The probability of a Student's t at least as far from 0, by the normal approximation of Wallace (1959, Annals
    of Mathematical Statistics 30:1124): for 6 degrees of freedom and more within 0.001 of the exact one."""
    z = (8 * freedom + 1) / (8 * freedom + 3) * math.sqrt(freedom * math.log1p(t * t / freedom))
    return math.erfc(z / math.sqrt(2))

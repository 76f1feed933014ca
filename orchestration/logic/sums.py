"""Sums over a group of requests that can be added to others and taken away again. Pure.

Latencies are counted in bins whose bounds grow by a constant factor (DDSketch: Masson, Rim and Lee, VLDB 2019), so
that bins can be added, and a quantile read from them is within 5 % of that request's own latency.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypeVar

from orchestration.logic.counts import RequestEvent, Totals
from orchestration.logic.trend import Moments

LATENCY_ERROR = 0.05
GROWTH = (1 + LATENCY_ERROR) / (1 - LATENCY_ERROR)
LOG_GROWTH = math.log(GROWTH)
NO_KIND = "unknown"

Key = TypeVar("Key", str, int)


def latency_bin(milliseconds: int) -> int:
    """The bin of a latency; those of a millisecond and less are in bin 0."""
    return math.ceil(math.log(milliseconds) / LOG_GROWTH) if milliseconds > 1 else 0


def quantile_ms(latencies: Mapping[int, int], share: float) -> int | None:
    """The latency in milliseconds that this share of the counted requests did not exceed; None without any."""
    left = share * sum(latencies.values())
    for place, count in sorted(latencies.items()):
        left -= count
        if left <= 0:
            return round(2 * GROWTH**place / (GROWTH + 1))  # as far from either bound of the bin, relatively
    return None


class Sums:
    """What is known of a group of requests.

    `errors` counts them by kind, of failed and of cut requests. `latencies` (counts by bin) are those of requests
    that did not fail: a refusal comes at once, and would flatter. `judged` counts the candidates for which it is
    known whether they fit their partition, and `fitting` those that did. `moments` leave blind probes out, which
    are asked otherwise; their time is a number of blocks.
    """

    __slots__ = ("errors", "fitting", "judged", "latencies", "moments", "totals")

    def __init__(self) -> None:
        self.totals = Totals()
        self.errors: dict[str, int] = {}
        self.latencies: dict[int, int] = {}
        self.judged = 0
        self.fitting = 0.0
        self.moments = Moments()

    def count(self, event: RequestEvent, block: int) -> None:
        """Add one request."""
        totals = event.totals
        self.totals += totals
        if event.error_kind or totals.failed_requests:
            kind = event.error_kind or NO_KIND
            self.errors[kind] = self.errors.get(kind, 0) + 1
        if not totals.failed_requests:
            place = latency_bin(event.response_ms)
            self.latencies[place] = self.latencies.get(place, 0) + 1
        if event.coherence is not None:
            self.judged += totals.candidates
            self.fitting += event.coherence * totals.candidates
        if not event.probe:
            self.moments.count(block, totals.candidates, totals.unique)

    def add(self, other: Sums) -> None:
        """Add the requests of `other`."""
        self.totals += other.totals
        for kind, count in other.errors.items():
            self.errors[kind] = self.errors.get(kind, 0) + count
        for place, count in other.latencies.items():
            self.latencies[place] = self.latencies.get(place, 0) + count
        self.judged += other.judged
        self.fitting += other.fitting
        self.moments.add(other.moments)

    def subtract(self, other: Sums) -> None:
        """Take the requests of `other` away, which were added before."""
        self.totals -= other.totals
        _take(self.errors, other.errors)
        _take(self.latencies, other.latencies)
        self.judged -= other.judged
        self.fitting -= other.fitting
        self.moments.subtract(other.moments)


def _take(counts: dict[Key, int], less: Mapping[Key, int]) -> None:
    for key, count in less.items():
        if counts[key] == count:
            del counts[key]
        else:
            counts[key] -= count

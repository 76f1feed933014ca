"""What a run believes of itself: how much is found, what more would cost, what each provider adds. Pure.

Fed each request once, in the order of commits; replaying them leads to the same beliefs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from math import inf, isinf
from typing import Any

from orchestration.logic.complementarity import Contributions
from orchestration.logic.coverage import Coverage, ProbeSample, estimate, listed_by_others
from orchestration.logic.forecast import Curve, price_of_next, prospect
from orchestration.logic.intervals import Interval
from orchestration.logic.outlook import ENTRIES, Outlook, Wish, with_coverage, with_price
from orchestration.logic.recapture import Listed

# A curve that has gone flat can be drawn on to any price; beyond so many times what was spent it says nothing.
FAR_ABOVE = 20
LEAST_REQUESTS = 5  # new ones, before the price of the next entries is worked out anew


@dataclass(frozen=True, slots=True)
class Judged:
    """The estimates as of some moment."""

    coverage: Coverage | None = None
    price: Interval | None = None
    prospect: Interval | None = None


@dataclass
class Estimates:
    """The evidence of one list, and what was made of it last. `requests` counts those of the list so far;
    `unprobed` are the providers in use of which no probe tells what they know.

    It counts entries as they were found: those that people have rejected since are among them, as models name them
    like others. What people rejected before this list began is never found, and counts for nothing here.
    """

    sample: ProbeSample = field(default_factory=ProbeSample)
    curve: Curve = field(default_factory=Curve)
    contributions: Contributions = field(default_factory=Contributions)
    outlook: Outlook = field(default_factory=Outlook)
    judged: Judged = field(default_factory=Judged)
    unprobed: frozenset[str] = frozenset()
    requests: int = 0
    spent: float = 0.0
    _judged_requests: int = 0

    def record(
        self, provider: str, new: Sequence[int], repeats: Sequence[int], *, cost: float, probe: bool, found: int
    ) -> None:
        """Take in a request: the ids of what was new and of what was repeated; `found`: the length of the list with
        what it added. Ids below zero are of what people rejected before."""
        repeats = [each for each in repeats if each > 0]
        self.requests += 1
        self.spent += cost
        self.curve.record(cost, len(new))
        self.contributions.record(provider, new, repeats, cost)
        if probe:
            known = set(repeats).difference(new)
            self.sample.record(provider, [*new, *known], len(known), max(found - len(new), 0))

    @property
    def due(self) -> bool:
        """Whether there is enough new evidence to judge anew."""
        probed = self.sample.recorded != (self.judged.coverage.recorded if self.judged.coverage else 0)
        return probed or self.requests >= self._judged_requests + LEAST_REQUESTS

    def evidence(self, found: int) -> Evidence:
        """What `judge` needs, apart from what goes on being recorded."""
        self._judged_requests = self.requests
        known = self.judged.coverage
        sample = None if known and known.recorded == self.sample.recorded else deepcopy(self.sample)
        listed = listed_by_others(sample, self.contributions) if sample else {}
        return Evidence(sample, deepcopy(self.curve), found, self.spent, known, listed)

    def conclude(self, judged: Judged, wish: Wish, asked: Collection[str], hope: float | None = None) -> None:
        """Hold new judgements against the user's wish; `asked`: the providers in use; `hope`: USD for 100 entries
        where the steering expects the cheapest."""
        self.judged = judged
        self.unprobed = frozenset(asked).difference(judged.coverage.providers if judged.coverage else ())
        if judged.coverage is not None:
            self.outlook = with_coverage(self.outlook, judged.coverage, wish, asked)
        self.outlook = with_price(self.outlook, judged.price, wish, self.requests, hope)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A copy of what was recorded. `sample` None: no probe has come since `before`. `listed`: against what the other
    providers have listed each one's probes are held."""

    sample: ProbeSample | None
    curve: Curve
    found: int
    spent: float
    before: Coverage | None
    listed: Mapping[str, Listed] = field(default_factory=dict)


def judge(evidence: Evidence) -> Judged:
    """The estimates. Takes some tenths of a second: not for an event loop."""
    coverage = evidence.before
    if evidence.sample is not None:
        coverage = estimate(evidence.sample, evidence.found, evidence.listed)
    price = price_of_next(evidence.curve, ENTRIES)
    more = prospect(evidence.curve, evidence.spent / 10) if evidence.spent else None
    return Judged(coverage, price, more)


def as_data(estimates: Estimates) -> dict[str, Any]:
    """For files, summary and portal. Shares and prices as estimate, low and high; null where too little is known.

    As long as a provider in use was never probed, how much of all is found is not known: `coverage_of_probed` is the
    share of what the others know.
    """
    judged, coverage = estimates.judged, estimates.judged.coverage
    whole = None if estimates.unprobed else coverage
    return {
        "coverage": interval_data(whole.items if whole else None),
        "mass_coverage": interval_data(whole.mass if whole else None),
        "coverage_of_probed": {
            **interval_data(coverage.items if coverage else None),
            "providers": sorted(coverage.providers if coverage else ()),
            "unprobed": sorted(estimates.unprobed),
        },
        "total_lower_bounds": {
            name: interval_data(bound) for name, bound in (coverage.total_low if coverage else {}).items()
        },
        "recapture": [
            {"providers": [each.first, each.second], "both": each.both, **interval_data(each.total)}
            for each in (coverage.recapture if coverage else ())
        ],
        "unseen": coverage.unseen if coverage else "",
        "probes": coverage.recorded if coverage else 0,
        "price_of_next_100_usd": interval_data(_sober(judged.price, estimates.spent)),
        "going_on": {"usd": round(estimates.spent / 10, 6), "entries": interval_data(judged.prospect)},
        "contributions": {
            name: {
                "named": each.named,
                "alone": each.alone,
                "first": each.first,
                "cost_per_own_entry_usd": each.cost_per_own_entry,
            }
            for name, each in estimates.contributions.all().items()
        },
    }


def _sober(price: Interval | None, spent: float) -> Interval | None:
    """A price far above all that was ever paid is only known to be far above."""
    most = FAR_ABOVE * spent
    if price is None or price.estimate <= most:
        return price
    return Interval(inf, min(price.low, most), inf)


def interval_data(interval: Interval | None) -> dict[str, float | None]:
    """JSON knows no infinity: an end that is open is null."""
    if interval is None:
        return {"estimate": None, "low": None, "high": None}
    ends = {"estimate": interval.estimate, "low": interval.low, "high": interval.high}
    return {name: None if isinf(end) else round(end, 6) for name, end in ends.items()}

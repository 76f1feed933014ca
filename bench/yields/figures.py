"""Medians over the seeds of a scenario, and over all runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.yields.measures import BY_ALPHABET, FULL_LIST, LIFETIME, ORACLE, OURS, SINGLE, UNIFORM, Claim, Outcome

TIGHT, NEAR = 0, 1
BUDGETS = (TIGHT, NEAR)
RIVALS = (FULL_LIST, UNIFORM, SINGLE, LIFETIME, ORACLE)


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some figures and the range of the middle nine tenths."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"


def spread(values: Iterable[float]) -> Spread:
    ordered = sorted(values)
    last = len(ordered) - 1
    return Spread(median(ordered), ordered[round(0.05 * last)], ordered[round(0.95 * last)])


def stronger_uniform(outcomes: Sequence[Outcome], budget: int) -> str:
    """Of the two uniform rivals the one that finds more in these runs."""
    return max((UNIFORM, BY_ALPHABET), key=lambda name: median(each.found[name][budget] for each in outcomes))


def ratios(outcomes: Sequence[Outcome], rival: str, budget: int, of: str = OURS) -> list[float]:
    """Ours (or those `of` another) to the rival's in each run of one scenario: true entries for the same money."""
    against = stronger_uniform(outcomes, budget) if rival == UNIFORM else rival
    return [each.found[of][budget] / max(each.found[against][budget], 1.0) for each in outcomes]


def shares(outcomes: Sequence[Outcome], name: str, budget: int) -> float:
    """The median share of what the models know that a policy finds."""
    return median(each.found[name][budget] / each.reachable for each in outcomes)


def claims(outcomes: Iterable[Outcome], kind: str, tight: bool | None = None) -> list[Claim]:
    """All claims of a kind, or those at the tight budget only, or those at all other moments."""
    of_kind = (claim for each in outcomes for claim in each.claims if claim.kind == kind)
    return [claim for claim in of_kind if tight in (None, claim.tight)]


def stated(all_claims: Sequence[Claim]) -> float:
    """The share of the moments at which an interval was stated at all."""
    return sum(claim.interval is not None for claim in all_claims) / max(len(all_claims), 1)


def contained(all_claims: Sequence[Claim]) -> float | None:
    """The share of the stated intervals that contain the truth; None where none was stated."""
    hits = [claim.interval.contains(claim.truth) for claim in all_claims if claim.interval is not None]
    return sum(hits) / len(hits) if hits else None


def width(all_claims: Sequence[Claim]) -> float | None:
    """The median width of the stated intervals: one that says nothing contains everything."""
    widths = [claim.interval.high - claim.interval.low for claim in all_claims if claim.interval is not None]
    return median(widths) if widths else None


def missing(all_claims: Sequence[Claim]) -> tuple[float, float]:
    """The shares of the stated intervals that lie wholly above the truth, and wholly below it."""
    known = [(claim.interval, claim.truth) for claim in all_claims if claim.interval is not None]
    above = sum(interval.low > truth for interval, truth in known)
    below = sum(interval.high < truth for interval, truth in known)
    return above / max(len(known), 1), below / max(len(known), 1)


def by_scenario(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = {}
    for each in outcomes:
        found.setdefault(each.scenario, []).append(each)
    return found


def over_all(groups: Iterable[Sequence[Outcome]], rival: str, budget: int, of: str = OURS) -> list[float]:
    """The ratios of all runs of all scenarios."""
    return [ratio for outcomes in groups for ratio in ratios(outcomes, rival, budget, of)]

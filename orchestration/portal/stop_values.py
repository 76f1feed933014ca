"""How far a run is from each of the limits that would end it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from orchestration.logic.money import usd
from orchestration.portal.queries import ListState, RunState

Interval = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class StopState:
    """One limit: its name, how far the run is in words, and as a share of it (0 to 1; None: not known yet)."""

    name: str
    words: str
    share: float | None


def stop_values(run: RunState | None, present_list: ListState, figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    if run is None:
        return []
    return [asdict(stop) for stop in _stops(run, present_list, figures.get("estimates") or {})]


def _stops(run: RunState, present_list: ListState, known: Mapping[str, Any]) -> Iterator[StopState]:
    limits = run.limits
    if limits.target is not None:
        words = f"{present_list.entries:,} of {limits.target:,} entries"
        yield StopState("Target", words, _share(present_list.entries, limits.target))
    if limits.budget_usd is not None:
        spent = run.cost_usd + run.lost_usd
        words = f"{usd(spent)} of {usd(limits.budget_usd)}"
        yield StopState("Budget", words, _share(float(spent), float(limits.budget_usd)))
    if limits.minutes is not None:
        minutes = run.active_seconds / 60
        yield StopState("Minutes", f"{minutes:,.1f} of {limits.minutes:,g} minutes", _share(minutes, limits.minutes))
    if limits.iterations is not None:
        most = limits.iterations * run.producer_count
        words = f"{run.requests:,} of {most:,} requests ({limits.iterations:,} for each producer)"
        yield StopState("Iterations", words, _share(run.requests, most))
    if limits.coverage is not None:
        yield _coverage(limits.coverage, (known.get("coverage") or {}).get("low"))
    if limits.price_usd is not None:
        yield _price(float(limits.price_usd), (known.get("price_of_next_100_usd") or {}).get("estimate"))


def _coverage(wanted: float, low: float | None) -> StopState:
    if low is None:
        return StopState("Coverage", f"not known yet; {wanted:.0%} of the entries are asked for", None)
    return StopState("Coverage", f"at least {low:.0%} of {wanted:.0%} of the entries", _share(low, wanted))


def _price(most: float, estimate: float | None) -> StopState:
    if estimate is None:
        return StopState("Price", f"not known yet; at most {usd(most)} for the next 100 entries", None)
    return StopState("Price", f"{usd(estimate)} of {usd(most)} for the next 100 entries", _share(estimate, most))


def _share(done: float, wanted: float) -> float:
    return round(min(1.0, done / wanted), 3) if wanted else 1.0

"""A run in figures, as files, pages and decisions use them: rates and quantiles, from sums. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestration.logic.counts import Totals, uam
from orchestration.logic.sums import Sums, quantile_ms
from orchestration.logic.trend import Trend, trend_of
from orchestration.logic.windows import BLOCK_SECONDS, WHOLE, Dimension, Group, Window, Windows


@dataclass(frozen=True, slots=True)
class Figures:
    """One group of requests over one stretch of time.

    `seconds` is the stretch's real length, over which `uam` is worked out. `errors` counts by kind, of failed and of
    cut requests. Latencies are those of requests that did not fail, within 5 %. `coherence` is the share of the
    candidates that fit the partition they were asked from, among those of which it is known. `trend` is that of the
    novelty rate; None over a whole run, where it says nothing. Shares that nothing is known of are None.
    """

    seconds: float
    totals: Totals
    errors: Mapping[str, int]
    latency_p50_ms: int | None
    latency_p95_ms: int | None
    coherence: float | None
    trend: Trend | None = None

    @property
    def success_rate(self) -> float | None:
        return self.totals.success_rate

    @property
    def novelty_rate(self) -> float | None:
        return self.totals.novelty_rate

    @property
    def unique_per_dollar(self) -> float | None:
        return self.totals.unique_per_dollar

    @property
    def uam(self) -> float:
        return uam(self.totals.unique, self.seconds)


@dataclass(frozen=True, slots=True)
class Scopes:
    """One group over the run, the last 5 and the last 30 minutes; None: it made no request in that window."""

    run: Figures
    short: Figures | None
    long: Figures | None


@dataclass(frozen=True, slots=True)
class RunFigures:
    """A run as a whole, and by what its requests have in common.

    Producers by slot, as text; prompts by hash; an empty partition is the whole topic. Over the run each mapping has
    the hundred keys that were used last, and in a window a hundred at most; the others are together under
    `(others)`.
    """

    whole: Scopes
    providers: Mapping[str, Scopes]
    producers: Mapping[str, Scopes]
    partitions: Mapping[str, Scopes]
    prompts: Mapping[str, Scopes]
    styles: Mapping[str, Scopes]


def figures_of(sums: Sums, seconds: float, *, trend: bool = False) -> Figures:
    """The figures of these requests, which took place within `seconds`."""
    return Figures(
        seconds=seconds,
        totals=sums.totals,
        errors=dict(sums.errors),
        latency_p50_ms=quantile_ms(sums.latencies, 0.5),
        latency_p95_ms=quantile_ms(sums.latencies, 0.95),
        coherence=sums.fitting / sums.judged if sums.judged else None,
        trend=trend_of(sums.moments) if trend else None,
    )


def run_figures(windows: Windows, now: float, age: float, active_seconds: float) -> RunFigures:
    """The figures of settled sums at `now`, of a run that began `age` seconds ago and was under way for some."""
    short, long = (
        _in_window(window, min(windows.seconds(window, now), age)) for window in (windows.short, windows.long)
    )
    run = {group: figures_of(sums, active_seconds) for group, sums in windows.run.items()}
    scopes = {
        group: Scopes(run.get(group) or figures_of(Sums(), active_seconds), short.get(group), long.get(group))
        for group in sorted({WHOLE, *run, *long})
    }
    return RunFigures(
        whole=scopes[WHOLE],
        providers=_dimension(scopes, "provider"),
        producers=_dimension(scopes, "producer"),
        partitions=_dimension(scopes, "partition"),
        prompts=_dimension(scopes, "prompt"),
        styles=_dimension(scopes, "style"),
    )


def plain(figures: RunFigures) -> dict[str, Any]:
    """Plain values, ready for JSON."""
    return {
        "run": _plain_scopes(figures.whole),
        "providers": _plain_mapping(figures.providers),
        "producers": _plain_mapping(figures.producers),
        "partitions": _plain_mapping(figures.partitions),
        "prompts": _plain_mapping(figures.prompts),
        "styles": _plain_mapping(figures.styles),
    }


def plain_counts(totals: Totals) -> dict[str, Any]:
    """The counts alone."""
    return {
        "requests": totals.requests,
        "failed_requests": totals.failed_requests,
        "candidates": totals.candidates,
        "rejected": totals.rejected,
        "tokens_in": totals.tokens_in,
        "tokens_out": totals.tokens_out,
        "tokens_cached": totals.tokens_cached,
        "cost_usd": round(float(totals.cost_usd), 6),
        "unpriced_requests": totals.unpriced,
    }


def plain_rates(figures: Figures) -> dict[str, Any]:
    """What a provider is judged by."""
    return {
        "success_rate": rounded(figures.success_rate),
        "novelty_rate": rounded(figures.novelty_rate),
        "unique_per_dollar": rounded(figures.unique_per_dollar, 2),
        "latency_p50_ms": figures.latency_p50_ms,
        "latency_p95_ms": figures.latency_p95_ms,
    }


def rounded(rate: float | None, digits: int = 4) -> float | None:
    return None if rate is None else round(rate, digits)


def _in_window(window: Window, seconds: float) -> dict[Group, Figures]:
    return {group: figures_of(sums, seconds, trend=True) for group, sums in window.groups.items()}


def _dimension(scopes: Mapping[Group, Scopes], dimension: Dimension) -> dict[str, Scopes]:
    return {key: each for (of, key), each in scopes.items() if of == dimension}


def _plain_mapping(scopes: Mapping[str, Scopes]) -> dict[str, Any]:
    return {key: _plain_scopes(each) for key, each in scopes.items()}


def _plain_scopes(scopes: Scopes) -> dict[str, Any]:
    told = {"run": scopes.run, "last_5_minutes": scopes.short, "last_30_minutes": scopes.long}
    return {name: None if each is None else _plain_figures(each) for name, each in told.items()}


def _plain_figures(figures: Figures) -> dict[str, Any]:
    return {
        "seconds": round(figures.seconds, 3),
        "unique": figures.totals.unique,
        **plain_counts(figures.totals),
        **plain_rates(figures),
        "uam": round(figures.uam, 2),
        "errors": dict(figures.errors),
        "partition_coherence": rounded(figures.coherence),
        "trend": None if figures.trend is None else _plain_trend(figures.trend),
    }


def _plain_trend(trend: Trend) -> dict[str, Any]:
    per_minute = None if trend.per_block is None else trend.per_block * 60 / BLOCK_SECONDS
    return {
        "direction": trend.direction,
        "p_value": rounded(trend.p_value),
        "novelty_rate_per_minute": rounded(per_minute),
    }

"""A run's statistics, from the database: after a restart, and for a run that is over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, FloatField, Max, Q, Sum, Value
from django.db.models.functions import Ceil, Greatest, Ln

from orchestration.logic.effects import FilterEffects
from orchestration.logic.statistics import RequestEvent, RunStatistics, Totals
from orchestration.logic.sums import LOG_GROWTH, NO_KIND, Sums
from orchestration.logic.windows import BLOCK_SECONDS, LONG_BLOCKS, Cell
from orchestration.models import Request, Run

# A second's reading. A run that makes more requests in half an hour than this begins its long window later.
MOST_RECENT = 50_000
CELL = ("provider__name", "producer__slot", "partition", "prompt_id", "style")
COUNTS = ("candidates", "unique", "rejected", "tokens_in", "tokens_out", "cost_usd", "tokens_cached")


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment on two clocks: monotonic seconds, which statistics count in, and the time of day."""

    monotonic: float
    wall: datetime

    def monotonic_at(self, wall: datetime) -> float:
        """The monotonic time of another moment."""
        return self.monotonic - (self.wall - wall).total_seconds()


def recounted(run: Run, now: Moment) -> RunStatistics:
    """The statistics of a run as of `now`: its sums added up by the database, its windows from the requests of the
    last half hour, the newest 50,000 at most. The time that no engine ran counts as time."""
    last = Request.objects.filter(run=run).aggregate(last=Max("id"))["last"] or 0
    since = now.wall - timedelta(seconds=BLOCK_SECONDS * LONG_BLOCKS)
    recent = Request.objects.filter(run=run, finished_at__gte=since).order_by("id")
    statistics = RunStatistics(began=now.monotonic_at(run.started_at))
    if recent.filter(id__lte=last - MOST_RECENT).exists():
        recent = recent.filter(id__gt=last - MOST_RECENT)
        statistics.began = None  # with the first of these
    statistics.restore(_events(recent, now), _cells(run))
    statistics.effects = _effects(run)
    return statistics


def _effects(run: Run) -> FilterEffects:
    sums = Request.objects.filter(run=run).aggregate(
        checked=Sum("filter_checked", default=0),
        probable=Sum("filter_probable", default=0),
        asked_back=Sum("filter_asked_back", default=0),
        aborted=Count("id", filter=Q(filter_aborted=True)),
        tokens_saved=Sum("filter_tokens_saved", default=0),
    )
    return FilterEffects(**sums)


def _events(recent: Any, now: Moment) -> Iterator[RequestEvent]:
    rows = recent.values_list(
        "finished_at", "outcome", "error_kind", "response_time_ms", "partition_coherence", "probe", *CELL, *COUNTS
    )
    for finished_at, outcome, error_kind, response_ms, coherence, probe, *rest in rows.iterator(chunk_size=2_000):
        provider, slot, partition, prompt, style, *counts = rest
        yield RequestEvent(
            at=min(now.monotonic_at(finished_at), now.monotonic),  # the time of day may have been set back
            provider=provider,
            slot=slot,
            totals=_totals(1, outcome, int(counts[5] is None), counts),
            error_kind=error_kind,
            partition=partition,
            prompt=prompt,
            style=style,
            response_ms=response_ms,
            coherence=coherence,
            probe=probe,
        )


def _totals(requests: int, outcome: str, unpriced: int, counts: Sequence[Any]) -> Totals:
    candidates, unique, rejected, tokens_in, tokens_out, cost_usd, tokens_cached = counts
    return Totals(
        requests=requests,
        failed_requests=requests if outcome == Request.Outcome.FAILED else 0,
        candidates=candidates,
        unique=unique,
        rejected=rejected,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        cost_usd=cost_usd or Decimal(0),
        unpriced=unpriced,
        tokens_cached=tokens_cached,
    )


def _cells(run: Run) -> dict[Cell, Sums]:
    """The sums over the run by what requests have in common, those of the newest requests last."""
    cells: dict[Cell, Sums] = defaultdict(Sums)
    newest: dict[Cell, int] = defaultdict(int)
    for row in _sums_by_outcome(run).iterator(chunk_size=2_000):
        cell: Cell = row[:5]
        newest[cell] = max(newest[cell], row[5])
        _add_row(cells[cell], *row[6:])
    for *of, place, count in _latencies(run).iterator(chunk_size=2_000):
        cells[tuple(of)].latencies[int(place)] = count
    return {cell: cells[cell] for cell in sorted(cells, key=newest.__getitem__)}


def _sums_by_outcome(run: Run) -> Any:
    """By cell, outcome and kind of error: the cell, its newest request, and what `_add_row` takes."""
    requests = Request.objects.filter(run=run).order_by()
    return requests.values(*CELL, "outcome", "error_kind").annotate(
        newest=Max("id"),
        requests=Count("id"),
        unpriced=Count("id", filter=Q(cost_usd__isnull=True)),
        judged=Sum("candidates", filter=Q(partition_coherence__isnull=False)),
        fitting=Sum(F("candidates") * F("partition_coherence"), output_field=FloatField()),
        **{f"all_{name}": Sum(name) for name in COUNTS},
    ).values_list(
        *CELL, "newest", "outcome", "error_kind", "requests", "unpriced", "judged", "fitting",
        *(f"all_{name}" for name in COUNTS),
    )  # fmt: skip


def _latencies(run: Run) -> Any:
    """The requests that did not fail, by cell and bin of their latency: the cell, the bin, how many."""
    answered = Request.objects.filter(run=run).exclude(outcome=Request.Outcome.FAILED).order_by()
    place = Ceil(Ln(Greatest(F("response_time_ms"), 1)) / Value(LOG_GROWTH))
    return answered.annotate(place=place).values_list(*CELL, "place").annotate(Count("id"))


def _add_row(
    sums: Sums,
    outcome: str,
    error_kind: str,
    requests: int,
    unpriced: int,
    judged: int | None,
    fitting: float | None,
    *counts: Any,
) -> None:
    sums.totals += _totals(requests, outcome, unpriced, counts)
    sums.judged += judged or 0
    sums.fitting += fitting or 0.0
    if error_kind or outcome == Request.Outcome.FAILED:
        kind = error_kind or NO_KIND
        sums.errors[kind] = sums.errors.get(kind, 0) + requests

"""A run's statistics, from the database: after a restart, and for a run that is over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, FloatField, Max, Q, Sum, Value
from django.db.models.functions import Ceil, Greatest, Ln

from orchestration.logic.statistics import RequestEvent, RunStatistics, Totals
from orchestration.logic.sums import LOG_GROWTH, NO_KIND, Sums
from orchestration.logic.windows import BLOCK_SECONDS, LONG_BLOCKS, Cell
from orchestration.models import Request, Run

# A second's reading. A run that makes more requests in half an hour than this begins its long window later.
MOST_RECENT = 100_000
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
    last half hour, the newest 100,000 at most. The time that no engine ran counts as time."""
    last = Request.objects.filter(run=run).aggregate(last=Max("id"))["last"] or 0
    since = now.wall - timedelta(seconds=BLOCK_SECONDS * LONG_BLOCKS)
    recent = Request.objects.filter(run=run, finished_at__gte=since).order_by("id")
    statistics = RunStatistics(began=now.monotonic_at(run.started_at))
    if recent.filter(id__lte=last - MOST_RECENT).exists():
        recent = recent.filter(id__gt=last - MOST_RECENT)
        statistics.began = None  # with the first of these
    statistics.restore(_events(recent, now), _cells(run))
    return statistics


def _events(recent: Any, now: Moment) -> Iterator[RequestEvent]:
    rows = recent.values_list(
        "finished_at", "outcome", "error_kind", "response_time_ms", "partition_coherence", "probe", *CELL, *COUNTS
    )
    for finished_at, outcome, error_kind, response_ms, coherence, probe, *rest in rows.iterator(chunk_size=2_000):
        provider, slot, partition, prompt, style, *counts = rest
        yield RequestEvent(
            at=now.monotonic_at(finished_at),
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


def _totals(requests: int, outcome: str, unpriced: int, counts: list[Any]) -> Totals:
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
    judged = Q(partition_coherence__isnull=False)
    fitting = Sum(F("candidates") * F("partition_coherence"), output_field=FloatField())
    rows = (
        Request.objects.filter(run=run)
        .annotate(latency_bin=Ceil(Ln(Greatest(F("response_time_ms"), 1)) / Value(LOG_GROWTH)))
        .values_list(*CELL, "outcome", "error_kind", "latency_bin")
        .annotate(
            newest=Max("id"),
            requests=Count("id"),
            unpriced=Count("id", filter=Q(cost_usd__isnull=True)),
            judged=Sum("candidates", filter=judged),
            fitting=fitting,
            **{f"all_{name}": Sum(name) for name in COUNTS},
        )
        .order_by()
    )
    cells: dict[Cell, Sums] = {}
    newest: dict[Cell, int] = {}
    for row in rows.iterator(chunk_size=2_000):
        cell: Cell = row[:5]
        _add_row(cells.setdefault(cell, Sums()), row[5:])
        newest[cell] = max(newest.get(cell, 0), row[8])
    return {cell: cells[cell] for cell in sorted(cells, key=newest.__getitem__)}


def _add_row(sums: Sums, row: tuple[Any, ...]) -> None:
    outcome, error_kind, latency_bin, _, requests, unpriced, judged, fitting, *counts = row
    sums.totals += _totals(requests, outcome, unpriced, counts)
    sums.judged += judged or 0
    sums.fitting += fitting or 0.0
    if outcome != Request.Outcome.FAILED:
        place = int(latency_bin)
        sums.latencies[place] = sums.latencies.get(place, 0) + requests
    if error_kind or outcome == Request.Outcome.FAILED:
        kind = error_kind or NO_KIND
        sums.errors[kind] = sums.errors.get(kind, 0) + requests

"""What the data card of an export says of a list: its runs, its money, its coverage."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from orchestration.models import Request, Run, RunFigures
from topics.exports.cards import ListFacts, Maker, RunFact, Spent

NO_INTERVAL = {"estimate": None, "low": None, "high": None}


def facts_of_list(topic_id: int) -> ListFacts:
    """Of the topic's present list."""
    numbers = Run.objects.filter(topic=topic_id).order_by("-list_number").values("list_number")[:1]
    runs = Run.objects.filter(topic=topic_id, list_number=numbers).exclude(list_number=0).order_by("number")
    newest = RunFigures.objects.filter(run__in=runs).exclude(data={}).order_by("-run__number").first()
    estimates: dict[str, Any] = newest.data.get("estimates", {}) if newest else {}
    probed = estimates.get("coverage_of_probed", {})
    return ListFacts(
        runs=tuple(
            RunFact(run.number, run.get_state_display().lower(), run.started_at, run.ended_at, run.stop_reason)
            for run in runs
        ),
        spent=_spent(runs),
        lost_usd=sum((run.lost_usd for run in runs), Decimal(0)),
        coverage={
            "items": estimates.get("coverage", NO_INTERVAL),
            "items_of_probed": {end: probed.get(end) for end in NO_INTERVAL},
            "mass": estimates.get("mass_coverage", NO_INTERVAL),
        },
        coverage_at=newest.updated_at if newest else None,
        unprobed=tuple(probed.get("unprobed", ())),
    )


def _spent(runs: QuerySet[Run]) -> dict[Maker, Spent]:
    rows = (
        Request.objects.filter(run__in=runs)
        .order_by()
        .values_list("provider__name", "provider__model", "provider__kind")
        .annotate(requests=Count("id"), unpriced=Count("id", filter=Q(cost_usd=None)), cost=Sum("cost_usd"))
    )
    return {
        Maker(name, model, kind): Spent(requests, unpriced, cost or Decimal(0))
        for name, model, kind, requests, unpriced, cost in rows
    }

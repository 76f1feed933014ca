"""What changes slowly on a live page: providers with their weights, figures, parts, the newest decisions."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db.models import Count, Max, Q, Sum

from orchestration.models import Decision, Run, RunFigures
from orchestration.portal.briefly import Briefly
from producers.models import Provider, ProviderWeight
from topics.models import TopicPartition

NEWEST_DECISIONS = 10
SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class WeightState:
    slot: int
    weight: float
    pinned: bool


@dataclass(frozen=True, slots=True)
class ProviderState:
    """A provider of the run, with its weights by producer, and its health as the engine saw it last."""

    id: int
    name: str
    model: str
    simulated: bool
    enabled: bool
    health: str
    detail: str
    paused_until: datetime | None
    in_flight: int
    limit: int
    weights: tuple[WeightState, ...]


@dataclass(frozen=True, slots=True)
class DecisionState:
    id: int
    at: datetime
    kind: str
    subject: str
    before: str
    after: str
    reason: str


@dataclass(frozen=True, slots=True)
class Panels:
    """`figures` is what RunFigures holds; `parts` changes whenever a part does."""

    run_id: int | None = None
    providers: tuple[ProviderState, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    decisions: tuple[DecisionState, ...] = ()
    parts: str = ""


NO_PANELS = Panels()


class FigureReader:
    """Reads a run's figures, up to a megabyte, only when they have changed."""

    def __init__(self, most: int = 32) -> None:
        self._most = most
        self._known: dict[int, tuple[datetime, Mapping[str, Any]]] = {}
        self._lock = threading.Lock()

    def read(self, run_id: int) -> Mapping[str, Any]:
        figures = RunFigures.objects.filter(run=run_id)
        at = figures.values_list("updated_at", flat=True).first()
        with self._lock:
            known = self._known.get(run_id)
        if at is None or (known and known[0] == at):
            return known[1] if known and at else {}
        data: Mapping[str, Any] = figures.values_list("data", flat=True).first() or {}
        with self._lock:
            self._known[run_id] = at, data
            while len(self._known) > self._most:
                del self._known[next(iter(self._known))]
        return data


_figures = FigureReader()
_recent: Briefly[int, Panels] = Briefly(SECONDS)


def recent_panels(topic_id: int) -> Panels:
    """The panels as of the last second, read once for all who ask."""
    return _recent.get(topic_id, time.monotonic(), lambda: read_panels(topic_id))


def read_panels(topic_id: int) -> Panels:
    """The panels of the topic's newest run."""
    run_id = Run.objects.filter(topic=topic_id).order_by("-number").values_list("pk", flat=True).first()
    if run_id is None:
        return Panels(parts=_parts_mark(topic_id, 0))
    figures = _figures.read(run_id)
    return Panels(
        run_id=run_id,
        providers=provider_states(run_id),
        figures=figures,
        decisions=newest_decisions(run_id),
        parts=_parts_mark(topic_id, run_id),
    )


def provider_states(run_id: int) -> tuple[ProviderState, ...]:
    """The providers that producers of the run may ask, by name."""
    weights: dict[int, list[WeightState]] = {}
    facts: dict[int, tuple[Any, ...]] = {}
    rows = ProviderWeight.objects.filter(producer__run=run_id).order_by("provider__name", "producer__slot")
    for slot, weight, pinned, id_, *rest in rows.values_list(
        "producer__slot",
        "weight",
        "pinned",
        "provider",
        "provider__name",
        "provider__model",
        "provider__kind",
        "provider__enabled",
        "provider__health__state",
        "provider__health__detail",
        "provider__health__paused_until",
        "provider__health__in_flight",
        "provider__health__limit",
    ):
        weights.setdefault(id_, []).append(WeightState(slot, weight, pinned))
        facts[id_] = tuple(rest)
    return tuple(_provider(id_, *each, weights=tuple(weights[id_])) for id_, each in facts.items())


def _provider(
    id_: int,
    name: str,
    model: str,
    kind: str,
    enabled: bool,
    health: str | None,
    detail: str | None,
    paused_until: datetime | None,
    in_flight: int | None,
    limit: int | None,
    *,
    weights: tuple[WeightState, ...],
) -> ProviderState:
    return ProviderState(
        id=id_,
        name=name,
        model=model,
        simulated=kind == Provider.Kind.SIMULATED,
        enabled=enabled,
        health=health or "",
        detail=detail or "",
        paused_until=paused_until,
        in_flight=in_flight or 0,
        limit=limit or 0,
        weights=weights,
    )


def newest_decisions(
    run_id: int, limit: int = NEWEST_DECISIONS, before: int | None = None, kind: str = ""
) -> tuple[DecisionState, ...]:
    """Newest first, those before an id, of one kind or of all."""
    rows = Decision.objects.filter(run=run_id).order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    if kind:
        rows = rows.filter(kind=kind)
    columns = ("id", "at", "kind", "subject", "before", "after", "reason")
    return tuple(DecisionState(*row) for row in rows.values_list(*columns)[:limit])


def _parts_mark(topic_id: int, run_id: int) -> str:
    parts = TopicPartition.objects.filter(topic=topic_id)
    counts = parts.aggregate(
        newest_id=Max("id"),
        now_open=Count("id", filter=Q(state=TopicPartition.State.OPEN)),
        now_split=Count("id", filter=Q(state=TopicPartition.State.SPLIT)),
        out=Count("id", filter=Q(left_out=True)),
        # Two that change places leave all the counts as they were.
        which_out=Sum("id", filter=Q(left_out=True)),
    )
    return f"{run_id} {' '.join(str(count or 0) for count in counts.values())}"

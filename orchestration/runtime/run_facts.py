"""What is told of a run under way: to reports, to the terminal, and in the rows of its producers. Values only."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from orchestration.logic.estimates import as_data
from orchestration.logic.lifecycle import Stop
from orchestration.logic.report import ProducerView, RunFacts
from orchestration.logic.statistics import RunStatistics
from orchestration.opening import OpenedRun
from orchestration.runtime.permits import Permits
from orchestration.runtime.slots import Slot
from orchestration.runtime.supervisor import ChildState
from producers.models import Producer


def run_facts(
    opened: OpenedRun,
    slots: Sequence[Slot],
    permits: Permits,
    *,
    state: str,
    entries: int,
    active_seconds: float,
    stop: Stop,
) -> RunFacts:
    """What reports say of the run now."""
    return RunFacts(
        topic=opened.topic.name,
        folder=opened.topic.folder,
        prompt=opened.topic.prompt,
        run=opened.number,
        state=state,
        started_at=opened.started_at.strftime("%Y-%m-%d %H:%M:%S"),
        producer_count=len(slots),
        active_producers=sum(slot.process.state == ChildState.RUNNING for slot in slots),
        weights=_mean_weights(opened),
        simulated=opened.simulated,
        entries=entries,
        active_seconds=active_seconds,
        stop_reason=stop.reason.value,
        stop_detail=stop.detail,
        lost_usd=permits.lost(opened.run_id),
        warning=permits.warning(opened),
        reviews=opened.keys.reviews.number,
        estimates=as_data(opened.estimates),
    )


def _mean_weights(opened: OpenedRun) -> dict[str, float]:
    weights = opened.weights.values()
    return {
        name: round(sum(shares.get(name, 0.0) for shares in weights) / max(len(weights), 1), 4)
        for name in opened.providers
    }


def producer_views(slots: Sequence[Slot], statistics: RunStatistics) -> list[ProducerView]:
    """What the terminal shows of the producers now."""
    return [
        ProducerView(
            slot=slot.row.slot,
            state=slot.status if slot.process.state == ChildState.RUNNING else slot.process.state.value,
            detail=slot.process.detail,
            partition=slot.row.partition,
            totals=statistics.by_slot[slot.row.slot],
        )
        for slot in slots
    ]


def waiting_for(slots: Sequence[Slot]) -> str:
    """Why no producer asks anything just now, or nothing."""
    states = [slot.status for slot in slots if slot.process.state == ChildState.RUNNING]
    paused = [slot.process.detail for slot in slots if slot.status == "paused"]
    return paused[0] if paused and set(states) == {"paused"} else ""


def current_row(slot: Slot) -> Producer:
    """The producer's row, brought up to date."""
    row, process = slot.row, slot.process
    done = slot.status == "done" and process.state == ChildState.RUNNING
    row.state = Producer.State.DONE if done else Producer.State(process.state.value)
    row.detail = process.detail[:500]
    row.pid = process.pid
    row.restarts = process.restarts
    if slot.port.connected:
        row.last_seen_at = timezone.now()
    return row

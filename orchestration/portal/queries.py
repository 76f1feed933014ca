"""What the live page reads, each question one function that answers with values, never with rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal

from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone

from orchestration.models import EngineLease, Run
from orchestration.portal.entries import EVERYTHING, Entry, Wanted, entries_after, missed, newest_entries, newest_id
from orchestration.portal.panels import NO_PANELS, Panels, read_panels
from producers.models import Producer
from topics.models import DesiredState, Topic
from topics.refusals import must_change_password
from topics.rejected import rejected_of

ENGINE_SILENCE = timedelta(seconds=20)
PAGE_SIZE = 500


@dataclass(frozen=True, slots=True)
class TopicState:
    """What people want of a topic. `wanted`: it should have a run, one at work or one that is `paused`.
    `reviews` counts how often people have said something of its entries."""

    name: str
    wanted: bool
    starts: int
    paused: bool = False
    reviews: int = 0

    @property
    def desired(self) -> str:
        if not self.wanted:
            return DesiredState.STOPPED
        return DesiredState.PAUSED if self.paused else DesiredState.RUNNING


@dataclass(frozen=True, slots=True)
class RunLimits:
    """When a run is to stop; None: not for this reason."""

    target: int | None = None
    budget_usd: Decimal | None = None
    minutes: float | None = None
    iterations: int | None = None
    coverage: float | None = None
    price_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RunState:
    """The newest run of a topic; the counts are its own."""

    number: int
    state: str
    stop_reason: str
    stop_detail: str
    over: bool
    simulated: bool
    active_seconds: float
    requests: int
    failed_requests: int
    candidates: int
    unique: int
    cost_usd: Decimal
    unpriced_requests: int
    lost_usd: Decimal = Decimal(0)
    warning: str = ""
    producer_count: int = 1
    limits: RunLimits = RunLimits()


@dataclass(frozen=True, slots=True)
class ListState:
    """The present list: the number of the run that began it (0: none yet), and how many entries it has, without those
    that people have rejected."""

    number: int
    entries: int


@dataclass(frozen=True, slots=True)
class ProducerState:
    slot: int
    state: str
    state_label: str
    detail: str
    partition: str
    restarts: int
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class PageState:
    """Everything on a live page but the entries."""

    topic: TopicState
    run: RunState | None
    list: ListState
    producers: tuple[ProducerState, ...]
    engine_running: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """The state and entries of its list: never the entries of one list with the state of another.

    `skipped`: so many entries come before these, too many to be shown one by one. `cursor`: where the list ended.
    """

    state: PageState
    entries: tuple[Entry, ...]
    panels: Panels = NO_PANELS
    skipped: int = 0
    cursor: int = 0


class ListKeepsChanging(Exception):
    """The list was replaced again and again while it was being read; the next attempt will do."""


ReadPanels = Callable[[int], Panels]


def read_after(
    topic_id: int, cursor: int, limit: int = PAGE_SIZE, panels: ReadPanels = read_panels
) -> Reading | None:
    """The state and up to `limit` entries after `cursor`, or the newest of them where they are far too many; None
    when there is no such topic."""
    for _ in range(3):
        state = page_state(topic_id)
        if state is None:
            return None
        entries = entries_after(topic_id, cursor, limit)
        behind = missed(topic_id, cursor) if len(entries) == limit else 0
        if behind:
            entries = newest_entries(topic_id, limit)[::-1]
        # Without a transaction a list may be replaced in between; its number only grows, so it tells.
        if not entries or list_state(topic_id).number == state.list.number:
            return Reading(state, entries, panels(topic_id), max(0, behind - len(entries)))
    raise ListKeepsChanging


def read_newest(topic_id: int, limit: int, wanted: Wanted = EVERYTHING) -> Reading | None:
    """The state and the newest entries that are wanted, newest first; None when there is no such topic."""
    for _ in range(3):
        state = page_state(topic_id)
        if state is None:
            return None
        # Before the entries: whoever goes on from here misses none.
        cursor = newest_id(topic_id)
        entries = newest_entries(topic_id, limit, wanted)
        if not entries or list_state(topic_id).number == state.list.number:
            return Reading(state, entries, read_panels(topic_id), cursor=cursor)
    raise ListKeepsChanging


def page_state(topic_id: int) -> PageState | None:
    topic = topic_state(topic_id)
    if topic is None:
        return None
    return PageState(
        topic=topic,
        run=run_state(topic_id),
        list=list_state(topic_id),
        producers=producer_states(topic_id),
        engine_running=engine_is_running(timezone.now()),
    )


def topic_state(topic_id: int) -> TopicState | None:
    row = Topic.objects.filter(pk=topic_id).values_list("name", "desired_state", "starts", "reviews").first()
    if row is None:
        return None
    name, desired_state, starts, reviews = row
    return TopicState(
        name=name,
        wanted=desired_state != DesiredState.STOPPED,
        starts=starts,
        paused=desired_state == DesiredState.PAUSED,
        reviews=reviews,
    )


def run_state(topic_id: int) -> RunState | None:
    run = Run.objects.filter(topic=topic_id).order_by("-number").first()
    if run is None:
        return None
    return RunState(
        number=run.number,
        state=run.state,
        stop_reason=run.stop_reason,
        stop_detail=run.stop_detail,
        over=run.ended_at is not None,
        simulated=run.simulated,
        active_seconds=run.active_seconds,
        requests=run.requests,
        failed_requests=run.failed_requests,
        candidates=run.candidates,
        unique=run.unique,
        cost_usd=run.cost_usd,
        unpriced_requests=run.unpriced_requests,
        lost_usd=run.lost_usd,
        warning=run.warning,
        producer_count=run.producer_count,
        limits=RunLimits(*(getattr(run, field.name) for field in fields(RunLimits))),
    )


def list_state(topic_id: int) -> ListState:
    """The highest number, since a run that is still checking its providers has not begun a list."""
    lists = Run.objects.filter(topic=topic_id).order_by("-list_number").values_list("list_number", "topic__reviews")
    newest = lists.annotate(entries=Sum("unique")).first()
    if newest is None:
        return ListState(number=0, entries=0)
    number, reviews, entries = newest
    return ListState(number, max(entries - rejected_of(topic_id, reviews, number), 0))


def producer_states(topic_id: int) -> tuple[ProducerState, ...]:
    """The producers of the topic's newest run."""
    newest_run = Run.objects.filter(topic=topic_id).order_by("-number").values("pk")[:1]
    return tuple(
        ProducerState(
            slot=producer.slot,
            state=producer.state,
            state_label=producer.get_state_display(),
            detail=producer.detail,
            partition=producer.partition,
            restarts=producer.restarts,
            last_seen_at=producer.last_seen_at,
        )
        for producer in Producer.objects.filter(run=newest_run).order_by("slot").defer("prompt")
    )


def engine_is_running(now: datetime) -> bool:
    leases = EngineLease.objects.filter(pk=EngineLease.SINGLETON, released=False)
    return leases.filter(beat_at__gt=now - ENGINE_SILENCE).exists()


@dataclass(frozen=True, slots=True)
class Access:
    signed_in: bool
    may_view: bool
    topic_exists: bool


def access(session: SessionBase, topic_id: int) -> Access:
    """What the session's owner may do at this moment, read anew."""
    request = HttpRequest()
    request.session = session
    user = get_user(request)
    return Access(
        signed_in=user.is_authenticated,
        may_view=user.has_perm("topics.view_topic") and not must_change_password(user),
        topic_exists=Topic.objects.filter(pk=topic_id).exists(),
    )

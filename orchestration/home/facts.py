"""What the home page reads, each question one bounded query that answers with values, never with rows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from orchestration.list_lengths import entries_of
from orchestration.models import ProviderHealth, Request, Run
from orchestration.reservations import LostSpending
from orchestration.sentences import HIT_A_LIMIT
from producers.models import Producer, Provider
from topics.models import Topic

MOST = 20  # of anything that could be many; who has more goes to the list
RECENT = 8
TROUBLE_DAYS = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A topic whose start waits for the engine, and no earlier run of it is under way."""

    topic_id: int
    topic: str
    desired: str
    starts: int


@dataclass(frozen=True, slots=True)
class Running:
    """A run under way. `entries` is the length of its list, None while it has none yet."""

    topic_id: int
    topic: str
    desired: str
    starts: int
    number: int
    state: str
    simulated: bool
    producers: int
    entries: int | None
    unique: int
    active_seconds: float
    cost_usd: Decimal
    unpriced: int
    lost_usd: Decimal
    target: int | None
    budget_usd: Decimal | None
    warning: str


@dataclass(frozen=True, slots=True)
class Over:
    """A run that is over."""

    id: int
    topic_id: int
    topic: str
    state: str
    stop_reason: str
    stop_detail: str
    simulated: bool
    started_at: datetime
    ended_at: datetime | None
    active_seconds: float
    unique: int
    cost_usd: Decimal
    unpriced: int
    lost_usd: Decimal


@dataclass(frozen=True, slots=True)
class FailedProducer:
    id: int
    slot: int
    topic_id: int
    topic: str
    detail: str


@dataclass(frozen=True, slots=True)
class Today:
    """Since midnight UTC: what all runs have found and spent; `by_provider` has the money by the provider's id."""

    requests: int
    candidates: int
    unique: int
    unpriced: int
    by_provider: dict[int, Decimal]


def running() -> list[Running]:
    """Runs that have not come to their end, the newest first."""
    runs = list(Run.objects.active().select_related("topic").order_by("-id")[:MOST])
    lengths = entries_of({run.topic_id for run in runs})
    return [_running(run, lengths.get(run.topic_id, 0) if run.list_number else None) for run in runs]


def _running(run: Run, entries: int | None) -> Running:
    return Running(
        topic_id=run.topic_id,
        topic=run.topic.name,
        desired=run.topic.desired_state,
        starts=run.topic.starts,
        number=run.number,
        state=run.state,
        simulated=run.simulated,
        producers=run.producer_count,
        entries=entries,
        unique=run.unique,
        active_seconds=run.active_seconds,
        cost_usd=run.cost_usd,
        unpriced=run.unpriced_requests,
        lost_usd=run.lost_usd,
        target=run.target,
        budget_usd=run.topic.budget_usd,
        warning=run.warning,
    )


def asked() -> list[Asked]:
    """Topics whose start waits for the engine; where an earlier run is still under way, that one says so."""
    known = Run.objects.filter(Q(number=OuterRef("starts")) | Q(ended_at__isnull=True), topic=OuterRef("pk"))
    topics = Topic.objects.under_way().exclude(Exists(known)).order_by("pk")
    return [Asked(*values) for values in topics.values_list("pk", "name", "desired_state", "starts")[:MOST]]


def recent() -> list[Over]:
    """The runs that ended last."""
    return _over(Run.objects.filter(ended_at__isnull=False).order_by("-id")[:RECENT])


def in_trouble(now: datetime) -> list[Over]:
    """Runs that failed or hit a limit lately, and whose topic has not been started since."""
    newer = Run.objects.filter(topic=OuterRef("topic"), number__gt=OuterRef("number"))
    lately = Run.objects.filter(ended_at__gte=now - timedelta(days=TROUBLE_DAYS)).exclude(Exists(newer))
    unsettled = lately.filter(Q(state=Run.State.FAILED) | Q(stop_reason__in=HIT_A_LIMIT))
    return _over(unsettled.order_by("-id")[:MOST])


def failed_producers() -> list[FailedProducer]:
    """Producers that failed for good while their run goes on."""
    failed = Producer.objects.filter(state=Producer.State.FAILED, run__ended_at__isnull=True)
    rows = failed.order_by("-run", "slot").values_list("pk", "slot", "run__topic_id", "run__topic__name", "detail")
    return [FailedProducer(*values) for values in rows[:MOST]]


def today(now: datetime) -> Today:
    """One look at the day's requests, by provider, and one at what crashes have lost."""
    day = now.astimezone(UTC).date()
    midnight = datetime.combine(day, time(), tzinfo=UTC)
    rows = (
        Request.objects.filter(finished_at__gte=midnight)
        .order_by()
        .values_list("provider")
        .annotate(Count("id"), Sum("candidates"), Sum("unique"), Sum("cost_usd"), Count("cost_usd"))
    )
    found: list[tuple[int, int, int, int, Decimal | None, int]] = list(rows)
    money: dict[int, Decimal] = defaultdict(Decimal)
    for provider_id, _, _, _, cost, _ in found:
        money[provider_id] += cost or Decimal(0)
    for provider_id, worst in LostSpending.objects.filter(day=day).values_list("provider", "worst_usd"):
        money[provider_id] += worst
    return Today(
        requests=sum(row[1] for row in found),
        candidates=sum(row[2] for row in found),
        unique=sum(row[3] for row in found),
        unpriced=sum(requests - priced for _, requests, _, _, _, priced in found),
        by_provider=dict(money),
    )


def providers() -> list[Provider]:
    """All that are enabled, with their health."""
    return list(Provider.objects.filter(enabled=True).select_related("health").order_by("name")[:100])


def is_out(provider: Provider) -> ProviderHealth | None:
    """The provider's health, if it is out of use."""
    health = getattr(provider, "health", None)
    return health if health is not None and health.state == ProviderHealth.State.OUT else None


def _over(runs: QuerySet[Run, Any]) -> list[Over]:
    return [
        Over(*values)
        for values in runs.values_list(
            "pk",
            "topic_id",
            "topic__name",
            "state",
            "stop_reason",
            "stop_detail",
            "simulated",
            "started_at",
            "ended_at",
            "active_seconds",
            "unique",
            "cost_usd",
            "unpriced_requests",
            "lost_usd",
        )
    ]

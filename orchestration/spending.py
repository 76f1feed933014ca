"""What is spent and what is set aside, as the database has it. Engine only; the deciding is `logic.ledger`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from datetime import time as clock_time
from decimal import Decimal

from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from orchestration.models import Request, Run
from orchestration.reservations import LostSpending, Reservation
from producers.models import Producer, Provider

Pair = tuple[int, str]  # producer and ask id


@dataclass(frozen=True, slots=True)
class Reserved:
    """A reservation as a value."""

    ask_id: str
    run_id: int
    producer_id: int
    provider_id: int
    worst_usd: Decimal
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Lost:
    """What a request may have cost, and nobody knows."""

    run_id: int
    provider_id: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Spending:
    """What a day (UTC) has cost so far in USD, with what crashes lost; `real`: without simulated money."""

    day: date
    by_provider: dict[int, Decimal]
    real: Decimal


def spending_today() -> Spending:
    """The spending since midnight UTC."""
    today = timezone.now().date()
    midnight = datetime.combine(today, clock_time(), tzinfo=timezone.get_default_timezone())
    amounts: dict[int, Decimal] = defaultdict(Decimal)
    settled = Request.objects.filter(finished_at__gte=midnight, cost_usd__gt=0)
    for provider_id, amount in settled.order_by().values_list("provider").annotate(Sum("cost_usd")):
        amounts[provider_id] += amount
    for provider_id, amount in LostSpending.objects.filter(day=today).values_list("provider", "worst_usd"):
        amounts[provider_id] += amount
    simulated = set(Provider.objects.filter(kind=Provider.Kind.SIMULATED).values_list("pk", flat=True))
    real = sum((amount for provider_id, amount in amounts.items() if provider_id not in simulated), Decimal(0))
    return Spending(today, dict(amounts), real)


def reserve(reserved: Sequence[Reserved]) -> None:
    """Set the amounts aside. Repeated, it changes nothing; what was deleted meanwhile is left out."""
    producers = set(
        Producer.objects.filter(pk__in={each.producer_id for each in reserved}).values_list("pk", flat=True)
    )
    providers = set(
        Provider.objects.filter(pk__in={each.provider_id for each in reserved}).values_list("pk", flat=True)
    )
    Reservation.objects.bulk_create(
        [
            Reservation(**asdict(each))
            for each in reserved
            if each.producer_id in producers and each.provider_id in providers
        ],
        ignore_conflicts=True,
    )


def release(pairs: Sequence[Pair]) -> None:
    """The requests of these producers and ask ids are settled, or were never made."""
    if pairs:
        _matching(pairs).delete()


def lose(pairs: Sequence[Pair]) -> None:
    """Nobody will hear of these requests: the worst of each counts as spent. Repeated, it changes nothing."""
    if pairs:
        _lose(list(_matching(pairs)))


def lose_all() -> None:
    """At an engine's start: every request that was under way went with the engine before."""
    _lose(list(Reservation.objects.all()))


def _lose(lost: Sequence[Reservation]) -> None:
    add_lost([Lost(each.run_id, each.provider_id, each.worst_usd) for each in lost])
    Reservation.objects.filter(pk__in=[each.pk for each in lost]).delete()


def add_lost(lost: Sequence[Lost]) -> None:
    """Count these amounts as spent today."""
    today = timezone.now().date()
    by_run: dict[int, Decimal] = defaultdict(Decimal)
    by_provider: dict[int, Decimal] = defaultdict(Decimal)
    for each in lost:
        by_run[each.run_id] += each.amount
        by_provider[each.provider_id] += each.amount
    for run_id, amount in by_run.items():
        Run.objects.filter(pk=run_id).update(lost_usd=F("lost_usd") + amount)
    for provider_id, amount in by_provider.items():
        LostSpending.objects.get_or_create(day=today, provider_id=provider_id)
        LostSpending.objects.filter(day=today, provider_id=provider_id).update(worst_usd=F("worst_usd") + amount)


def _matching(pairs: Sequence[Pair]) -> QuerySet[Reservation]:
    # An ask id is of one life of one producer, so that the two conditions cannot be met by strangers.
    producers, ask_ids = {producer for producer, _ in pairs}, {ask_id for _, ask_id in pairs}
    return Reservation.objects.filter(producer_id__in=producers, ask_id__in=ask_ids)

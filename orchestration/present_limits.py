"""Caps and limits as people have them now; they hold in runs under way as well. Engine only; nothing is written."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from orchestration.models import Run
from producers.models import Provider


@dataclass(frozen=True, slots=True)
class ProviderLimits:
    """How much, and how fast, a provider may be used; None: no limit."""

    daily_cap_usd: Decimal | None
    requests_per_minute: int | None
    tokens_per_minute: int | None
    concurrency: int
    thinking_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class PresentLimits:
    """The limits of providers by their ids, and the budgets that the topics of runs have, by the ids of the runs."""

    providers: dict[int, ProviderLimits]
    budgets: dict[int, Decimal | None]


def present_limits(run_ids: Collection[int]) -> PresentLimits:
    """What holds for these runs from now on."""
    asked = Provider.objects.filter(producer_weights__producer__run__in=run_ids).distinct()
    budgets = Run.objects.filter(pk__in=run_ids).values_list("pk", "topic__budget_usd")
    return PresentLimits({row.pk: limits_of(row) for row in asked}, dict(budgets))


def limits_of(row: Provider) -> ProviderLimits:
    return ProviderLimits(
        daily_cap_usd=row.daily_cap_usd,
        requests_per_minute=row.requests_per_minute,
        tokens_per_minute=row.tokens_per_minute,
        concurrency=row.concurrency,
        thinking_tokens=row.thinking_tokens,
    )

"""How people set the weights of a run's providers; each change is noted in the history of its topic."""

from __future__ import annotations

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from producers.models import Producer, Provider, ProviderWeight
from topics.models import Topic

ALL = "all producers"


def set_weight(
    topic: Topic, producers: QuerySet[Producer], provider: Provider, weight: float, user: AbstractBaseUser, whom: str
) -> int:
    """Give the provider this weight with these producers, and hold it fast; returns with how many."""
    words = f"Set the weight of {provider} with {whom} to {weight:.0%} and pinned it"
    return _change(topic, producers, provider, user, words, weight=weight, pinned=True)


def hold_weight(
    topic: Topic,
    producers: QuerySet[Producer],
    provider: Provider,
    user: AbstractBaseUser,
    whom: str,
    *,
    pinned: bool,
) -> int:
    """Hold the provider's weight with these producers fast as it is, or leave it to the optimiser again."""
    words = f"{'Pinned' if pinned else 'Took the pin off'} the weight of {provider} with {whom}"
    return _change(topic, producers, provider, user, words, pinned=pinned)


def _change(
    topic: Topic,
    producers: QuerySet[Producer],
    provider: Provider,
    user: AbstractBaseUser,
    words: str,
    **values: float | bool,
) -> int:
    with transaction.atomic():
        rows = ProviderWeight.objects.filter(producer__in=producers, provider=provider)
        changed = rows.update(**values)
        if changed:
            LogEntry.objects.log_actions(user.pk, [topic], CHANGE, words, single_object=True)
    return changed

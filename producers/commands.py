"""What people may tell producers to do; each is noted in the history."""

from __future__ import annotations

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F

from producers.models import Producer


def restart_producer(producer: Producer, user: AbstractBaseUser) -> None:
    """Ask the engine to start this producer's process anew."""
    with transaction.atomic():
        Producer.objects.filter(pk=producer.pk).update(restarts_asked=F("restarts_asked") + 1)
        LogEntry.objects.log_actions(user.pk, [producer], CHANGE, "Asked to restart", single_object=True)

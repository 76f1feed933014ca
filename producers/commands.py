"""What people may tell producers to do."""

from __future__ import annotations

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F

from producers.models import Producer


def restart_producer(producer: Producer, user: AbstractBaseUser) -> bool:
    """Ask for a new life of `producer`, and note in its history who did; False: its run is over, nothing was asked.

    The engine ends the process in good order, so that nothing it has found is lost, and starts another. One that was
    given up after repeated early ends gets another try.
    """
    with transaction.atomic():
        under_way = Producer.objects.filter(pk=producer.pk, run__ended_at__isnull=True)
        asked = bool(under_way.update(restarts_asked=F("restarts_asked") + 1))
        if asked:
            LogEntry.objects.log_actions(user.pk, [producer], CHANGE, "Asked to restart")
    return asked

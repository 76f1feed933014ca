"""What is deleted every day, so that no table grows for ever."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django_q.models import Failure, OrmQ

from orchestration.jobs.models import Notification

READ_FOR, KEPT_FOR = timedelta(days=90), timedelta(days=365)
FAILURES_FOR, MOST_FAILURES = timedelta(days=30), 500
# A task that kills its worker each time would be handed out again for ever: attempts are counted by results only.
QUEUED_FOR = timedelta(days=1)
MOST_QUEUED = 1_000


def tidy(now: datetime) -> int:
    """Delete what is too old; returns how many rows, sessions aside."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return _notifications(now) + _failures(now) + _hopeless_tasks(now)


def _notifications(now: datetime) -> int:
    read = _deleted(Notification.objects.filter(read_at__lt=now - READ_FOR))
    return read + _deleted(Notification.objects.filter(created_at__lt=now - KEPT_FOR))


def _failures(now: datetime) -> int:
    old = _deleted(Failure.objects.filter(stopped__lt=now - FAILURES_FOR))
    too_many = list(Failure.objects.order_by("-stopped").values_list("pk", flat=True)[MOST_FAILURES:])
    return old + _deleted(Failure.objects.filter(pk__in=too_many))


def _hopeless_tasks(now: datetime) -> int:
    started = [(row.pk, row.task.get("started")) for row in OrmQ.objects.order_by("pk")[:MOST_QUEUED]]
    hopeless = [pk for pk, at in started if at is None or at < now - QUEUED_FOR]
    return _deleted(OrmQ.objects.filter(pk__in=hopeless))


def _deleted(rows: Any) -> int:
    deleted, _ = rows.delete()
    return int(deleted)

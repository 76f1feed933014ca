"""The canary: a task that does nothing, sent through the cluster again and again to see whether it comes out.

A cluster whose processes all live may still do nothing: a worker that is killed at the wrong moment takes the lock of
the queue with it. Only what comes through shows that it works.
"""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.db.models import F
from django.utils import timezone
from django_q.signals import post_execute, post_execute_in_worker, pre_execute
from django_q.tasks import async_task

from orchestration.jobs.models import JobsHealth
from orchestration.jobs.periodic import SHORT_TASKS

logger = logging.getLogger(__name__)

TASK = f"{__name__}.sing"
TASK_SECONDS = 30


def sing(number: int) -> int:
    """The task itself."""
    return number


class Asker:
    """Sends one canary after the other, but none while one is under way: behind a long task they would pile up."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._asked: int | None = None
        self._asked_at = 0.0

    def turn(self, now: float, broker: Any) -> None:
        heard = JobsHealth.objects.values_list("canary", flat=True).get(pk=JobsHealth.SINGLETON)
        on_its_way = self._asked is not None and heard < self._asked
        if on_its_way or (self._asked is not None and now - self._asked_at < self._seconds):
            return
        self._asked, self._asked_at = heard + 1, now
        async_task(TASK, self._asked, save=False, timeout=TASK_SECONDS, broker=broker)


def listen() -> None:
    """Have this process, and those forked from it, count signs of life."""
    pre_execute.connect(_task_begins)
    post_execute_in_worker.connect(_task_is_over)
    post_execute.connect(_result_is_kept)


def _task_begins(task: dict[str, Any], **kwargs: Any) -> None:
    """In a worker. A long task may keep the canary waiting for as long as any task is allowed to take."""
    if not _is_short(task):
        _sign(busy_seconds=settings.Q_CLUSTER["timeout"])


def _task_is_over(task: dict[str, Any], **kwargs: Any) -> None:
    """In a worker, which is free again."""
    if not _is_short(task):
        _sign(busy_seconds=0)


def _result_is_kept(task: dict[str, Any], **kwargs: Any) -> None:
    """In the monitor, the last station."""
    if task["func"] == TASK and task["success"]:
        _sign(busy_seconds=0, canary=task["result"], heard_at=timezone.now())


def _is_short(task: dict[str, Any]) -> bool:
    return task["func"] == TASK or task["func"] in SHORT_TASKS


def _sign(**columns: Any) -> None:
    try:
        JobsHealth.objects.filter(pk=JobsHealth.SINGLETON).update(signs=F("signs") + 1, **columns)
    except DatabaseError as error:
        # An exception would take the worker down; the silence says enough.
        logger.warning("a sign of life was not written: %s", error)

"""The queue in our database, and what the cluster's guard does besides at each turn of its loop."""

from __future__ import annotations

import time

from django.conf import settings
from django_q.brokers.orm import ORM
from django_q.scheduler import scheduler

from orchestration.jobs import canary

# How many canaries have to fail to come before the cluster is taken for stuck.
CANARIES_IN_SILENCE = 6
LONGEST_PAUSE = 10.0


class Broker(ORM):  # type: ignore[misc]
    """django-q2's own, but for its statistics, which nobody reads.

    The guard reports them twice a second. That makes it the place for work that has to stop when the guard is stuck:
    from here schedules and canaries take the whole way through the queue, the workers and the monitor.
    """

    def __init__(self, list_key: str | None = None) -> None:
        super().__init__(list_key)
        self._turn_at = 0.0
        self._canaries = canary.Asker(settings.JOBS_SILENCE_SECONDS / CANARIES_IN_SILENCE)

    def set_stat(self, key: str, value: str, timeout: int) -> None:
        """A turn of the guard's loop."""
        now = time.monotonic()
        if now < self._turn_at:
            return
        self._turn_at = now + min(LONGEST_PAUSE, settings.JOBS_SILENCE_SECONDS / CANARIES_IN_SILENCE)
        scheduler(broker=self)
        self._canaries.turn(now, self)

"""Settings of the background jobs: django-q2, with the queue in our own database.

Its known hazards, and what each setting does about them; the rest is in orchestration/jobs.
"""

from __future__ import annotations

from typing import Any

WORKERS = 2
# The longest that one task may take, unless it asks for another limit: a large export.
TIMEOUT = 900
# A task is locked from when it is taken from the database, not from when it begins. So this is what it may wait for
# others in memory, and then take itself; with less it would be handed out a second time while it still runs.
RETRY = 2 * TIMEOUT + 100


def cluster_settings() -> dict[str, Any]:
    return {
        "name": "igentai",  # the salt of the signatures under the payloads, too
        "label": "Background jobs",
        "orm": "default",
        # Ours adds the canary, and looks at the schedules itself: django-q2's own look comes half a minute after
        # the start at the earliest.
        "broker_class": "orchestration.jobs.broker.Broker",
        "scheduler": False,
        "workers": WORKERS,
        # As many in memory as there are workers: what waits there is locked already.
        "queue_limit": WORKERS,
        "bulk": 1,
        "timeout": TIMEOUT,
        "retry": RETRY,
        # A task that fails is not tried again for ever: each says itself whether trying again is of use. A task whose
        # worker was killed is handed out again, since nobody acknowledged it; so every task must bear a repetition.
        "ack_failures": True,
        "max_attempts": 3,
        # Successes kept, for people to look at. Failures are bounded by our own daily task, as nothing else does it.
        "save_limit": 100,
        # A schedule that was missed while the machine was off runs once, not once for each time it was missed.
        "catch_up": False,
        "poll": 0.5,
        # A worker is replaced after so many tasks, or once it has ever taken so many kB: looked at between tasks.
        "recycle": 500,
        "max_rss": 400_000,
        "error_reporter": {},  # nothing is told to anybody outside
    }

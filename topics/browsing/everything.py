"""A verdict on all entries that match, in steps: each is short for the database and for who waits for the page."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser

from topics.browsing.filters import Filters
from topics.browsing.windows import Clock, Walk, find
from topics.reviews import Action, By, Tally, review

STEP_SECONDS = 1.5
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Task:
    """`through`: the newest entry when it was asked for. What is found meanwhile nobody has agreed to.

    `of` says which entries in the words of the page, `at` is the time of its reviews and of its line in the log.
    `position`: up to here it is done; None: it is done.
    """

    filters: Filters
    action: Action
    through: int
    of: str
    at: datetime
    position: int | None = 0
    tally: Tally = field(default_factory=Tally)


def go_on(
    task: Task, user: AbstractBaseUser, *, seconds: float = STEP_SECONDS, clock: Clock = time.monotonic
) -> Task:
    """One step: batches, each in its own transaction, until the time is up."""
    by, until = By(user, task.at), clock() + seconds
    while task.position is not None:
        task = _batch(task, by, until - clock(), clock)
        if clock() > until:
            break
    return task


def _batch(task: Task, by: By, seconds: float, clock: Clock) -> Task:
    walk = Walk(start=task.position, up=True, through=task.through)
    found = find(task.filters, walk, BATCH, seconds=seconds, clock=clock)
    if found.ids:
        review(found.ids, task.action, by, task.of, task.tally)
    return replace(task, position=found.position)

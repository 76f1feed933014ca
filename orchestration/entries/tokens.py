"""What a page hands back later, signed: a verdict to take back, and a long action that is under way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core import signing

from topics.browsing.everything import Task
from topics.browsing.filters import Filters
from topics.reviews import ACTIONS, Tally

UNDO, TASK = "entries.undo", "entries.task"
HOUR = 3_600


class Stale(Exception):
    """The token is too old, of somebody else, or none of ours."""


def undo_token(user: AbstractBaseUser, verdicts: Mapping[int, str]) -> str:
    return _signed(UNDO, user, {str(pk): verdict for pk, verdict in verdicts.items()})


def read_undo(token: str, user: AbstractBaseUser) -> dict[int, str]:
    return {int(pk): verdict for pk, verdict in _read(UNDO, token, user).items()}


def task_token(user: AbstractBaseUser, task: Task) -> str:
    values = {
        "filters": {name: str(value) for name, value in task.filters.chosen.items()},
        "action": task.action.name,
        "through": task.through,
        "of": task.of,
        "at": task.at.isoformat(),
        "position": task.position,
        "lines": [[topic, *line] for topic, line in task.tally.lines.items()],
    }
    return _signed(TASK, user, values)


def read_task(token: str, user: AbstractBaseUser) -> Task:
    values = _read(TASK, token, user)
    return Task(
        filters=Filters.from_query(values["filters"]),
        action=ACTIONS[values["action"]],
        through=values["through"],
        of=values["of"],
        at=datetime.fromisoformat(values["at"]),
        position=values["position"],
        tally=Tally({topic: (line, number) for topic, line, number in values["lines"]}),
    )


def _signed(salt: str, user: AbstractBaseUser, values: dict[str, Any]) -> str:
    return signing.dumps({"user": user.pk, "values": values}, salt=salt, compress=True)


def _read(salt: str, token: str, user: AbstractBaseUser) -> dict[str, Any]:
    try:
        read = signing.loads(token, salt=salt, max_age=HOUR)
    except signing.BadSignature as error:
        raise Stale from error
    if read["user"] != user.pk:
        raise Stale
    values: dict[str, Any] = read["values"]
    return values

"""What is done again and again: the one place where it is listed. The cluster makes the rows when it starts."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from django.db import transaction
from django_q.models import Schedule

PREFIX = "igentai: "
TASKS = "orchestration.jobs.tasks"
MINUTE, DAY = 1, 24 * 60
SHORT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Periodic:
    """A task every so many minutes, which takes `seconds` at the most. One of another app is left out while that app
    does not have it."""

    name: str
    function: str
    minutes: int
    seconds: int = SHORT_SECONDS


PERIODIC = (
    Periodic("scheduled topics", f"{TASKS}.start_scheduled_topics", MINUTE),
    Periodic("notifications", f"{TASKS}.notify", MINUTE),
    Periodic("old rows", f"{TASKS}.tidy", DAY, 300),
    Periodic("expired exports", "topics.exports.tasks.delete_expired", DAY, 300),
)
MAIL = f"{TASKS}.mail"  # as often as there is something to send
SHORT_TASKS = frozenset({MAIL, *(each.function for each in PERIODIC if each.seconds <= SHORT_SECONDS)})


def plan() -> None:
    """Make the schedules what `PERIODIC` says. When they run next stays as it was, so a start delays nothing."""
    planned = [each for each in PERIODIC if exists(each.function)]
    with transaction.atomic():
        # Names are not unique in that table: of each there shall be one.
        known = dict(Schedule.objects.filter(name__startswith=PREFIX).order_by("-pk").values_list("name", "pk"))
        kept = [_plan(each, known.get(PREFIX + each.name)) for each in planned]
        Schedule.objects.filter(name__startswith=PREFIX).exclude(pk__in=kept).delete()


def exists(function: str) -> bool:
    module, _, name = function.rpartition(".")
    try:
        return hasattr(import_module(module), name)
    except ModuleNotFoundError:
        return False


def _plan(each: Periodic, pk: int | None) -> int:
    schedule, _ = Schedule.objects.update_or_create(
        pk=pk,
        defaults={
            "name": PREFIX + each.name,
            "func": each.function,
            "kwargs": f"{{'q_options': {{'timeout': {each.seconds}}}}}",
            "schedule_type": Schedule.MINUTES,
            "minutes": each.minutes,
            "repeats": -1,
        },
    )
    return int(schedule.pk)

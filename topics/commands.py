"""What people may tell topics to do: one table and one function, whichever page the button is on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, QuerySet

from topics.models import Topic
from topics.wishes import TopicQuerySet


@dataclass(frozen=True, slots=True)
class Command:
    name: str
    label: str
    done: str
    ask: Callable[[TopicQuerySet], int]
    replaces_list: bool = False


COMMANDS = {
    command.name: command
    for command in (
        Command("start_over", "Start over", "asked to start over", TopicQuerySet.start_over, replaces_list=True),
        Command("pause", "Pause", "asked to pause", TopicQuerySet.pause),
        Command("resume", "Resume", "asked to resume", TopicQuerySet.resume),
        Command("stop", "Stop", "asked to stop", TopicQuerySet.stop),
    )
}


def carry_out(command: Command, topics: QuerySet[Topic], user: AbstractBaseUser) -> int:
    """Ask `topics`, and note in their history who did; returns how many were asked."""
    with transaction.atomic():
        chosen = list(topics.order_by("pk"))
        asked = command.ask(Topic.objects.filter(pk__in=[topic.pk for topic in chosen]))
        LogEntry.objects.log_actions(user.pk, chosen, CHANGE, command.done.capitalize())
    return asked


def with_something_to_lose(topics: QuerySet[Topic]) -> list[Topic]:
    """Those of `topics` whose list has entries; each has their number as `entries`."""
    return list(topics.annotate(entries=Count("attributes")).filter(entries__gt=0).order_by("name"))

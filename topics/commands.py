"""What people may tell topics to do: one table and one function, whichever page the button is on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, QuerySet

from topics.models import Topic, TopicWatcher
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


STARTING = frozenset({"start_over", "resume"})
# What a command changes of a topic.
WISH = ("desired_state", "starts", "replace_list")


def carry_out(command: Command, topics: QuerySet[Topic], user: AbstractBaseUser, note: str = "") -> int:
    """Ask `topics`, and note who did in the history of those that did not want this already; returns how many those
    were.

    Who starts a topic is told how it ends. `note` says in the history what made them ask.
    """
    with transaction.atomic():
        # Locked, and in one order: of two who press at the same time the second finds what the first has wanted.
        ids = list(topics.values_list("pk", flat=True))
        chosen = list(Topic.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
        these = Topic.objects.filter(pk__in=[topic.pk for topic in chosen])
        command.ask(these)
        wanted = {pk: wish for pk, *wish in these.values_list("pk", *WISH)}
        asked = [topic for topic in chosen if wanted[topic.pk] != [getattr(topic, name) for name in WISH]]
        words = ", ".join(filter(None, (command.done.capitalize(), note)))
        LogEntry.objects.log_actions(user.pk, asked, CHANGE, words)
        if command.name in STARTING:
            TopicWatcher.objects.tell([topic.pk for topic in asked], user)
    return len(asked)


def with_something_to_lose(topics: QuerySet[Topic]) -> list[Topic]:
    """Those of `topics` whose list has entries; each has their number as `entries`."""
    return list(topics.annotate(entries=Count("attributes")).filter(entries__gt=0).order_by("name"))

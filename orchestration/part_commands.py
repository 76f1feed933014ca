"""How people divide a topic: a category to ask for, a part to leave out. Each is noted in the topic's history."""

from __future__ import annotations

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from orchestration.part_form import PartForm
from topics.models import Topic, TopicPartition


class Refused(ValueError):
    """What was asked for cannot be done; says why."""


def add_category(topic: Topic, name: str, user: AbstractBaseUser) -> TopicPartition:
    """Ask for a category of this name from now on. Raises Refused."""
    form = PartForm({"words": name, "left_out": ""}, instance=TopicPartition(topic=topic))
    if not form.is_valid():
        raise Refused(" ".join(str(error) for errors in form.errors.values() for error in errors))
    with transaction.atomic():
        if TopicPartition.objects.filter(topic=topic, words=form.cleaned_data["words"]).exists():
            raise Refused("There is such a part already.")
        part: TopicPartition = form.save()
        _note(topic, f"Added the part “{part}”", user)
    return part


def leave_out(part: TopicPartition, user: AbstractBaseUser, *, left_out: bool) -> None:
    """Ask for the part no more, or again."""
    with transaction.atomic():
        TopicPartition.objects.filter(pk=part.pk).update(left_out=left_out)
        _note(part.topic, f"{'Left out' if left_out else 'Took in'} the part “{part}”", user)


def _note(topic: Topic, words: str, user: AbstractBaseUser) -> None:
    LogEntry.objects.log_actions(user.pk, [topic], CHANGE, words, single_object=True)

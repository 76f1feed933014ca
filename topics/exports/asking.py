"""What people do with large exports: ask, cancel, ask again, delete. Each says whether it was of any use."""

from __future__ import annotations

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from topics.browsing.filters import Filters
from topics.exports import files
from topics.exports.formats import FORMATS
from topics.exports.models import Export, ExportQuerySet
from topics.exports.present import WHOLE_LIST
from topics.exports.selection import in_words
from topics.models import Topic

MOST_UNDER_WAY = 3
TASK = "topics.exports.tasks.make_export"


class TooManyUnderWay(Exception):
    """Each person has a place for so many."""


def ask(owner: AbstractBaseUser, topic: Topic, wanted: Filters, format_name: str) -> Export:
    """Ask for an export, or find the one that was asked for already. Raises TooManyUnderWay."""
    with transaction.atomic():
        under_way = _under_way(owner.pk)
        same: Export | None = under_way.filter(topic=topic, query=wanted.query, format=format_name).first()
        if same is not None:
            return same  # a button was pressed twice
        if under_way.count() >= MOST_UNDER_WAY:
            raise TooManyUnderWay
        now = timezone.now()
        export = Export.objects.create(
            owner_id=owner.pk,
            topic=topic,
            topic_name=topic.name,
            query=wanted.query,
            words="; ".join(in_words(wanted)),
            format=format_name,
            asked_at=now,
            beat_at=now,
        )
        _enqueue(export)
        note(owner, topic, "Export asked for", format_name, export.words)
    return export


def ask_again(export: Export) -> bool:
    """Raises TooManyUnderWay."""
    now = timezone.now()
    with transaction.atomic():
        if _under_way(export.owner_id).exclude(pk=export.pk).count() >= MOST_UNDER_WAY:
            raise TooManyUnderWay
        repeated = Export.objects.filter(pk=export.pk).repeatable(now)
        changes = {"written": 0, "expected": 0, "detail": "", "asked_at": now, "beat_at": now}
        if not repeated.update(state=Export.State.WAITING, **changes):
            return False
        _enqueue(export)
        if export.topic is not None:
            note(export.owner, export.topic, "Export asked for again", export.format, export.words)
    return True


def _under_way(owner_id: int) -> ExportQuerySet:
    """The owner's exports under way; of two requests at the same time the second waits here for the first."""
    list(get_user_model()._default_manager.select_for_update().filter(pk=owner_id).values_list("pk"))
    exports: ExportQuerySet = Export.objects.filter(owner=owner_id)
    return exports.under_way()


def cancel(export: Export) -> bool:
    """Its worker notices at the next piece."""
    under_way = Export.objects.filter(pk=export.pk).under_way()
    return bool(under_way.update(state=Export.State.CANCELLED))


def delete(export: Export) -> None:
    """The row first: a worker that is making the file finds it gone and leaves nothing behind."""
    export.delete()
    files.remove(export.file)


def file_vanished(export: Export) -> None:
    gone = Export.objects.filter(pk=export.pk, state=Export.State.READY, file=export.file)
    gone.update(state=Export.State.FAILED, file="", detail="Its file has vanished from the server. Try again.")


def note(who: AbstractBaseUser, topic: Topic, done: str, format_name: str, words: str) -> None:
    """In the topic's history."""
    what = f"{done}: {FORMATS[format_name].label}, {words or WHOLE_LIST}"
    LogEntry.objects.log_actions(who.pk, [topic], CHANGE, what)


def _enqueue(export: Export) -> None:
    # The queue is in the same database, so the task is there exactly when the export is.
    from django_q.tasks import async_task

    async_task(TASK, export.pk, task_name=f"export {export.pk}")

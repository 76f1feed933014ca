"""What the cluster does for exports: `make_export` for each, `delete_expired` now and then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.http import QueryDict
from django.utils import timezone

from topics.exports import files
from topics.exports.models import Export, ExportQuerySet
from topics.exports.producing import Production
from topics.exports.reading import ListReplaced, expected
from topics.exports.selection import filter_from

# A file without its export: its worker was killed between the two, or its owner's account was deleted.
STRAY_AFTER = timedelta(days=1)
FORGET_AFTER = timedelta(days=90)
REPLACED = "The list was replaced while the file was being made. Try again to export the new list."
UNEXPECTED = "Something went wrong that was not foreseen; the log of the task cluster says what. Try again."


class Withdrawn(Exception):
    """The export was cancelled or deleted, or another worker has taken it."""


def make_export(export_id: int) -> str:
    """Make the file. Called again, it does nothing for one that is made, cancelled, or in good hands."""
    export = _take(export_id)
    if export is None:
        return "nothing to do"
    try:
        return _make(export)
    except Withdrawn:
        return "withdrawn"
    except ListReplaced:
        return _fail(export, REPLACED)
    except OSError as error:
        return _fail(export, f"The file could not be written: {error.strerror or error}.")
    except BaseException:  # a timeout of the cluster is no Exception
        _fail(export, UNEXPECTED)
        raise


def _take(export_id: int) -> Export | None:
    now = timezone.now()
    taken = Export.objects.filter(pk=export_id).takeable(now)
    if not taken.update(state=Export.State.MAKING, attempt=F("attempt") + 1, beat_at=now, written=0, detail=""):
        return None
    return Export.objects.filter(pk=export_id).first()


def _make(export: Export) -> str:
    topic = export.topic
    if topic is None:
        return _fail(export, "The topic was deleted.")
    # The topic by its number, as the address could name another.
    wanted = replace(filter_from(QueryDict(export.query)), topic=topic.pk)
    production = Production(topic, wanted, export.format)
    _note(export, expected=expected(wanted, production.extent))
    written = files.write(_noting_progress(export, production), production.format.extension)
    try:
        _finish(export, production, written)
    except BaseException:
        files.remove(written.name)
        raise
    return "made"


def _noting_progress(export: Export, production: Production) -> Iterator[bytes]:
    for piece in production.pieces():
        _note(export, written=piece.entries)
        yield piece.data


def _finish(export: Export, production: Production, written: files.Written) -> None:
    now = timezone.now()
    _note(
        export,
        state=Export.State.READY,
        file=written.name,
        size=written.size,
        card={**production.card(), "sha256": written.sha256},
        made_at=now,
        expires_at=now + timedelta(days=settings.IGENTAI_EXPORT_DAYS),
    )


def _fail(export: Export, why: str) -> str:
    _mine(export).update(state=Export.State.FAILED, detail=why[:500])
    return "failed"


def _note(export: Export, **changes: object) -> None:
    """Raises Withdrawn."""
    if not _mine(export).update(beat_at=timezone.now(), **changes):
        raise Withdrawn


def _mine(export: Export) -> ExportQuerySet:
    rows: ExportQuerySet = Export.objects.filter(pk=export.pk, state=Export.State.MAKING, attempt=export.attempt)
    return rows


def delete_expired() -> int:
    """Delete what nobody may download any more, at any time; returns how many exports have expired.

    First the row, then the file: a download that begins in between finds its file gone, never somebody else's.
    """
    now = timezone.now()
    expired = 0
    for export in Export.objects.filter(state=Export.State.READY, expires_at__lte=now):
        ready = Export.objects.filter(pk=export.pk, state=Export.State.READY, file=export.file)
        expired += ready.update(state=Export.State.EXPIRED, file="")
        files.remove(export.file)
    Export.objects.exclude(state__in=(*Export.UNDER_WAY, Export.State.READY)).filter(
        asked_at__lt=now - FORGET_AFTER
    ).delete()
    _delete_strays((now - STRAY_AFTER).timestamp())
    return expired


def _delete_strays(before: float) -> None:
    known = set(Export.objects.exclude(file="").values_list("file", flat=True))
    for name in files.strays(known, before):
        files.remove(name)

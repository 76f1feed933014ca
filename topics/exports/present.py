"""An export in words, for the page. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from topics import times
from topics.exports.formats import FORMATS
from topics.exports.models import SILENCE, Export

WHOLE_LIST = "the whole list"
WAITED_LONG = timedelta(seconds=30)
NO_WORKER = "No worker has taken it yet: is the task cluster running?"
SILENT = "Its worker has gone silent."


@dataclass(frozen=True, slots=True)
class Shown:
    """`progress` is None where there is none to show; `words` say the state, `kind` chooses the colour of its dot."""

    id: int
    topic: str
    topic_id: int | None
    format: str
    filter: str
    kind: str
    words: str
    detail: str
    progress: float | None
    counted: str
    asked_at: datetime
    ago: str
    expires_at: datetime | None
    under_way: bool
    ready: bool
    repeatable: bool
    size: int


def shown(export: Export, now: datetime) -> Shown:
    under_way = export.state in Export.UNDER_WAY
    ready = export.state == Export.State.READY
    silent = under_way and now - export.beat_at > SILENCE
    over = ready and export.expires_at is not None and export.expires_at <= now
    making = export.state == Export.State.MAKING
    return Shown(
        id=export.pk,
        topic=export.topic_name,
        topic_id=export.topic_id,
        format=FORMATS[export.format].label,
        filter=export.words or WHOLE_LIST,
        kind=export.state,
        words=Export.State.EXPIRED.label if over else export.get_state_display(),
        detail=_detail(export, now),
        progress=min(export.written / export.expected, 1.0) if making and export.expected else None,
        counted=_counted(export),
        asked_at=export.asked_at,
        ago=times.ago(export.asked_at, now),
        expires_at=export.expires_at if ready else None,
        under_way=under_way,
        ready=ready and not over,
        repeatable=silent or not (under_way or ready),
        size=export.size,
    )


def _detail(export: Export, now: datetime) -> str:
    silence = now - export.beat_at
    if export.state == Export.State.WAITING and silence > WAITED_LONG:
        return NO_WORKER
    if export.state == Export.State.MAKING and silence > SILENCE:
        return SILENT
    return export.detail


def _counted(export: Export) -> str:
    if export.state == Export.State.READY:
        return f"{export.written:,} entries"
    if export.state == Export.State.MAKING and export.expected:
        return f"{export.written:,} of {export.expected:,} entries"
    return ""

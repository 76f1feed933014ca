"""Exports: ask for one, see how far it is, download it. Everybody's own, as in the portal."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, QueryDict, StreamingHttpResponse
from django.utils import timezone
from ninja import Router, Status

from igentai_site.api.auth import caller_of, too_many
from igentai_site.api.entry_schemas import ExportList, ExportOut, NewExport
from igentai_site.api.errors import ApiError, invalid, not_found
from igentai_site.api.meant import filters_of
from igentai_site.api.needs import needs
from igentai_site.api.schemas import HIGHEST_ID
from igentai_site.api.topics import topic_or_refusal
from topics.browsing.filters import Filters
from topics.exports import asking, files, streaming
from topics.exports.formats import FORMATS
from topics.exports.models import Export
from topics.exports.present import shown
from topics.exports.selection import UnusableFilter, filter_from

VIEW = "topics.view_attribute"
MOST_SHOWN = 100
A_FILE = {
    200: {
        "description": "The file",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}

router = Router(tags=["exports"])


@router.post("", **needs(VIEW, ExportOut, 202), operation_id="create_export", summary="Ask for an export")
def create_export(request: HttpRequest, wanted: NewExport) -> Status[ExportOut]:
    """It is made in the background; ask for it until its state is `ready`. The same one asked for twice is one."""
    topic = topic_or_refusal(wanted.topic)
    if wanted.format not in FORMATS:
        raise invalid({"format": "There is no such format."}, f"Take one of {', '.join(FORMATS)}.")
    try:
        export = asking.ask(caller_of(request).user, topic, _filter(wanted), wanted.format)
    except asking.TooManyUnderWay as error:
        raise too_many("You have too many exports under way.", "Wait for one of them, or cancel one.") from error
    return Status(202, _told(export))


@router.get("", **needs(VIEW, ExportList), operation_id="list_exports", summary="List your exports")
def list_exports(request: HttpRequest) -> ExportList:
    return ExportList(items=[_told(export) for export in Export.objects.filter(owner=_owner(request))[:MOST_SHOWN]])


@router.get("/{int:export_id}", **needs(VIEW, ExportOut), operation_id="read_export", summary="How an export is")
def read_export(request: HttpRequest, export_id: int) -> ExportOut:
    return _told(_mine(request, export_id))


@router.get(
    "/{int:export_id}/file",
    **needs(VIEW, None, responses=A_FILE),
    operation_id="download_export",
    summary="Download an export",
)
def download_export(request: HttpRequest, export_id: int) -> StreamingHttpResponse:
    export = _mine(request, export_id)
    if not shown(export, timezone.now()).ready:
        raise ApiError(409, "no_file", "This export has no file, or none any more.", "Its state says why.")
    try:
        pieces = streaming.from_file(files.path_of(export.file))
    except FileNotFoundError as error:
        asking.file_vanished(export)
        raise ApiError(
            409, "no_file", "The file has vanished from the server.", "Ask for the export again."
        ) from error
    if export.topic is not None:
        asking.note(caller_of(request).user, export.topic, "Export downloaded", export.format, export.words)
    name = export.topic.folder if export.topic is not None else "export"
    response: StreamingHttpResponse = streaming.download(pieces, FORMATS[export.format], name)
    response["Content-Length"] = str(export.size)
    return response


@router.post(
    "/{int:export_id}/cancel", **needs(VIEW, ExportOut), operation_id="cancel_export", summary="Cancel an export"
)
def cancel_export(request: HttpRequest, export_id: int) -> ExportOut:
    if not asking.cancel(_mine(request, export_id)):
        raise ApiError(409, "not_now", "It is not under way any more.", "Its state says how it ended.")
    return _told(_mine(request, export_id))


def _filter(wanted: NewExport) -> Filters:
    """As the portal's page reads it from its address."""
    try:
        return filter_from(QueryDict(filters_of(wanted).query))
    except UnusableFilter as error:
        raise invalid({"state": str(error)}, "See the page of the API for what there is.") from error


def _mine(request: HttpRequest, export_id: int) -> Any:
    """Other people's exports do not exist."""
    exports = Export.objects.select_related("topic")
    export = exports.filter(pk=min(export_id, HIGHEST_ID), owner=_owner(request)).first()
    if export is None:
        raise not_found("export", "List your exports to see which there are.")
    return export


def _owner(request: HttpRequest) -> int:
    return caller_of(request).user.pk


def _told(export: Any) -> ExportOut:
    page = shown(export, timezone.now())
    return ExportOut(
        id=export.pk,
        topic=export.topic_id,
        topic_name=export.topic_name,
        format=export.format,
        state=export.state,
        detail=page.detail,
        written=export.written,
        expected=export.expected,
        size=export.size,
        asked_at=export.asked_at,
        made_at=export.made_at,
        expires_at=export.expires_at,
        file=f"/api/v1/exports/{export.pk}/file" if page.ready else "",
    )

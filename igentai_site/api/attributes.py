"""The entries of lists: by pages, and a whole list as a stream."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Query, Router

from igentai_site.api import listing, stream
from igentai_site.api.auth import caller_of
from igentai_site.api.entry_schemas import AttributePage, AttributeQuery, StreamQuery
from igentai_site.api.errors import invalid
from igentai_site.api.needs import needs
from igentai_site.api.rates import streams
from igentai_site.api.topics import topic_or_refusal
from orchestration.models import Run
from producers.models import Provider

VIEW = "topics.view_attribute"

ONE_A_LINE = {
    200: {
        "description": "One entry a line",
        "content": {"application/x-ndjson": {"schema": {"$ref": "#/components/schemas/AttributeOut"}}},
    }
}

router = Router(tags=["attributes"])


@router.get(
    "/attributes",
    **needs(VIEW, AttributePage),
    operation_id="list_attributes",
    summary="List attributes by pages",
)
def list_attributes(request: HttpRequest, asked: Query[AttributeQuery]) -> dict[str, Any]:
    """In the order in which they were stored. While more are being found, going on after the last id misses nothing.
    What people rejected is left out unless it is asked for."""
    filters = listing.Filters(
        topic=asked.topic,
        run=_run(asked.topic, asked.run),
        provider=_provider(asked.provider),
        slot=asked.producer,
        partition=_line(asked.partition),
        state=asked.state,
        q=_line(asked.q),
        with_rejected=asked.with_rejected,
    )
    page = listing.page(filters, asked.after, asked.limit)
    return {"items": page.rows, "next": page.next}


def _run(topic: int | None, number: int | None) -> int | None:
    """The run that is meant; -1, which is none's id, where there is no such run."""
    if number is None:
        return None
    if topic is None:
        raise invalid({"run": "Runs are numbered by topic."}, "Say which topic, too.")
    found = Run.objects.filter(topic=topic, number=min(number, 2**31 - 1)).values_list("pk", flat=True).first()
    return -1 if found is None else found


def _provider(name: str) -> int | None:
    if not name:
        return None
    found = Provider.objects.filter(name=_line(name)).values_list("pk", flat=True).first()
    if found is None:
        raise invalid({"provider": "There is no provider of this name."}, "A topic's status names its providers.")
    return found


def _line(text: str) -> str:
    """Without what PostgreSQL refuses."""
    return text.replace("\0", "")


@router.get(
    "/topics/{int:topic_id}/attributes.ndjson",
    **needs(VIEW, None, responses=ONE_A_LINE),
    operation_id="stream_attributes",
    summary="Stream a topic's attributes",
)
def stream_attributes(request: HttpRequest, topic_id: int, asked: Query[StreamQuery]) -> StreamingHttpResponse:
    """The whole list as NDJSON: one entry, as the pages have it, a line. It begins at once. If it breaks off, go on
    after the last id. Empty lines only say that the connection is alive. A line with `error` instead of an entry is
    the last, and says why there are no more: the list was replaced, say, or the token revoked."""
    topic_or_refusal(topic_id)
    caller = caller_of(request)
    if not streams.has_room(caller.key):
        raise stream.too_many_streams()
    wanted = stream.Wanted(topic_id, asked.after, follow=asked.follow, with_rejected=asked.with_rejected)
    return stream.Lines(caller, VIEW, wanted)

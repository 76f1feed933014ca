"""The entries of lists: by pages, and a whole list as a stream."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Query, Router

from igentai_site.api import listing, stream
from igentai_site.api.auth import caller_of
from igentai_site.api.entry_schemas import AttributePage, AttributeQuery, StreamQuery
from igentai_site.api.meant import filters_of
from igentai_site.api.needs import needs
from igentai_site.api.rates import streams
from igentai_site.api.topics import topic_or_refusal

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
    page = listing.page(filters_of(asked), asked.after, asked.limit, with_rejected=asked.with_rejected)
    return {"items": page.rows, "next": page.next}


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

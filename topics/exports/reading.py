"""Entries from the database, in chunks by their number.

Each chunk is a question of its own: an open cursor over a million rows would hold a read transaction, under which
SQLite's log grows without end, and OFFSET reads again what it skips.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from topics.browsing.filters import Filters
from topics.browsing.rows import with_reviews
from topics.exports.entries import Entry, one_line, share_of_cost
from topics.exports.selection import matching
from topics.models import Attribute

CHUNK = 2_000


class ListReplaced(Exception):
    """The list that was being read has made way for another."""


@dataclass(frozen=True, slots=True)
class Extent:
    """A list as it was at some moment: its first entry and its last one; 0 where it was empty.

    A list only grows, up to the day it is replaced; then all its entries go, and their numbers are not used again.
    """

    first: int
    last: int


def extent_of(topic_id: int) -> Extent:
    ids = Attribute.objects.filter(topic=topic_id).values_list("id", flat=True)
    # The last one first: whatever is written in between, the extent is of one list or is found to be replaced.
    last = ids.order_by("-id").first() or 0
    return Extent(first=ids.order_by("id").first() or 0, last=last)


def make_sure_it_stands(extent: Extent) -> None:
    """Raises ListReplaced."""
    if extent.last and not Attribute.objects.filter(pk=extent.first).exists():
        raise ListReplaced


def expected(wanted: Filters, extent: Extent) -> int:
    return matching(wanted).order_by().filter(id__lte=extent.last).count()


def chunks(wanted: Filters, extent: Extent, size: int = CHUNK) -> Iterator[list[Entry]]:
    """The entries within the extent, in the order in which they were found. Raises ListReplaced."""
    after = 0
    while chunk := read_chunk(wanted, extent, after, size):
        # Before it is handed on: what was found of a list that is gone by now may have gaps.
        make_sure_it_stands(extent)
        after = chunk[-1].id
        yield chunk
    make_sure_it_stands(extent)


def read_chunk(wanted: Filters, extent: Extent, after: int, size: int) -> list[Entry]:
    within = with_reviews(matching(wanted)).filter(id__gt=after, id__lte=extent.last).order_by("id")
    return [_entry(*values) for values in within.values_list(*COLUMNS)[:size]]


COLUMNS = (
    "id",
    "text",
    "times_seen",
    "request__finished_at",
    "request__run__number",
    "request__producer__slot",
    "request__provider__name",
    "request__provider__model",
    "request__provider__kind",
    "request__partition",
    "request_id",
    "request__cost_usd",
    "request__unique",
    "said_verdict",
    "said_text",
)


def _entry(
    id_: int,
    text: str,
    times_seen: int,
    first_seen: datetime,
    run: int,
    slot: int,
    provider: str,
    model: str,
    kind: str,
    partition: str,
    request: int,
    cost: Decimal | None,
    found: int,
    verdict: str,
    written: str,
) -> Entry:
    return Entry(
        id=id_,
        text=one_line(written or text),
        found_text=one_line(text),
        verdict=verdict,
        times_seen=times_seen,
        first_seen=first_seen,
        run=run,
        producer=slot,
        provider=provider,
        model=model,
        kind=kind,
        partition=partition,
        request=request,
        cost_share_usd=share_of_cost(cost, found),
    )

"""The entries of lists, a page at a time in the order of their ids, which is the order of commits.

Whoever has read up to an id has missed nothing before it, however many are added meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from producers.models import Provider
from topics.browsing.filters import Filters
from topics.browsing.rows import with_reviews
from topics.browsing.windows import Clock, Walk, find
from topics.models import Attribute, Review


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    topic: int
    text: str
    found: str
    verdict: str
    times_seen: int
    provider: str
    simulated: bool
    run: int
    producer: int
    partition: str
    request: int
    found_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """`next`: what to give as `after` for the next page; None: there is none."""

    rows: tuple[Row, ...]
    next: int | None


def page(
    filters: Filters,
    after: int,
    limit: int,
    through: int | None = None,
    *,
    with_rejected: bool = False,
    clock: Clock = time.monotonic,
) -> Page:
    """Up to `limit` entries after the id `after`, not beyond `through`; fewer where looking for rare ones takes long.
    What people rejected is only there where it is asked for."""
    found = find(filters, Walk(start=after, up=True, through=through), limit, clock=clock)
    return Page(rows_of(found.ids, with_rejected=with_rejected or filters.state == "rejected"), found.position)


def rows_of(ids: Sequence[int], *, with_rejected: bool) -> tuple[Row, ...]:
    entries = with_reviews(Attribute.objects.filter(id__in=ids).order_by("id"))
    rows = (_row(*values) for values in entries.values_list(*COLUMNS))
    return tuple(row for row in rows if with_rejected or row.verdict != Review.Verdict.REJECTED)


COLUMNS = (
    "id",
    "topic_id",
    "text",
    "said_text",
    "said_verdict",
    "times_seen",
    "request__provider__name",
    "request__provider__kind",
    "request__run__number",
    "request__producer__slot",
    "request__partition",
    "request_id",
    "request__finished_at",
)


def _row(
    id_: int,
    topic: int,
    found: str,
    written: str,
    verdict: str,
    times_seen: int,
    provider: str,
    kind: str,
    run: int,
    slot: int,
    partition: str,
    request: int,
    found_at: datetime,
) -> Row:
    return Row(
        id=id_,
        topic=topic,
        text=written or found,
        found=found,
        verdict=verdict,
        times_seen=times_seen,
        provider=provider,
        simulated=kind == Provider.Kind.SIMULATED,
        run=run,
        producer=slot,
        partition=partition,
        request=request,
        found_at=found_at,
    )

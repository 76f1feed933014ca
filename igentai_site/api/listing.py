"""The entries of lists, a page at a time in the order of their ids, which is the order of commits.

Whoever has read up to an id has missed nothing before it, however many are added meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from producers.models import Provider
from topics.browsing.filters import Filters
from topics.browsing.windows import Walk
from topics.models import Attribute, Review

# Of so many entries those that are wanted are looked for; so no question takes long, however rare they are.
SCANNED = 50_000


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
    filters: Filters, after: int, limit: int, through: int | None = None, *, with_rejected: bool = False
) -> Page:
    """Up to `limit` entries after the id `after`, not beyond `through`. What people rejected is only there where it
    is asked for."""
    ids, following = find_ids(filters, after, limit, through)
    return Page(rows_of(ids, with_rejected=with_rejected or filters.state == "rejected"), following)


def find_ids(filters: Filters, after: int, limit: int, through: int | None) -> tuple[list[int], int | None]:
    """The ids of a page, and where the next begins."""
    walk = Walk(start=after, up=True, through=through)
    edge = edge_of(walk.beyond(filters.of_topic(), after)) if filters.looks_at_each else None
    wanted = walk.beyond(filters.entries(), after)
    if edge is not None:
        wanted = walk.up_to(wanted, edge)
    ids = list(wanted.values_list("id", flat=True)[: limit + 1])
    return ids[:limit], ids[limit - 1] if len(ids) > limit else edge


def edge_of(around: QuerySet[Attribute], scanned: int = SCANNED) -> int | None:
    """The id up to which is looked now; None: to the end."""
    beyond = list(around.values_list("id", flat=True)[scanned - 1 : scanned + 1])
    return beyond[0] if len(beyond) == 2 else None


def rows_of(ids: list[int], *, with_rejected: bool) -> tuple[Row, ...]:
    review = Review.objects.filter(topic=OuterRef("topic"), key=OuterRef("key"))
    entries = Attribute.objects.filter(id__in=ids).order_by("id")
    entries = entries.annotate(
        verdict=Coalesce(Subquery(review.values("verdict")), Value("")),
        written=Coalesce(Subquery(review.values("text")), Value("")),
    )
    rows = (_row(*values) for values in entries.values_list(*COLUMNS))
    return tuple(row for row in rows if with_rejected or row.verdict != Review.Verdict.REJECTED)


COLUMNS = (
    "id",
    "topic_id",
    "text",
    "written",
    "verdict",
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

"""The entries of lists, a page at a time in the order of their ids, which is the order of commits.

Whoever has read up to an id has missed nothing before it, however many are added meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from producers.models import Provider
from topics.folding import fold
from topics.models import Attribute, Review

# Of so many entries those that are wanted are looked for; so no question takes long, however rare they are.
SCANNED = 50_000
WHOLE_TOPIC = "(whole topic)"  # what was asked for without a part


@dataclass(frozen=True, slots=True)
class Filters:
    """Each narrows the list; an empty one does not. What people rejected is only there where it is asked for."""

    topic: int | None = None
    run: int | None = None
    provider: int | None = None
    slot: int | None = None
    partition: str = ""
    state: str = ""
    q: str = ""
    with_rejected: bool = False

    @property
    def looks_at_each(self) -> bool:
        narrowing = (self.run, self.provider, self.slot, self.partition or None, self.state or None, self.q or None)
        return any(value is not None for value in narrowing)


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


def page(filters: Filters, after: int, limit: int, through: int | None = None) -> Page:
    """Up to `limit` entries after the id `after`, not beyond `through`."""
    ids, following = find_ids(filters, after, limit, through)
    return Page(rows_of(ids, with_rejected=filters.with_rejected or filters.state == "rejected"), following)


def find_ids(filters: Filters, after: int, limit: int, through: int | None) -> tuple[list[int], int | None]:
    """The ids of a page, and where the next begins."""
    around = Attribute.objects.filter(id__gt=after).order_by("id")
    if filters.topic is not None:
        around = around.filter(topic=filters.topic)
    if through is not None:
        around = around.filter(id__lte=through)
    edge = edge_of(around) if filters.looks_at_each else None
    wanted = _narrowed(around, filters) if edge is None else _narrowed(around.filter(id__lte=edge), filters)
    ids = list(wanted.values_list("id", flat=True)[: limit + 1])
    return ids[:limit], ids[limit - 1] if len(ids) > limit else edge


def edge_of(around: QuerySet[Attribute], scanned: int = SCANNED) -> int | None:
    """The id up to which is looked now; None: to the end."""
    beyond = list(around.values_list("id", flat=True)[scanned - 1 : scanned + 1])
    return beyond[0] if len(beyond) == 2 else None


def _narrowed(entries: QuerySet[Attribute], filters: Filters) -> QuerySet[Attribute]:
    part = "" if filters.partition == WHOLE_TOPIC else filters.partition
    wanted = {
        "request__run": filters.run,
        "request__provider": filters.provider,
        "request__producer__slot": filters.slot,
        "request__partition": part if filters.partition else None,
    }
    entries = entries.filter(**{name: value for name, value in wanted.items() if value is not None})
    if filters.q:
        words = fold(filters.q)
        entries = entries.filter(Q(folded__contains=words) | Q(text__icontains=words))
    return entries.filter(_in_state(filters.state)) if filters.state else entries


def _in_state(state: str) -> Q:
    if state == "new":
        return ~_reviewed(~Q(verdict="", text=""))
    return _reviewed(~Q(text="") if state == "corrected" else Q(verdict=state))


def _reviewed(condition: Q) -> Q:
    return Q(Exists(Review.objects.filter(condition, topic=OuterRef("topic"), key=OuterRef("key"))))


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

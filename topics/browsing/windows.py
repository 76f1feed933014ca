"""Walks through entries in the order of their ids, however many there are and however few are wanted.

The database is asked for one window of entries after the other, so that no question takes long; when the time is up,
what was found is shown with the place where the next look goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, Max, Min, QuerySet

from topics.browsing.filters import Filters, reviews_in
from topics.browsing.spans import span_of
from topics.models import Attribute, Review

FIRST_WINDOW, LARGEST_WINDOW = 1_000, 10_000
PATIENCE_SECONDS = 0.7
MOST_COUNTED = 10_000
FEW_REVIEWS = 1_000
FEW_TOPICS = 20

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Found:
    """Ids in the order of the walk. `position`: the next walk goes on from here; None: there is no more.

    `out_of_time`: the walk ended before it found as many as were wanted.
    """

    ids: tuple[int, ...]
    position: int | None = None
    out_of_time: bool = False


@dataclass(frozen=True, slots=True)
class Walk:
    """From where and in which direction; None: from the end. `through` is the last id of a walk that goes up."""

    start: int | None = None
    up: bool = False
    through: int | None = None

    def beyond(self, entries: QuerySet[Attribute], position: int | None) -> QuerySet[Attribute]:
        """Those that the walk has still to come to, in its order."""
        if position is not None:
            entries = entries.filter(id__gt=position) if self.up else entries.filter(id__lt=position)
        if self.through is not None:
            entries = entries.filter(id__lte=self.through)
        return entries.order_by("id" if self.up else "-id")

    def up_to(self, entries: QuerySet[Attribute], edge: int) -> QuerySet[Attribute]:
        return entries.filter(id__lte=edge) if self.up else entries.filter(id__gte=edge)


def find(
    filters: Filters,
    walk: Walk,
    wanted: int,
    *,
    seconds: float = PATIENCE_SECONDS,
    clock: Clock = time.monotonic,
    window: int = FIRST_WINDOW,
) -> Found:
    """Up to `wanted` entries; each window is larger than the one before, so that what is dense is found at once."""
    entries = filters.entries()
    few = _few_reviewed(filters)
    if few is not None or not filters.looks_at_each:
        wanted_ones = entries if few is None else entries.filter(pk__in=few)
        return _page(list(_ids(walk.beyond(wanted_ones, walk.start))[: wanted + 1]), wanted)
    until = clock() + seconds
    found: list[int] = []
    around, position, sought = filters.of_topic(), walk.start, bool(filters.of_requests)
    while (edge := _edge(walk, walk.beyond(around, position), window)) is not None:
        in_window = walk.up_to(walk.beyond(entries, position), edge)
        new = list(_ids(in_window)[: wanted + 1 - len(found)])
        found += new
        if len(found) > wanted:
            break
        position, window = edge, min(window * 5, LARGEST_WINDOW)
        if sought and not new:  # it may be far away, or nowhere
            # Both: a window may not reach over the gap before the span.
            span, sought = span_of(filters), False
            around, entries = around.filter(id__range=span), entries.filter(id__range=span)
        if clock() > until:
            return Found(tuple(found), position, out_of_time=True)
    return _page(found, wanted)


def _edge(walk: Walk, ahead: QuerySet[Attribute], window: int) -> int | None:
    """The id of the last entry of the window; None: nothing is ahead."""
    last: int | None = ahead[:window].aggregate(last=Max("id") if walk.up else Min("id"))["last"]
    return last


def _page(ids: list[int], wanted: int) -> Found:
    """One more than wanted was asked for, which tells whether there is more."""
    shown = tuple(ids[:wanted])
    return Found(shown, shown[-1] if len(ids) > wanted else None)


def _ids(entries: QuerySet[Attribute]) -> QuerySet[Attribute, int]:
    return entries.values_list("id", flat=True)


def _few_reviewed(filters: Filters) -> list[int] | None:
    """The ids of the entries in this state, where reviews say so of few; found by their keys, without a walk."""
    if filters.state in ("", "new"):
        return None
    reviews = Review.objects.filter(reviews_in(filters.state))
    if filters.topic is not None:
        reviews = reviews.filter(topic=filters.topic)
    keys: dict[int, list[bytes]] = {}
    rows = list(reviews.order_by().values_list("topic_id", "key")[: FEW_REVIEWS + 1])
    for topic_id, key in rows:
        keys.setdefault(topic_id, []).append(bytes(key))
    if len(rows) > FEW_REVIEWS or len(keys) > FEW_TOPICS:
        return None
    # In no order and without a limit: else PostgreSQL may go through the whole list in the hope of an early end.
    return [
        pk
        for topic_id, some in keys.items()
        for pk in _ids(Attribute.objects.filter(topic=topic_id, key__in=some).order_by())
    ]


@dataclass(frozen=True, slots=True)
class Number:
    """How many there are, or at least are: nobody waits for a count of millions."""

    at_least: int
    exact: bool

    def __str__(self) -> str:
        return f"{self.at_least:,}{'' if self.exact else '+'}"


def number_of(filters: Filters, *, through: int | None = None, clock: Clock = time.monotonic) -> Number:
    if not filters.looks_at_each:
        ahead = Walk(up=True, through=through).beyond(filters.entries(), None)
        counted: int = ahead[: MOST_COUNTED + 1].aggregate(number=Count("id"))["number"]
        return Number(min(counted, MOST_COUNTED), counted <= MOST_COUNTED)
    found = find(filters, Walk(up=True, through=through), MOST_COUNTED, clock=clock)
    return Number(len(found.ids), found.position is None)

"""How much of a topic's list people have rejected: it is stored, and does not count."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, QuerySet

from topics.models import Attribute, Review

MOST_KNOWN = 1_000


class PresentList(NamedTuple):
    """The list that a topic had when it was read, and how often people had said something (`Topic.reviews`)."""

    topic_id: int
    reviews: int
    number: int


# Counted anew only when people have said something, or the list is another one: an entry that is rejected already
# never comes into a list, so nothing else changes it.
_known: dict[PresentList, int] = {}


def count_rejected(topic_id: int) -> int:
    """The entries of the present list that people have rejected."""
    return _rejected([topic_id]).count()


def rejected_of(topic_id: int, reviews: int, list_number: int) -> int:
    """The same, counted only where it is not known."""
    return rejected_of_each([PresentList(topic_id, reviews, list_number)])[topic_id]


def rejected_of_each(lists: Iterable[PresentList]) -> dict[int, int]:
    """The same of many topics, by their ids, with one query at most."""
    found = {each: _known.get(each) if each.reviews else 0 for each in lists}
    unknown = [each for each, number in found.items() if number is None]
    if unknown:
        counted = _count_each([each.topic_id for each in unknown])
        news = {each: counted.get(each.topic_id, 0) for each in unknown}
        _remember(news)
        found |= news
    return {each.topic_id: number or 0 for each, number in found.items()}


def _count_each(topics: Collection[int]) -> dict[int, int]:
    return dict(_rejected(topics).order_by().values_list("topic").annotate(Count("id")))


def _rejected(topics: Collection[int]) -> QuerySet[Review]:
    listed = Attribute.objects.filter(topic=OuterRef("topic"), key=OuterRef("key"))
    return Review.objects.filter(Exists(listed), topic__in=topics, verdict=Review.Verdict.REJECTED)


def _remember(news: dict[PresentList, int]) -> None:
    if len(_known) + len(news) > MOST_KNOWN:
        _known.clear()
    _known.update(news)


def forget() -> None:
    """For tests, whose databases use the same ids again."""
    _known.clear()

"""How much of a topic's list people have rejected: it is stored, and does not count."""

from __future__ import annotations

from functools import lru_cache

from django.db.models import Exists, OuterRef

from topics.models import Attribute, Review


def count_rejected(topic_id: int) -> int:
    """The entries of the present list that people have rejected."""
    listed = Attribute.objects.filter(topic=OuterRef("topic"), key=OuterRef("key"))
    return Review.objects.filter(Exists(listed), topic=topic_id, verdict=Review.Verdict.REJECTED).count()


@lru_cache(maxsize=1_000)
def rejected_of(topic_id: int, reviews: int, list_number: int) -> int:
    """The same, counted anew only when people have said something (`Topic.reviews`), or the list is another one.

    An entry that is rejected already never comes into a list, so nothing else changes it.
    """
    return count_rejected(topic_id) if reviews else 0

"""What people say of entries, as the engine reads it; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from orchestration.logic.reviews import Reviews, Said, reviews_of
from orchestration.logic.uniqueness import TopicKeys
from topics.models import Review, Topic


@dataclass(frozen=True, slots=True)
class Taken:
    """How new reviews change what is known beside the list: keys that are known now, and whether others are not."""

    known: frozenset[bytes]
    forgotten: bool


def reviews_of_topic(topic_id: int) -> Reviews:
    """What the engine goes by: rejected entries and corrected ones."""
    # The number first: what is said meanwhile then comes with the next number, once more.
    number = Topic.objects.filter(pk=topic_id).values_list("reviews", flat=True).first() or 0
    rows = (
        Review.objects.filter(topic=topic_id).filter(Q(verdict=Review.Verdict.REJECTED) | ~Q(text="")).order_by("id")
    )
    return reviews_of(
        number,
        (
            Said(id_, bytes(key), verdict == Review.Verdict.REJECTED, text)
            for id_, key, verdict, text in rows.values_list("id", "key", "verdict", "text").iterator(
                chunk_size=20_000
            )
        ),
    )


def take_reviews(keys: TopicKeys) -> Taken:
    """Let what people say now hold for `keys`."""
    before = keys.beside
    keys.review(reviews_of_topic(keys.topic_id))
    return Taken(
        known=frozenset(keys.beside.keys() - before.keys()),
        forgotten=any(key not in keys.beside and key not in keys.known for key in before),
    )


def reviewed_topics() -> dict[int, int]:
    """The topics whose entries people have reviewed, and how many changes of that there were."""
    return dict(Topic.objects.filter(reviews__gt=0).values_list("pk", "reviews"))

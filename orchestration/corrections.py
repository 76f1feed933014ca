"""Corrections: how an entry is written, without making two entries the same."""

from __future__ import annotations

from django.db import transaction

from producers.link.keys import clean, key_of
from topics.models import Attribute, Review
from topics.reviews import By, lock_reviews, rewrite

NO_ENTRY = "An entry is one line of at most 200 characters, with something to see."


class Refused(Exception):
    """A correction that cannot be, and what to do instead; `other` is the entry that it meets."""

    def __init__(self, message: str, other: int | None = None) -> None:
        super().__init__(message)
        self.other = other


def correct(entry: Attribute, text: str, by: By) -> str:
    """Have the entry written as `text`; returns how it is written now. Raises Refused."""
    cleaned = clean(text)
    if cleaned is None:
        raise Refused(NO_ENTRY)
    with transaction.atomic():
        # First, so that two people who make two entries the same wait for each other.
        lock_reviews([entry.topic_id])
        key = key_of(cleaned)
        if key != bytes(entry.key):
            _refuse_what_is_found(entry, key)
            _refuse_what_is_corrected(entry, key)
        rewrite(entry, "" if cleaned == entry.text else cleaned, by)
    return cleaned


def _refuse_what_is_found(entry: Attribute, key: bytes) -> None:
    other = Attribute.objects.filter(topic=entry.topic_id, key=key).first()
    if other is None:
        return
    if Review.objects.filter(topic=entry.topic_id, key=key, verdict=Review.Verdict.REJECTED).exists():
        advice = "It was rejected: clear its verdict and reject this one instead, if that is what you mean."
    else:
        advice = "Reject this one instead."
    raise Refused(f"The list has this entry already: “{other.text}”. {advice}", other.pk)


def _refuse_what_is_corrected(entry: Attribute, key: bytes) -> None:
    corrections = Review.objects.filter(topic=entry.topic_id).exclude(text="").exclude(key=bytes(entry.key))
    for other_key, found, text in corrections.order_by("id").values_list("key", "found", "text"):
        if key_of(text) == key:
            other = Attribute.objects.filter(topic=entry.topic_id, key=bytes(other_key)).first()
            words = f"Another entry is written like this already: “{text}”, found as “{found}”."
            raise Refused(f"{words} Reject this one instead.", other.pk if other else None)

"""Entries whose text has the words that somebody looks for, whatever their case and accents."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from topics.folding import fold
from topics.models import Review

# Corrections are people's own work, so there are few; the newest of them are looked through.
MOST_CORRECTIONS = 5_000


def matching(words: str) -> Q:
    """Django escapes what is a wildcard to the database: "100%" looks for a per cent sign."""
    folded = fold(words)
    beside = ~Q(folded="") & Q(folded__contains=folded)
    found = beside | Q(folded="", text__icontains=folded) if folded.isascii() else beside
    corrected = _corrections_with(folded)
    if not corrected:
        return found
    return found | Q(Exists(Review.objects.filter(pk__in=corrected, topic=OuterRef("topic"), key=OuterRef("key"))))


def _corrections_with(folded: str) -> list[int]:
    corrections = Review.objects.exclude(text="").order_by("-id").values_list("pk", "text")[:MOST_CORRECTIONS]
    return [pk for pk, text in corrections if folded in fold(text)]

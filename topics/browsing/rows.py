"""Entries with what people said of them and who found them, as pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from topics.models import Attribute, Review

UNTOUCHED = "New"


@dataclass(frozen=True, slots=True)
class Said:
    """What people said of an entry."""

    verdict: str = ""
    text: str = ""
    by: str = ""
    at: datetime | None = None

    @property
    def words(self) -> str:
        verdict = Review.Verdict(self.verdict).label if self.verdict else ""
        return ", ".join(filter(None, (verdict, "Corrected" if self.text else ""))) or UNTOUCHED


NOTHING_SAID = Said()


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    text: str
    topic_id: int
    topic: str
    times_seen: int
    provider: str
    simulated: bool
    partition: str
    slot: int
    run: int
    found_at: datetime
    said: Said = NOTHING_SAID

    @property
    def shown(self) -> str:
        """How it is written now."""
        return self.said.text or self.text

    @property
    def needs_badge(self) -> bool:
        """Whether it has to be said that it is simulated; made-up names say so themselves."""
        return self.simulated and not self.shown.endswith("(simulated)")


Keyed = tuple[int, bytes]


def rows_of(ids: Sequence[int]) -> list[Row]:
    """In the order of `ids`; those that are gone meanwhile are left out."""
    values = Attribute.objects.filter(pk__in=ids).values_list(
        "id",
        "topic_id",
        "key",
        "text",
        "topic__name",
        "times_seen",
        "request__provider__name",
        "request__provider__kind",
        "request__partition",
        "request__producer__slot",
        "request__run__number",
        "request__finished_at",
    )
    found = {each[0]: each for each in values}
    said = said_of((topic_id, bytes(key)) for _, topic_id, key, *_ in found.values())
    rows = []
    for pk in filter(found.__contains__, ids):
        _, topic_id, key, text, topic, seen, provider, kind, partition, slot, run, at = found[pk]
        of_this = said.get((topic_id, bytes(key)), NOTHING_SAID)
        simulated = kind == "simulated"
        rows.append(Row(pk, text, topic_id, topic, seen, provider, simulated, partition, slot, run, at, of_this))
    return rows


def with_reviews(entries: QuerySet[Attribute]) -> QuerySet[Any]:
    """Each with what people said of it: `said_verdict` and `said_text`, empty where they said nothing."""
    review = Review.objects.filter(topic=OuterRef("topic"), key=OuterRef("key"))
    said = {name: Coalesce(Subquery(review.values(name)), Value("")) for name in ("verdict", "text")}
    return entries.annotate(said_verdict=said["verdict"], said_text=said["text"])


def said_of(entries: Iterable[Keyed]) -> dict[Keyed, Said]:
    """By topic and key, in one question."""
    keys: dict[int, list[bytes]] = {}
    for topic_id, key in entries:
        keys.setdefault(topic_id, []).append(key)
    if not keys:
        return {}
    wanted = Q()
    for topic_id, some in keys.items():
        wanted |= Q(topic=topic_id, key__in=some)
    reviews = Review.objects.filter(wanted).order_by()
    rows = reviews.values_list("topic_id", "key", "verdict", "text", "by__username", "at")
    return {(topic, bytes(key)): Said(verdict, text, by or "", at) for topic, key, verdict, text, by, at in rows}

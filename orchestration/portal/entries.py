"""The entries of a list as live pages read them: the newest, those after a cursor, those searched for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from producers.models import Provider
from topics.folding import fold
from topics.models import Attribute

# A viewer that has missed more than this is shown the newest entries instead of all of them, page after page.
FAR_BEHIND = 2_000
# So many of the newest entries are searched: whoever wants more has the page that browses all.
SEARCHED = 5_000
MOST_COUNTED = 100_000


@dataclass(frozen=True, slots=True)
class Entry:
    """An attribute, with who found it, in which part, and when."""

    id: int
    text: str
    provider: str
    simulated: bool
    slot: int
    found_at: datetime
    partition: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries somebody wants to see; what is empty does not matter."""

    provider: str = ""
    slot: int | None = None
    text: str = ""

    def condition(self) -> Q:
        """The same question that filter.js asks of what arrives."""
        wanted = Q()
        if self.provider:
            wanted &= Q(request__provider__name=self.provider)
        if self.slot is not None:
            wanted &= Q(request__producer__slot=self.slot)
        if folded := fold(self.text.strip()):
            wanted &= Q(folded="", text__icontains=folded) | Q(folded__contains=folded)
        return wanted

    def __bool__(self) -> bool:
        return bool(self.provider or self.text.strip() or self.slot is not None)


EVERYTHING = Wanted()


def newest_id(topic_id: int) -> int:
    """The cursor of one who has seen everything; 0 when the list is empty."""
    ids = Attribute.objects.filter(topic=topic_id).order_by("-id").values_list("id", flat=True)
    return ids.first() or 0


def entries_after(topic_id: int, cursor: int, limit: int) -> tuple[Entry, ...]:
    return _entries(Attribute.objects.filter(topic=topic_id, id__gt=cursor).order_by("id")[:limit])


def newest_entries(topic_id: int, limit: int, wanted: Wanted = EVERYTHING) -> tuple[Entry, ...]:
    """The newest first; of those that are searched for, the ones among the newest 5,000."""
    newest = Attribute.objects.filter(topic=topic_id).order_by("-id")
    if not wanted:
        return _entries(newest[:limit])
    before = newest.values_list("id", flat=True)[SEARCHED : SEARCHED + 1].first()
    searched = newest if before is None else newest.filter(id__gt=before)
    return _entries(searched.filter(wanted.condition())[:limit])


def missed(topic_id: int, cursor: int) -> int:
    """How many entries come after the cursor, if they are too many to be shown one by one; otherwise 0."""
    after = Attribute.objects.filter(topic=topic_id, id__gt=cursor).order_by("id")
    if not after.values("id")[FAR_BEHIND : FAR_BEHIND + 1].exists():
        return 0
    return after[:MOST_COUNTED].count()


def _entries(attributes: QuerySet[Attribute]) -> tuple[Entry, ...]:
    rows = attributes.values_list(
        "id",
        "text",
        "request__provider__name",
        "request__provider__kind",
        "request__producer__slot",
        "request__finished_at",
        "request__partition",
    )
    return tuple(
        Entry(
            id=id_,
            text=text,
            provider=provider,
            simulated=kind == Provider.Kind.SIMULATED,
            slot=slot,
            found_at=at,
            partition=part,
        )
        for id_, text, provider, kind, slot, at, part in rows
    )

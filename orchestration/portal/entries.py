"""The entries of a list as live pages read them: the newest, those after a cursor, those searched for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet

from producers.models import Provider
from topics.browsing.rows import NOTHING_SAID, Said, with_reviews
from topics.browsing.search import matching
from topics.models import Attribute, Review

# A viewer that has missed more than this is shown the newest entries instead of all of them, page after page.
FAR_BEHIND = 2_000
# So many of the newest entries are searched: whoever wants more has the page that browses all.
SEARCHED = 5_000
MOST_COUNTED = 100_000


@dataclass(frozen=True, slots=True)
class Entry:
    """An attribute, who found it, in which part and when, and what people say of it. `text`: as it was found."""

    id: int
    text: str
    provider: str
    simulated: bool
    slot: int
    found_at: datetime
    partition: str = ""
    said: Said = NOTHING_SAID


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
        if text := self.text.strip():
            wanted &= matching(text)
        return wanted

    @property
    def query(self) -> str:
        """As it stands in the address of the live page."""
        slot = "" if self.slot is None else self.slot
        values = {"q": self.text, "provider": self.provider, "producer": slot}
        return urlencode({name: value for name, value in values.items() if value != ""})

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
    return _entries(newest.filter(wanted.condition(), id__gte=_first_searched(topic_id))[:limit])


def reviewed_entries(topic_id: int, since: int) -> tuple[int, tuple[Entry, ...]]:
    """Those that people have reviewed from the id `since` on, of the newest 5,000; and from which id on these are."""
    since = max(since, _first_searched(topic_id))
    reviewed = Exists(Review.objects.filter(topic=topic_id, key=OuterRef("key")))
    return since, _entries(Attribute.objects.filter(reviewed, topic=topic_id, id__gte=since).order_by("id"))


def _first_searched(topic_id: int) -> int:
    newest = Attribute.objects.filter(topic=topic_id).order_by("-id").values_list("id", flat=True)
    return newest[SEARCHED - 1 : SEARCHED].first() or 0


def missed(topic_id: int, cursor: int) -> int:
    """How many entries come after the cursor, if they are too many to be shown one by one; otherwise 0."""
    after = Attribute.objects.filter(topic=topic_id, id__gt=cursor).order_by("id")
    if not after.values("id")[FAR_BEHIND : FAR_BEHIND + 1].exists():
        return 0
    return after[:MOST_COUNTED].count()


def _entries(attributes: QuerySet[Attribute]) -> tuple[Entry, ...]:
    rows = with_reviews(attributes).values_list(
        "id",
        "text",
        "request__provider__name",
        "request__provider__kind",
        "request__producer__slot",
        "request__finished_at",
        "request__partition",
        "said_verdict",
        "said_text",
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
            said=Said(verdict, written) if verdict or written else NOTHING_SAID,
        )
        for id_, text, provider, kind, slot, at, part, verdict, written in rows
    )

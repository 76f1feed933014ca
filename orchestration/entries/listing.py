"""The list of entries as its page shows it: one page of rows, the filters, and the way to the next page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet

from orchestration.models import Run
from producers.models import Provider
from topics.browsing.filters import STATES, Filters
from topics.browsing.rows import Row, rows_of
from topics.browsing.windows import Found, Number, Walk, find, number_of
from topics.models import Attribute, Topic

PAGE_SIZE = 50
MOST_CHOICES = 200
NAMES = {
    "q": "text",
    "topic": "topic",
    "run": "run",
    "provider": "provider",
    "partition": "part",
    "slot": "producer",
    "state": "state",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the list a page is: it begins before or after an id, else at its top."""

    oldest_first: bool = False
    before: int | None = None
    after: int | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Place:
        before, after = (_id(query.get(name)) for name in ("before", "after"))
        return cls(query.get("order") == "oldest", before, None if before is not None else after)

    @property
    def at_top(self) -> bool:
        return self.before is None and self.after is None

    @property
    def walk(self) -> Walk:
        if self.before is not None:
            return Walk(self.before)
        return Walk(self.after, up=True) if self.after is not None else Walk(up=self.oldest_first)

    @property
    def backwards(self) -> bool:
        """Whether the walk goes against the order of the page."""
        return self.walk.up != self.oldest_first


FIRST_PAGE = Place()


@dataclass(frozen=True, slots=True)
class Choice:
    value: int | str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that narrows, in words, and the address of the list without it."""

    name: str
    words: str
    without: str


@dataclass(frozen=True, slots=True)
class Listing:
    """`top`, `back`, `onward`: queries of other pages, empty where there are none.

    `searched_to`: so far a search came before its time was up; `further` is the query of its next part.
    """

    filters: Filters
    rows: list[Row]
    chips: list[Chip]
    number: Number | None
    top: str
    back: str
    onward: str
    searched_to: int | None
    further: str
    other_order: str
    oldest_first: bool


def listing(filters: Filters, place: Place) -> Listing:
    found = find(filters, place.walk, PAGE_SIZE)
    ids = tuple(reversed(found.ids)) if place.backwards else found.ids
    base: dict[str, int | str] = {**filters.chosen, **({"order": "oldest"} if place.oldest_first else {})}
    back, onward = _ways(found, place)
    further = (back if place.backwards else onward) if found.out_of_time else {}
    return Listing(
        filters=filters,
        rows=rows_of(ids),
        chips=chips(filters, place),
        number=None if filters.looks_at_each else number_of(filters),
        top="" if place.at_top else f"?{urlencode(base)}",
        back=_query(base, back),
        onward=_query(base, onward),
        searched_to=found.position if found.out_of_time else None,
        further=_query(base, further),
        other_order=f"?{urlencode({**filters.chosen, **({} if place.oldest_first else {'order': 'oldest'})})}",
        oldest_first=place.oldest_first,
    )


Way = dict[str, int]


def _query(base: dict[str, int | str], way: Way) -> str:
    return f"?{urlencode({**base, **way})}" if way else ""


def _ways(found: Found, place: Place) -> tuple[Way, Way]:
    """Towards the top, and on; where the walk came from there is something, as somebody has been there."""
    ahead, behind = ("after", "before") if place.walk.up else ("before", "after")
    edge = (found.ids[0] if found.ids else place.walk.start) if not place.at_top else None
    came_from: Way = {} if edge is None else {behind: edge if found.ids else _past(edge, behind)}
    goes_to: Way = {} if found.position is None else {ahead: found.position}
    return (goes_to, came_from) if place.backwards else (came_from, goes_to)


def _past(edge: int, behind: str) -> int:
    """An empty page starts beside the entry that led to it, which the page before has to show."""
    return edge + 1 if behind == "before" else edge - 1


def chips(filters: Filters, place: Place = FIRST_PAGE) -> list[Chip]:
    order = {"order": "oldest"} if place.oldest_first else {}
    words = filter_words(filters)
    return [
        Chip(NAMES[name], words[name], f"?{urlencode({**filters.without(name).chosen, **order})}") for name in words
    ]


def filter_words(filters: Filters) -> dict[str, str]:
    """What each filter that narrows is called; what it names may be gone."""
    words = {name: str(value) for name, value in filters.chosen.items()}
    if filters.topic is not None:
        words["topic"] = _named(Topic.objects.filter(pk=filters.topic).values_list("name", flat=True))
    if filters.run is not None:
        run = Run.objects.filter(pk=filters.run).select_related("topic").first()
        words["run"] = f"{run.number} of {run.topic}" if run else "one that is gone"
    if filters.provider is not None:
        words["provider"] = _named(Provider.objects.filter(pk=filters.provider).values_list("name", flat=True))
    return {name: words[name] for name in NAMES if name in words}


def in_words(filters: Filters) -> str:
    """For a confirmation and the audit log."""
    words = ", ".join(f"{NAMES[name]} {value}" for name, value in filter_words(filters).items())
    return f"filter: {words}" if words else "every entry of every topic"


def _named(names: QuerySet[Any, str]) -> str:
    return names.first() or "one that is gone"


def choices(filters: Filters) -> dict[str, list[Choice]]:
    """What the form offers; what is chosen already is among it, even where there are very many."""
    topics = Topic.objects.order_by("name").values_list("pk", "name")
    runs = Run.objects.order_by("-id").values_list("pk", "number", "topic__name")
    if filters.topic is not None:
        runs = runs.filter(topic=filters.topic)
    providers = Provider.objects.order_by("name").values_list("pk", "name")
    of_runs = [(pk, f"run {number}" + ("" if filters.topic else f" of {topic}")) for pk, number, topic in runs[:50]]
    return {
        "topic": _choices(topics[:MOST_CHOICES], filters.topic, "the chosen topic"),
        "run": _choices(of_runs, filters.run, "the chosen run"),
        "provider": _choices(providers[:MOST_CHOICES], filters.provider, "the chosen provider"),
        "state": _choices(STATES.items(), filters.state, ""),
    }


def _choices(pairs: Any, chosen: int | str | None, words: str) -> list[Choice]:
    found = [Choice(value, label, value == chosen) for value, label in pairs]
    missing = chosen not in (None, "") and not any(choice.chosen for choice in found)
    return [*found, Choice(chosen, words, True)] if missing and chosen is not None else found


def emptiness(filters: Filters) -> str:
    """Why there is nothing to see: one of the names that the page has words for."""
    if filters.chosen.keys() - {"topic"}:
        return "filter"
    if filters.topic is not None:
        return "topic" if Topic.objects.filter(pk=filters.topic).exists() else "filter"
    return "found" if Topic.objects.exists() else "topics"


def newest_id() -> int:
    return Attribute.objects.order_by("-id").values_list("id", flat=True).first() or 0


def _id(text: str | None) -> int | None:
    usable = text and text.isascii() and text.isdecimal() and len(text) <= 18
    return int(text) if usable and text else None

"""Which entries somebody wants to see, as an address says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet

from topics.browsing.search import matching
from topics.models import Attribute, Review

WHOLE_TOPIC = "(whole topic)"
LONGEST = 200
HIGHEST = 2**63 - 1
SLOTS = 2**15
STATES = {
    "new": "new: nobody has said anything",
    "accepted": "accepted",
    "rejected": "rejected",
    "corrected": "corrected: written otherwise than found",
}


@dataclass(frozen=True, slots=True)
class Filters:
    """Each narrows the list; an empty one does not."""

    topic: int | None = None
    run: int | None = None
    provider: int | None = None
    slot: int | None = None
    partition: str = ""
    state: str = ""
    q: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Filters:
        """What cannot be understood is left out: an address that somebody shortened still leads to a list."""
        return cls(
            topic=_number(query.get("topic")),
            run=_number(query.get("run")),
            provider=_number(query.get("provider")),
            slot=_number(query.get("slot"), SLOTS),
            partition=_line(query.get("partition")),
            state=query.get("state", "") if query.get("state") in STATES else "",
            q=_line(query.get("q")),
        )

    @property
    def chosen(self) -> dict[str, int | str]:
        """Those that narrow, by name."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value not in (None, "")}

    @property
    def query(self) -> str:
        return urlencode(self.chosen)

    @property
    def looks_at_each(self) -> bool:
        """Whether an entry has to be looked at to tell if it is wanted; else an index has them in order."""
        return bool(self.chosen.keys() - {"topic"})

    def without(self, name: str) -> Filters:
        """A topic takes its run with it: the run would bring back what was cleared."""
        cleared = replace(self, **{name: "" if name in ("partition", "state", "q") else None})  # type: ignore[arg-type]
        return replace(cleared, run=None) if name == "topic" else cleared

    @property
    def whole(self) -> Filters:
        """All entries of the topic."""
        return Filters(topic=self.topic)

    def of_topic(self) -> QuerySet[Attribute]:
        """All of the topic, or of all topics."""
        return Attribute.objects.all() if self.topic is None else Attribute.objects.filter(topic=self.topic)

    def entries(self) -> QuerySet[Attribute]:
        by_request = Q(**{f"request__{name}": value for name, value in self.of_requests.items()})
        return self.of_topic().filter(by_request, self._by_state(), matching(self.q) if self.q else Q())

    @property
    def of_requests(self) -> dict[str, int | str]:
        """What is said of the requests that yielded the entries, as lookups of these."""
        looked_up: dict[str, int | str | None] = {
            "run": self.run,
            "provider": self.provider,
            "producer__slot": self.slot,
            "partition": ("" if self.partition == WHOLE_TOPIC else self.partition) if self.partition else None,
        }
        return {name: value for name, value in looked_up.items() if value is not None}

    def _by_state(self) -> Q:
        if not self.state:
            return Q()
        if self.state == "new":
            return ~_reviewed(~Q(verdict="", text=""))
        return _reviewed(reviews_in(self.state))


def reviews_in(state: str) -> Q:
    """Reviews that put their entries into this state."""
    return ~Q(text="") if state == "corrected" else Q(verdict=state)


def _reviewed(condition: Q) -> Q:
    return Q(Exists(Review.objects.filter(condition, topic=OuterRef("topic"), key=OuterRef("key"))))


def _number(text: str | None, limit: int = HIGHEST) -> int | None:
    if not text or not text.isascii() or not text.isdecimal() or len(text) > 19:
        return None
    return int(text) if int(text) < limit else None


def _line(text: str | None) -> str:
    """One line without what databases refuse."""
    visible = "".join(letter if letter.isprintable() else " " for letter in (text or ""))
    return " ".join(visible.split())[:LONGEST]

"""Which entries: the filter of the browsing page, as it stands in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict

from topics.folding import fold
from topics.models import Attribute, Review

NEW, ACCEPTED, REJECTED, CORRECTED = "new", "accepted", "rejected", "corrected"
STATES = {
    NEW: "nobody has said anything of it",
    ACCEPTED: "accepted",
    REJECTED: "rejected",
    CORRECTED: "written otherwise than found",
}
WHOLE_TOPIC = "(whole topic)"
HIGHEST = 2**63 - 1
LOOKED_AT = 200_000


class UnusableFilter(ValueError):
    """What stands in the address is no filter; to leave it out would export what nobody asked for."""


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Entries of a topic; what is None or empty does not narrow. Rejected ones only where `state` asks for them.

    `run` and `provider` are ids.
    """

    topic: int
    run: int | None = None
    provider: int | None = None
    partition: str = ""
    state: str = ""
    slot: int | None = None
    q: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> EntryFilter:
        """Raises UnusableFilter."""
        topic = _number(query, "topic")
        state = query.get("state", "")
        if topic is None:
            raise UnusableFilter("No topic is named.")
        if state and state not in STATES:
            raise UnusableFilter("There is no such state.")
        return cls(
            topic=topic,
            run=_number(query, "run"),
            provider=_number(query, "provider"),
            partition=query.get("partition", ""),
            state=state,
            slot=_number(query, "slot"),
            q=" ".join(query.get("q", "").replace("\0", "").split()),
        )

    @property
    def whole_list(self) -> EntryFilter:
        return EntryFilter(topic=self.topic)

    @property
    def narrows(self) -> bool:
        return self != self.whole_list

    @property
    def query(self) -> str:
        """As it stands in an address."""
        return urlencode({name: value for name, value in asdict(self).items() if value not in (None, "")})


def filter_of(query: str) -> EntryFilter:
    """The filter that `query` has put down."""
    return EntryFilter.from_query(QueryDict(query))


def _number(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or int(text[:20]) > HIGHEST:
        raise UnusableFilter(f"{name} is not a number.")
    return int(text)


def matching(wanted: EntryFilter) -> QuerySet[Attribute]:
    entries = Attribute.objects.filter(topic=wanted.topic)
    if wanted.run is not None:
        entries = entries.filter(request__run=wanted.run)
    if wanted.slot is not None:
        entries = entries.filter(request__producer__slot=wanted.slot)
    if wanted.provider is not None:
        entries = entries.filter(request__provider=wanted.provider)
    if wanted.partition:
        partition = "" if wanted.partition == WHOLE_TOPIC else wanted.partition
        entries = entries.filter(request__partition=partition)
    if wanted.q:
        # Where nothing is kept beside the text it is ASCII, and the database's own blindness to case is enough.
        entries = entries.filter(Q(folded__contains=fold(wanted.q)) | Q(folded="", text__icontains=fold(wanted.q)))
    return _in_state(entries, wanted.state)


def _in_state(entries: QuerySet[Attribute], state: str) -> QuerySet[Attribute]:
    reviews = Review.objects.filter(topic=OuterRef("topic"), key=OuterRef("key"))
    rejected = Exists(reviews.filter(verdict=Review.Verdict.REJECTED))
    if state == REJECTED:
        return entries.filter(rejected)
    if state == ACCEPTED:
        return entries.filter(Exists(reviews.filter(verdict=Review.Verdict.ACCEPTED)))
    if state == CORRECTED:
        return entries.filter(Exists(reviews.exclude(text=""))).exclude(rejected)
    if state == NEW:
        return entries.exclude(Exists(reviews.exclude(verdict=Review.Verdict.NONE, text="")))
    return entries.exclude(rejected)


@dataclass(frozen=True, slots=True)
class Counted:
    """So many entries match, or one more than was to be counted; `whole` is False where not all were looked at."""

    entries: int
    whole: bool = True


def count_up_to(wanted: EntryFilter, most: int, look_at: int = LOOKED_AT) -> Counted:
    """A bounded count: to look through a million entries takes longer than anybody waits for a page."""
    entries, beyond = matching(wanted).order_by(), None
    if wanted.narrows:
        ids = Attribute.objects.filter(topic=wanted.topic).order_by("id").values_list("id", flat=True)
        beyond = ids[look_at : look_at + 1].first()
    if beyond is not None:
        entries = entries.filter(id__lt=beyond)
    return Counted(entries[: most + 1].count(), whole=beyond is None)


def in_words(wanted: EntryFilter) -> list[str]:
    """What it narrows to, one condition a line; nothing for the whole list."""
    conditions = (
        (wanted.q, f"text contains “{wanted.q}”"),
        (wanted.run is not None, f"found by run {_name('orchestration.Run', wanted.run, 'number')}"),
        (wanted.slot is not None, f"found by producer {wanted.slot}"),
        (wanted.provider is not None, f"from provider “{_name('producers.Provider', wanted.provider, 'name')}”"),
        (wanted.partition, f"from the part “{wanted.partition}”"),
        (wanted.state, STATES.get(wanted.state, "")),
    )
    return [words for holds, words in conditions if holds]


def _name(model: str, number: int | None, field: str) -> str:
    """Of a row in an app above, which this one knows by name only."""
    if number is None:
        return ""
    rows = apps.get_model(model)._default_manager.filter(pk=number)
    return str(rows.values_list(field, flat=True).first() or f"(gone: {number})")

"""Which entries: the filter of the browsing page, as it stands in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Exists, OuterRef, QuerySet

from topics.browsing.filters import Filters
from topics.models import Attribute, Review

NEW, ACCEPTED, REJECTED, CORRECTED = "new", "accepted", "rejected", "corrected"
STATES = {
    NEW: "nobody has said anything of it",
    ACCEPTED: "accepted",
    REJECTED: "rejected",
    CORRECTED: "written otherwise than found",
}
LOOKED_AT = 200_000


class UnusableFilter(ValueError):
    """What stands in the address is no filter; to leave it out would export what nobody asked for."""


def filter_from(query: Mapping[str, str]) -> Filters:
    """As the browsing page reads it, but for what that leaves out. Raises UnusableFilter."""
    read = Filters.from_query(query)
    for name in ("topic", "run", "provider", "slot"):
        if query.get(name) and getattr(read, name) is None:
            raise UnusableFilter(f"{name} is not a number.")
    if read.topic is None:
        raise UnusableFilter("No topic is named.")
    if query.get("state") and not read.state:
        raise UnusableFilter("There is no such state.")
    return read


def matching(wanted: Filters) -> QuerySet[Attribute]:
    """What the browsing page shows for this filter; what people rejected only where the filter asks for it."""
    if wanted.state in (REJECTED, ACCEPTED, NEW):
        return wanted.entries()
    rejected = Review.objects.filter(topic=OuterRef("topic"), key=OuterRef("key"), verdict=Review.Verdict.REJECTED)
    return wanted.entries().exclude(Exists(rejected))


@dataclass(frozen=True, slots=True)
class Counted:
    """So many entries match, or one more than was to be counted; `whole` is False where not all were looked at."""

    entries: int
    whole: bool = True


def count_up_to(wanted: Filters, most: int, look_at: int = LOOKED_AT) -> Counted:
    """A bounded count: to look through a million entries takes longer than anybody waits for a page."""
    entries, beyond = matching(wanted).order_by(), None
    if wanted.looks_at_each:
        ids = Attribute.objects.filter(topic=wanted.topic).order_by("id").values_list("id", flat=True)
        beyond = ids[look_at : look_at + 1].first()
    if beyond is not None:
        entries = entries.filter(id__lt=beyond)
    return Counted(entries[: most + 1].count(), whole=beyond is None)


def in_words(wanted: Filters) -> list[str]:
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

"""Where an entry comes from: who found it when, with which words, at what cost, and what people said of it since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet

from orchestration.logic.money import UNKNOWN
from orchestration.models import Request
from topics.browsing.rows import NOTHING_SAID, Said, said_of
from topics.models import Attribute, Topic

MOST_HISTORY = 50


@dataclass(frozen=True, slots=True)
class Happened:
    """A line of the audit log."""

    at: datetime
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Provenance:
    entry: Attribute
    request: Request
    key: str
    said: Said
    history: list[Happened]
    cost: str
    cost_per_entry: str

    @property
    def shown(self) -> str:
        return self.said.text or self.entry.text


def provenance(entry: Attribute) -> Provenance:
    request = _requests().get(pk=entry.request_id)
    keyed = (entry.topic_id, bytes(entry.key))
    said = said_of([keyed]).get(keyed, NOTHING_SAID)
    return Provenance(
        entry=entry,
        request=request,
        key=keyed[1].hex(),
        said=said,
        history=_history(entry, said),
        cost=dollars(request.cost_usd),
        cost_per_entry=_per_entry(request.cost_usd, request.unique),
    )


def dollars(amount: Decimal | None) -> str:
    return UNKNOWN if amount is None else f"${amount:,.6f}"


def _per_entry(cost: Decimal | None, entries: int) -> str:
    return dollars(cost / entries) if cost is not None and entries else ""


def _requests() -> QuerySet[Request]:
    return Request.objects.select_related("run", "producer", "provider", "prompt").defer(
        "repeats", "producer__prompt"
    )


def _history(entry: Attribute, said: Said) -> list[Happened]:
    """The lines of this very entry, and the line of the action on many that gave it its verdict.

    An action on many has one line, in the history of its topic, and gives its reviews the line's very time.
    """
    types = {model: ContentType.objects.get_for_model(model) for model in (Attribute, Topic)}
    lines = Q(content_type=types[Attribute], object_id=str(entry.pk))
    if said.at is not None:
        lines |= Q(content_type=types[Topic], object_id=str(entry.topic_id), action_time=said.at)
    rows = LogEntry.objects.filter(lines).order_by("-action_time", "-id")[:MOST_HISTORY]
    return [Happened(*row) for row in rows.values_list("action_time", "user__username", "change_message")]

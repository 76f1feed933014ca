"""An entry as it is exported: the one place that says which columns there are. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal

SIMULATED = "simulated"


@dataclass(frozen=True, slots=True)
class Entry:
    """The fields are the columns, in this order.

    `text` is the entry as people corrected it, or as it was found; `cost_share_usd` the cost of its request, divided
    by the entries which that request found, and None where no price is known.
    """

    id: int
    text: str
    found_text: str
    verdict: str
    times_seen: int
    first_seen: datetime
    run: int
    producer: int
    provider: str
    model: str
    kind: str
    partition: str
    request: int
    cost_share_usd: Decimal | None


COLUMNS = tuple(field.name for field in fields(Entry))

# What each column means, for the data card.
MEANINGS = {
    "id": "number of the entry; it is never used again",
    "text": "the entry, as people corrected it",
    "found_text": "the entry as it was found",
    "verdict": "what people said of it: accepted, rejected, or empty",
    "times_seen": "how often it was named, the first time included",
    "first_seen": "when it was first named (UTC)",
    "run": "number of the run that found it",
    "producer": "slot of the producer that found it",
    "provider": "name of the provider that first named it",
    "model": "model of that provider",
    "kind": "kind of that provider; “simulated” means a built-in world of data, not a language model",
    "partition": "the part of the topic that was asked for",
    "request": "number of the request that found it",
    "cost_share_usd": "cost of that request divided by the entries it found; empty where no price is known",
}

MICRO_CENT = Decimal("0.00000001")


def share_of_cost(cost: Decimal | None, found: int) -> Decimal | None:
    return None if cost is None or not found else (cost / found).quantize(MICRO_CENT)


def one_line(text: str) -> str:
    """The engine lets no line break into an entry; this keeps the promise should one be in the database."""
    return " ".join(text.splitlines())

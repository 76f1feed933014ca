"""What a run has learnt, from the requests of its list: fed again after a restart or a resume. Engine only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from orchestration.arrivals import unpacked_ids
from orchestration.logic.asking import Outcome
from orchestration.logic.estimates import Estimates
from orchestration.logic.steering import Steering
from orchestration.models import Request
from topics.models import Attribute

# A few seconds' work, in which nothing else is committed. What is older has faded from the steering; where there is
# more, the estimates begin later.
MOST_REPLAYED, MOST_LEARNT = 20_000, 3_000
COLUMNS = (
    "id", "producer__slot", "provider__name", "partition", "style", "probe", "purpose", "asked_for", "cost_usd",
    "response_time_ms", "repeats",
)  # fmt: skip


@dataclass
class _New:
    """The entries that each request added, and how many there were before the first of these requests."""

    before: int = 0
    by_request: dict[int, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))


def replay(steering: Steering, estimates: Estimates, topic_id: int, list_number: int) -> None:
    """Feed the estimates with the newest 20,000 requests of the list, and the steering with the newest 3,000."""
    requests = Request.objects.filter(run__topic=topic_id, run__list_number=list_number).order_by("id")
    first = requests.order_by("-id").values_list("id", flat=True)[MOST_REPLAYED : MOST_REPLAYED + 1].first() or 0
    learnt = requests.order_by("-id").values_list("id", flat=True)[MOST_LEARNT : MOST_LEARNT + 1].first() or 0
    new = _new_entries(topic_id, first)
    texts: dict[int, str] = {}
    found = new.before
    for row in _rows(requests.filter(id__gt=first)):
        added = new.by_request.pop(row["id"], [])
        texts.update(added)
        found += len(added)
        repeats = [(entry, texts.get(entry, "")) for entry in unpacked_ids(bytes(row["repeats"]))]
        _feed(steering if row["id"] > learnt else None, estimates, row, added, repeats, found)


def _new_entries(topic_id: int, after: int) -> _New:
    attributes = Attribute.objects.filter(topic=topic_id)
    new = _New(before=attributes.filter(request_id__lte=after).count() if after else 0)
    rows = attributes.filter(request_id__gt=after).order_by("id").values_list("request_id", "id", "text")
    for request_id, attribute_id, text in rows.iterator(chunk_size=20_000):
        new.by_request[request_id].append((attribute_id, text))
    return new


def _rows(requests: Any) -> Iterator[dict[str, Any]]:
    return iter(requests.values(*COLUMNS).iterator(chunk_size=2_000))


def _feed(
    steering: Steering | None,
    estimates: Estimates,
    row: dict[str, Any],
    new: list[tuple[int, str]],
    repeats: list[tuple[int, str]],
    found: int,
) -> None:
    cost = float(row["cost_usd"] or 0)
    outcome = Outcome(
        slot=row["producer__slot"],
        provider=row["provider__name"],
        part=row["partition"],
        style=row["style"],
        asked=row["asked_for"],
        new=new,
        repeats=repeats,
        cost=cost,
        seconds=row["response_time_ms"] / 1000,
        probe=row["probe"],
    )
    if row["purpose"] == "entries":
        if steering is not None:
            steering.record(outcome)
        estimates.record(
            outcome.provider,
            [entry for entry, _ in new],
            [entry for entry, _ in repeats],
            cost=cost,
            probe=row["probe"],
            found=found,
        )

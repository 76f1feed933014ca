"""The data card of an export: what it holds, where it comes from, what it cost, and what it cannot say. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from topics.browsing.filters import Filters
from topics.exports.entries import MEANINGS, SIMULATED, Entry
from topics.exports.formats import Format

CANNOT_SEE = (
    "It is a share of what the probed providers would name by themselves.",
    "Another provider, another language or a narrower question may still bring what none of them would.",
    "It does not see how far the providers think alike; where they do, it comes out too high.",
    "It says nothing of whether an entry is right: invented entries count as entries.",
    "It is of the list as the engine found it, whatever people rejected and whatever this export leaves out.",
)


@dataclass(frozen=True, slots=True)
class Maker:
    """Who found entries."""

    provider: str
    model: str
    kind: str


@dataclass(frozen=True, slots=True)
class Spent:
    """What the requests to one provider cost; `unpriced` is how many of them have no known price."""

    requests: int = 0
    unpriced: int = 0
    cost_usd: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class RunFact:
    number: int
    state: str
    started_at: datetime
    ended_at: datetime | None
    stop_reason: str


@dataclass(frozen=True, slots=True)
class ListFacts:
    """What is known of the list that an export is from: its runs, and what was spent on it.

    `lost_usd` is what requests may have cost beyond what is known. `coverage` has the estimates by name, each with
    estimate, low and high, or None; `coverage_at` says as of when, `unprobed` which providers it knows nothing of.
    """

    runs: tuple[RunFact, ...] = ()
    spent: Mapping[Maker, Spent] = field(default_factory=dict)
    lost_usd: Decimal = Decimal(0)
    coverage: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    coverage_at: datetime | None = None
    unprobed: tuple[str, ...] = ()


class Tally:
    """Counts what goes into an export by who found it, first to last."""

    def __init__(self) -> None:
        self.entries = 0
        self.by_maker: Counter[Maker] = Counter()

    def count(self, entries: Iterable[Entry]) -> None:
        counted = Counter((entry.provider, entry.model, entry.kind) for entry in entries)
        self.by_maker.update({Maker(*maker): number for maker, number in counted.items()})
        self.entries += counted.total()


@dataclass(frozen=True, slots=True)
class Subject:
    """What an export is of."""

    topic: str
    prompt: str
    wanted: Filters
    words: tuple[str, ...]
    format: Format
    version: str


def card(subject: Subject, tally: Tally, facts: ListFacts, now: datetime) -> dict[str, Any]:
    """Plain values, ready for JSON."""
    simulated = sum(number for maker, number in tally.by_maker.items() if maker.kind == SIMULATED)
    return {
        "topic": subject.topic,
        "prompt": subject.prompt,
        "made_at": _stamp(now),
        "made_by": f"igentai {subject.version}",
        "entries": tally.entries,
        "simulated_entries": simulated,
        "filter": {
            "words": list(subject.words),
            "query": subject.wanted.query,
            "rejected_entries": "only those" if subject.wanted.state == "rejected" else "left out",
        },
        "providers": _providers(tally, facts),
        "cost": {
            "total_usd": _usd(sum((each.cost_usd for each in facts.spent.values()), Decimal(0))),
            "requests": sum(each.requests for each in facts.spent.values()),
            "unpriced_requests": sum(each.unpriced for each in facts.spent.values()),
            "perhaps_also_usd": _usd(facts.lost_usd),
            "of": "all requests of the list's runs, also those that brought nothing or what this export leaves out",
        },
        "coverage": {
            **facts.coverage,
            "as_of": _stamp(facts.coverage_at) if facts.coverage_at else None,
            "interval": "90 %",
            "providers_not_probed": list(facts.unprobed),
            "cannot_see": list(CANNOT_SEE),
        },
        "runs": [
            {**asdict(run), "started_at": _stamp(run.started_at), "ended_at": run.ended_at and _stamp(run.ended_at)}
            for run in facts.runs
        ],
        "format": {
            "name": subject.format.name,
            "notes": list(subject.format.notes),
            "columns": {name: MEANINGS[name] for name in subject.format.columns},
        },
    }


def _providers(tally: Tally, facts: ListFacts) -> list[dict[str, Any]]:
    """Those with entries in the export, and those that only cost money; the most entries first."""
    makers = sorted({*tally.by_maker, *facts.spent}, key=lambda maker: (-tally.by_maker[maker], maker.provider))
    return [
        {
            "provider": maker.provider,
            "model": maker.model,
            "kind": maker.kind,
            "simulated": maker.kind == SIMULATED,
            "entries": tally.by_maker[maker],
            "share": round(tally.by_maker[maker] / tally.entries, 6) if tally.entries else 0.0,
            "requests": facts.spent.get(maker, Spent()).requests,
            "cost_usd": _usd(facts.spent.get(maker, Spent()).cost_usd),
        }
        for maker in makers
    ]


def _usd(amount: Decimal) -> float:
    return round(float(amount), 8)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

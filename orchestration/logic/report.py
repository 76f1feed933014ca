"""What is said of a run: the closing summary, metrics.json and state.json, from the same values. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from orchestration.logic.effects import reported
from orchestration.logic.estimates import Estimates, as_data
from orchestration.logic.figures import RunFigures, plain, plain_counts, plain_rates, rounded
from orchestration.logic.statistics import RunStatistics, Totals, uam


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run as reports see it. `entries` is the length of the list without what people have rejected, as of the
    change `reviews` of what they say; `weights` are the providers' initial weights.

    `lost_usd` is what requests may have cost beyond what is known; `warning` says that a cap is near. `estimates` is
    what `estimates.as_data` makes of them.
    """

    topic: str
    folder: str
    prompt: str
    run: int
    state: str
    started_at: str
    producer_count: int
    active_producers: int
    weights: Mapping[str, float]
    simulated: bool
    entries: int
    active_seconds: float
    stop_reason: str = ""
    stop_detail: str = ""
    files_trouble: str = ""
    lost_usd: Decimal = Decimal(0)
    warning: str = ""
    reviews: int = 0
    estimates: Mapping[str, Any] = field(default_factory=lambda: as_data(Estimates()))


@dataclass(frozen=True, slots=True)
class ProducerView:
    """One producer as it is shown."""

    slot: int
    state: str
    detail: str
    partition: str
    totals: Totals


@dataclass(frozen=True, slots=True)
class RunView:
    """One run as it is shown; `trouble` is what keeps it from going well, or empty."""

    facts: RunFacts
    totals: Totals
    recent: Totals
    producers: Sequence[ProducerView]
    trouble: str = ""


def summary(facts: RunFacts, statistics: RunStatistics) -> dict[str, Any]:
    """The closing summary in the command's contract: plain values, ready for JSON.

    `unique` is the length of the list; `new` what this run added to it. They differ when a list was continued, or an
    earlier one kept.
    """
    total = statistics.total
    return {
        "topic": facts.topic,
        "folder": facts.folder,
        "simulated": facts.simulated,
        "unique": facts.entries,
        "new": total.unique,
        **plain_counts(total),
        "seconds": round(facts.active_seconds, 3),
        "uam": round(uam(total.unique, facts.active_seconds), 2),
        "stop_reason": facts.stop_reason,
        "stop_detail": facts.stop_detail,
        "files_trouble": facts.files_trouble,
        "lost_usd": round(float(facts.lost_usd), 6),
        "warning": facts.warning,
        "filter": reported(statistics.effects),
        **{name: value for name, value in facts.estimates.items() if name != "contributions"},
        "providers": {
            name: {
                "unique": each.totals.unique,
                **plain_counts(each.totals),
                **plain_rates(each),
                **facts.estimates["contributions"].get(name, {"named": 0, "alone": 0, "first": 0}),
            }
            for name, each in statistics.provider_figures(facts.active_seconds).items()
        },
    }


def list_words(entries: int, *, kept: bool) -> str:
    """The length of the list; `kept`: it is an earlier one, as the run that was to replace it brought no answer."""
    return f"the earlier list was kept, with its {entries:,} entries" if kept else f"{entries:,} entries"


def summary_of_nothing(topic: str) -> dict[str, Any]:
    """The summary of a run that was stopped by a signal before it began."""
    facts = RunFacts(
        topic=topic,
        folder="",
        prompt="",
        run=0,
        state="",
        started_at="",
        producer_count=0,
        active_producers=0,
        weights={},
        simulated=False,
        entries=0,
        active_seconds=0.0,
        stop_reason="signal",
        stop_detail="stopped by a signal before it began",
    )
    return summary(facts, RunStatistics())


def metrics(facts: RunFacts, statistics: RunStatistics, figures: RunFigures) -> dict[str, Any]:
    """metrics.json: the summary so far, the last five minutes, each producer, and everything else in figures."""
    short = figures.whole.short
    recent = short.totals if short else Totals()
    return {
        "run": facts.run,
        "state": facts.state,
        **summary(facts, statistics),
        "novelty_rate": rounded(statistics.total.novelty_rate),
        "last_five_minutes": {"novelty_rate": rounded(recent.novelty_rate), **plain_counts(recent)},
        "producers": {
            str(slot): {"unique": totals.unique, **plain_counts(totals)}
            for slot, totals in sorted(statistics.by_slot.items())
        },
        "statistics": plain(figures),
    }


def state(facts: RunFacts, now: int) -> dict[str, Any]:
    """state.json: the seed's StateSnapshot, with what a reader needs to make sense of it. `now` in epoch seconds.

    `reviews` tells which of people's changes are in the folder's files.
    """
    return {
        "current_topic": facts.topic,
        "total_unique_count": facts.entries,
        "active_producer_count": facts.active_producers,
        "provider_weights": dict(facts.weights),
        "run": facts.run,
        "state": facts.state,
        "stop_reason": facts.stop_reason,
        "reviews": facts.reviews,
        "last_updated": now,
    }


def topic_text(facts: RunFacts) -> str:
    """topic.txt: what was asked for, one `Name: value` a line; a prompt of several lines is indented."""
    weights = ", ".join(f"{name} {weight:g}" for name, weight in sorted(facts.weights.items()))
    lines = [
        f"Topic: {facts.topic}",
        f"Start Time: {facts.started_at} UTC",
        f"Producer Count: {facts.producer_count}",
        "\n  ".join(f"Prompt: {facts.prompt}".splitlines()),
        f"Provider Weights: {weights}",
    ]
    if facts.simulated:
        lines.append("Simulated: yes. These entries come from simulated providers, not from language models.")
    return "\n".join(lines) + "\n"

"""What people are told of a run, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from orchestration.logic.money import cost_words

SUBJECT_LENGTH = 120
SUBJECTS = {
    "ended": "has ended",
    "failed": "has failed",
    "warning": "nears a cap",
    "schedule": "was not started by its schedule",
}


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """A run as far as people are told of it. `entries` is the length of the list, `new` what this run added;
    `coverage` is the estimate of it that figures have, or nothing."""

    topic: str
    number: int
    failed: bool
    reason: str
    detail: str
    entries: int
    new: int
    cost_usd: Decimal
    unpriced_requests: int
    lost_usd: Decimal
    simulated: bool
    coverage: Mapping[str, Any]


def ended_words(run: RunOutcome) -> str:
    verb = "has failed" if run.failed else "has ended"
    reason = run.detail.rstrip(".") or run.reason.replace("_", " ") or "no reason is known"
    entries = f"{run.entries:,} {'entry' if run.entries == 1 else 'entries'}"  # without what people rejected since
    cost = cost_words(run.cost_usd, run.unpriced_requests, run.lost_usd, simulated=run.simulated)
    return (
        f"Run {run.number} of “{run.topic}” {verb}: {reason}. {entries} in the list, {run.new:,} newly found; "
        f"{cost}; {coverage_words(run.coverage)}."
    )


def warning_words(topic: str, number: int, warning: str, simulated: bool) -> str:
    reason = warning.rstrip(".")
    return f"Run {number} of “{topic}” nears a cap{' of simulated money' if simulated else ''}: {reason}."


def coverage_words(coverage: Mapping[str, Any]) -> str:
    estimate, low, high = (coverage.get(name) for name in ("estimate", "low", "high"))
    if estimate is None:
        return "coverage not known yet"
    interval = f" ({low:.0%} to {high:.0%})" if low is not None and high is not None else ""
    return f"coverage about {estimate:.0%}{interval}"


def subject(topic: str, number: int, kind: str) -> str:
    """The subject of a mail: one line without anything that could end it, and not too long."""
    name = " ".join("".join(character if character.isprintable() else " " for character in topic).split())
    if len(name) > SUBJECT_LENGTH:
        name = f"{name[: SUBJECT_LENGTH - 1]}…"
    return f"[igentai] {name}: run {number} {SUBJECTS[kind]}"

"""How a topic and its runs are, in whole sentences. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from orchestration.logic.lifecycle import StopReason


class Kind(StrEnum):
    """Chooses the mark beside the words, which never says more than they do."""

    GOOD = "good"
    BUSY = "busy"
    BAD = "bad"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class Sentence:
    kind: Kind
    words: str


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The newest run of a topic, as far as a sentence needs it."""

    number: int
    state: str
    stop_reason: str = ""
    stop_detail: str = ""
    unique: int = 0


ENDINGS: Mapping[str, str] = {
    StopReason.TARGET: "It reached its target",
    StopReason.BUDGET: "It reached its budget",
    StopReason.MINUTES: "Its time was up",
    StopReason.ITERATIONS: "It made all the requests it was allowed",
    StopReason.COVERAGE: "It found the share that was asked for",
    StopReason.PRICE: "More entries would have cost more than was allowed",
    StopReason.EXHAUSTED: "Nothing new was to be expected any more",
    StopReason.STOPPED: "It was stopped by a person",
    StopReason.SIGNAL: "The engine was stopped",
    StopReason.SUPERSEDED: "It was started again",
    StopReason.NO_PROVIDER: "No provider could be used",
    StopReason.NO_PRODUCER: "Every producer failed",
    StopReason.MISCONFIGURED: "Its settings cannot work",
}
# Limits that people set and may want to raise; what was reached on purpose is none.
HIT_A_LIMIT = (StopReason.BUDGET, StopReason.MINUTES, StopReason.ITERATIONS)
# Of these the words above say all there is.
PLAIN = (StopReason.STOPPED, StopReason.SUPERSEDED, StopReason.SIGNAL)


def ending(reason: str, detail: str) -> str:
    """Why a run ended, in a sentence."""
    known = ENDINGS.get(reason) or reason.replace("_", " ").capitalize() or "It ended"
    return f"{known}." if not detail or reason in PLAIN else f"{known}: {detail.rstrip('.')}."


def topic_sentence(desired: str, starts: int, run: RunFacts | None) -> Sentence:
    """How the topic is now. `desired` is what people want of it, `starts` how often they have asked for a start."""
    if desired == "running" and (run is None or run.number < starts):
        return Sentence(Kind.BUSY, "A start was asked for; the engine has not begun it yet.")
    if run is None:
        return Sentence(Kind.IDLE, "It has never been started.")
    if run.state == "failed":
        return Sentence(Kind.BAD, f"The run failed. {ending(run.stop_reason, run.stop_detail)}")
    if run.state == "ended":
        return Sentence(Kind.IDLE, ending(run.stop_reason, run.stop_detail))
    return _under_way(desired, run)


def _under_way(desired: str, run: RunFacts) -> Sentence:
    if desired == "stopped":
        return Sentence(Kind.BUSY, "It is being stopped: requests under way are brought to an end.")
    if run.state == "paused":
        return Sentence(Kind.IDLE, "It is paused and asks nobody until someone resumes it.")
    if desired == "paused":
        return Sentence(Kind.BUSY, "It is being paused: requests under way are brought to an end.")
    if run.state == "checking":
        return Sentence(Kind.BUSY, "Its providers are being checked.")
    if run.state == "waiting":
        return Sentence(Kind.BUSY, "It waits for the engine to go on.")
    return Sentence(
        Kind.GOOD, f"It is running; this run has found {counted(run.unique, 'new entry', 'new entries')}."
    )


def counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def run_state(state: str) -> Sentence:
    """A run's state in one word or two."""
    return {
        "checking": Sentence(Kind.BUSY, "Checking providers"),
        "running": Sentence(Kind.GOOD, "Running"),
        "paused": Sentence(Kind.IDLE, "Paused"),
        "waiting": Sentence(Kind.BUSY, "Waiting for the engine"),
        "ended": Sentence(Kind.IDLE, "Ended"),
        "failed": Sentence(Kind.BAD, "Failed"),
    }.get(state, Sentence(Kind.IDLE, state.capitalize()))

"""How a topic and its runs are, in words: the same wherever they are shown. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from orchestration.logic.lifecycle import StopReason


class Kind(StrEnum):
    """Chooses the mark beside words, which never says more than they do."""

    GOOD = "good"
    BUSY = "busy"
    BAD = "bad"
    IDLE = "idle"


class StateKind(StrEnum):
    """The same for the state of a topic or a run; the API tells it as well."""

    IDLE = "idle"
    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Headline:
    """A state in a word or two, and what there is to say of it, in a sentence."""

    kind: StateKind
    words: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The newest run of a topic, as far as its headline needs it."""

    number: int
    state: str
    stop_reason: str = ""
    stop_detail: str = ""
    warning: str = ""


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
NOTHING_IS_ASKED = "Nothing is asked until you resume it; answers under way still arrive."
# Limits that people set and may want to raise; what was reached on purpose is none.
HIT_A_LIMIT = (StopReason.BUDGET, StopReason.MINUTES, StopReason.ITERATIONS)
# Of these the words above say all there is.
PLAIN = (StopReason.STOPPED, StopReason.SUPERSEDED, StopReason.SIGNAL)


def ending(reason: str, detail: str) -> str:
    """Why a run ended, in a sentence."""
    known = ENDINGS.get(reason) or reason.replace("_", " ").capitalize() or "It ended"
    return f"{known}." if not detail or reason in PLAIN else f"{known}: {detail.rstrip('.')}."


def topic_headline(desired: str, starts: int, run: RunFacts | None) -> Headline:
    """How the topic is now. `desired` is what people want of it, `starts` how often they have asked for a start."""
    if desired != "stopped" and (run is None or run.number < starts):
        asked = (StateKind.PAUSED, "Paused") if desired == "paused" else (StateKind.WAITING, "Start asked for")
        return Headline(*asked, "The engine has not begun this run yet.")
    if run is None:
        return Headline(StateKind.IDLE, "Never started")
    if run.state in ("ended", "failed"):
        return replace(run_state(run.state), detail=ending(run.stop_reason, run.stop_detail))
    return _under_way(desired, run)


def _under_way(desired: str, run: RunFacts) -> Headline:
    if desired == "stopped":
        return Headline(StateKind.WAITING, "Stopping", "Requests under way are being brought to an end.")
    if desired == "paused":
        if run.state == "paused":
            return replace(run_state(run.state), detail=NOTHING_IS_ASKED)
        return Headline(StateKind.WAITING, "Pausing", "Requests under way are still taken in.")
    if run.state == "paused":
        return Headline(StateKind.WAITING, "Resuming", "The engine has not gone on with this run yet.")
    return replace(run_state(run.state), detail=as_sentence(run.warning))


def as_sentence(words: str) -> str:
    return words and f"{words[0].upper()}{words[1:]}."


def counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def run_state(state: str) -> Headline:
    """A run's state in one word or two."""
    return RUN_STATES.get(state, Headline(StateKind.IDLE, state.capitalize()))


RUN_STATES: Mapping[str, Headline] = {
    "checking": Headline(StateKind.WAITING, "Checking its providers"),
    "running": Headline(StateKind.RUNNING, "Running"),
    "paused": Headline(StateKind.PAUSED, "Paused"),
    "waiting": Headline(StateKind.WAITING, "Waiting for the engine"),
    "ended": Headline(StateKind.ENDED, "Ended"),
    "failed": Headline(StateKind.FAILED, "Failed"),
}

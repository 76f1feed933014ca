"""The words and figures of a live page, for the template and the WebSocket alike. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from orchestration.logic.money import cost_words
from orchestration.portal.entries import Entry
from orchestration.portal.queries import ListState, PageState, ProducerState, RunState, TopicState
from orchestration.portal.times import exact
from orchestration.sentences import Headline, RunFacts, topic_headline
from orchestration.when import span_words
from producers.providers.worlds import SUFFIX

NOTHING = "\N{EN DASH}"
SEEN_TO = 5
# What one does next with a topic that was started, the likelier first.
LIKELY = ("resume", "pause")


class Look(StrEnum):
    """How a button stands out; at most one of a place is the primary one, the likely next step."""

    PRIMARY = "primary"
    PLAIN = "plain"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Button:
    """A command in this state: its label, and why it is of no use, if it is of none."""

    label: str
    objection: str = ""
    look: Look = Look.PLAIN


def state_values(state: PageState) -> dict[str, Any]:
    return {
        "topic": {**asdict(headline(state.topic, state.run)), "empty": empty_words(state.run)},
        "run": run_values(state.run),
        "figures": figures(state.run, state.list),
        "engine": {"running": state.engine_running},
        "commands": {name: asdict(button) for name, button in buttons(state.topic, state.run).items()},
    }


def headline(topic: TopicState, run: RunState | None) -> Headline:
    return topic_headline(topic.desired, topic.starts, None if run is None else facts_of(run))


def facts_of(run: RunState) -> RunFacts:
    return RunFacts(run.number, run.state, run.stop_reason, run.stop_detail, run.warning)


def is_under_way(topic: TopicState, run: RunState | None) -> bool:
    """Whether a run goes on, or will as soon as the engine sees to it, unless someone stops it."""
    return topic.wanted and (run is None or run.number < topic.starts or not run.over)


def buttons(topic: TopicState, run: RunState | None) -> dict[str, Button]:
    """By the names of the commands."""
    offered = _buttons(topic, run)
    likely = next((name for name in LIKELY if not offered[name].objection), None) if topic.starts else "start_over"
    return {
        name: replace(button, look=Look.PRIMARY) if name == likely else button for name, button in offered.items()
    }


def _buttons(topic: TopicState, run: RunState | None) -> dict[str, Button]:
    return {
        "start_over": Button("Start over", look=Look.DANGER) if topic.starts else Button("Start"),
        "pause": Button("Pause", pause_objection(topic, run)),
        "resume": Button("Resume", resume_objection(topic, run)),
        "stop": Button("Stop", "" if is_under_way(topic, run) else "It is not running."),
    }


def pause_objection(topic: TopicState, run: RunState | None) -> str:
    if not is_under_way(topic, run):
        return "It is not running."
    return "It is paused already." if topic.paused else ""


def resume_objection(topic: TopicState, run: RunState | None) -> str:
    if is_under_way(topic, run):
        if topic.paused:
            return ""
        return "It is under way already."
    return "" if topic.starts else "There is nothing to resume: it was never started."


def empty_words(run: RunState | None) -> str:
    if run is None:
        return "This topic has never been started. Start it, and its entries appear here as they are found."
    if run.over:
        return "This list is empty."
    return "No entries yet. The first ones appear here as soon as they are found."


def run_values(run: RunState | None) -> dict[str, Any]:
    if run is None:
        return {"number": 0, "simulated": False}
    return {"number": run.number, "simulated": run.simulated}


def figures(run: RunState | None, present_list: ListState) -> dict[str, str]:
    entries = f"{present_list.entries:,}"
    if run is None:
        names = ("unique", "candidates", "novelty", "requests", "failed", "cost", "uam", "active")
        return {"entries": entries, **dict.fromkeys(names, NOTHING)}
    return {
        "entries": entries,
        "unique": f"{run.unique:,}",
        "candidates": f"{run.candidates:,}",
        "novelty": f"{run.unique / run.candidates:.1%}" if run.candidates else NOTHING,
        "requests": f"{run.requests:,}",
        "failed": f"{run.failed_requests:,}",
        "cost": cost_words(run.cost_usd, run.unpriced_requests, run.lost_usd),
        "uam": f"{run.unique * 60 / run.active_seconds:,.1f}" if run.active_seconds else NOTHING,
        "active": span_words(run.active_seconds),
    }


def producer_values(producer: ProducerState, run: RunState | None) -> dict[str, Any]:
    """In a paused run its process waits: all that it says of each provider is that the topic is paused."""
    waits = run is not None and run.state == "paused" and producer.state == "running"
    return {
        "slot": producer.slot,
        "state": "paused" if waits else producer.state,
        "label": "Paused" if waits else producer.state_label.capitalize(),
        "detail": "" if waits else producer.detail,
        "partition": producer.partition or "the whole topic",
        "restarts": producer.restarts,
        "objection": "It is not at work." if producer.state in ("done", "stopped") else "",
    }


def seen_at(producer: ProducerState) -> int:
    """When it was last seen, in seconds since 1970, to five seconds: it would be news all the time; 0: never."""
    at = producer.last_seen_at
    return 0 if at is None else int(at.timestamp()) // SEEN_TO * SEEN_TO


def entry_values(entry: Entry) -> dict[str, Any]:
    text = entry.said.text or entry.text
    return {
        "id": entry.id,
        "text": text,
        "provider": entry.provider,
        # For the badge, which made-up names need not have: they say so themselves.
        "simulated": entry.simulated and not text.endswith(SUFFIX),
        "slot": entry.slot,
        "partition": entry.partition,
        "at": exact(entry.found_at),
        **review_values(entry),
    }


def review_values(entry: Entry) -> dict[str, str]:
    """What people say of it. Of most entries nothing: they travel without."""
    said = entry.said
    if not said.verdict and not said.text:
        return {}
    return {"verdict": said.verdict, "reviewed": said.words, "found": entry.text if said.text else ""}

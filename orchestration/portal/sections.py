"""What is on a live page beside its entries, in sections that are sent only when they change. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from zlib import crc32

from orchestration.portal.estimate_words import estimate_values
from orchestration.portal.present import producer_values, seen_at, state_values
from orchestration.portal.provider_values import decision_values, provider_values, yield_values
from orchestration.portal.queries import Reading
from orchestration.portal.stop_values import stop_values

Sections = Mapping[str, str]
Marks = Mapping[str, str]


def section_values(reading: Reading) -> dict[str, Any]:
    """The sections by name: what changes at another pace is in another one."""
    state, panels = reading.state, reading.panels
    told = state_values(state)
    names = [provider.name for provider in panels.providers]
    return {
        "head": {name: told[name] for name in ("topic", "run", "engine", "commands")},
        "figures": told["figures"],
        # Only that people have said something: pages then ask for what.
        "reviews": state.topic.reviews,
        "stops": stop_values(state.run, state.list, panels.figures),
        "producers": [producer_values(producer, state.run) for producer in state.producers],
        "seen": [seen_at(producer) for producer in state.producers],
        "providers": [provider_values(provider) for provider in panels.providers],
        "yields": {name: yield_values(name, panels.figures) for name in names},
        "estimates": estimate_values(state.run, panels.figures),
        "decisions": [decision_values(decision) for decision in panels.decisions],
        "parts": panels.parts,
    }


def section_texts(reading: Reading) -> Sections:
    """The same as JSON texts, ready to be put into a message."""
    return {name: as_json(value) for name, value in section_values(reading).items()}


def marks_of(sections: Sections) -> dict[str, str]:
    """What tells one content of a section from another."""
    return {name: format(crc32(text.encode()), "x") for name, text in sections.items()}


def changed(sections: Sections, marks: Marks, told: Marks) -> Sections:
    """The sections of which the other side does not know this content."""
    return {name: text for name, text in sections.items() if told.get(name) != marks[name]}


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

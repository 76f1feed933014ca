"""What crosses the WebSocket of a live page: text with one JSON object each.

From the browser: {"type": "replay", "cursor": N} asks for what came after N, one page at a time;
{"type": "painted", "messages": N} says how many messages of this connection are on the screen.

To the browser: a delta covers the entries with ids in (from, to]. Whoever has seen up to another id than
`from` has missed something and asks for a replay; entries up to its own cursor it has seen already. `list`
only grows; when it does, the earlier list is gone. `skipped`: so many entries after `from` are left out, as the
viewer was too far behind: it shows the attributes that are there instead of its own.
What else is on the page comes in sections (`sections.py`), each only when it has changed. `marks` has a short mark of
each section's content: who has another content than that, and does not find the section here, asks for a replay,
which has them all. "trouble" says that the database cannot be read now.
"""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from typing import Any

from orchestration.portal.present import entry_values
from orchestration.portal.queries import PAGE_SIZE, Reading
from orchestration.portal.sections import Marks, Sections, as_json, marks_of, section_texts

MAX_MESSAGE_CHARACTERS = 1000
MAX_CURSOR = 2**63 - 1


class Close(enum.IntEnum):
    """Why the server ends a connection."""

    MALFORMED = 4400
    SIGNED_OUT = 4401
    FORBIDDEN = 4403
    NO_SUCH_TOPIC = 4404
    NOT_READING = 4408
    TOO_MANY = 4429
    UNAVAILABLE = 4503


@dataclass(frozen=True, slots=True)
class Replay:
    cursor: int


@dataclass(frozen=True, slots=True)
class Painted:
    messages: int


class Malformed(ValueError):
    """The viewer sent what no page of ours sends."""


def parse(text: str | None) -> Replay | Painted:
    """The message in `text`. Raises Malformed."""
    if not text or len(text) > MAX_MESSAGE_CHARACTERS:
        raise Malformed("empty, binary or too long")
    match _object(text):
        case {"type": "replay", "cursor": cursor, **rest} if not rest:
            return Replay(_count(cursor))
        case {"type": "painted", "messages": messages, **rest} if not rest:
            return Painted(_count(messages))
    raise Malformed("neither replay nor painted")


def _object(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed("no JSON") from error


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MAX_CURSOR:
        raise Malformed("no count")
    return value


def delta(
    reading: Reading,
    start: int,
    sections: Sections,
    marks: Marks,
    *,
    replay: bool = False,
    more: bool = False,
) -> str:
    """The text of a delta from `start`, or of a replay's page; `more` says that there is another."""
    entries = reading.entries
    head = {
        "type": "delta",
        "list": reading.state.list.number,
        "from": start,
        "to": entries[-1].id if entries else start,
        "replay": replay,
        "more": more,
        "skipped": reading.skipped,
        "attributes": [entry_values(entry) for entry in entries],
        "marks": marks,
    }
    # The sections are texts already.
    parts = [as_json(head)[1:-1], *(f'"{name}":{text}' for name, text in sections.items())]
    return "{" + ",".join(parts) + "}"


def replay(reading: Reading, cursor: int) -> str:
    """A page of what came after the cursor, with all sections."""
    sections = section_texts(reading)
    more = len(reading.entries) == PAGE_SIZE and not reading.skipped
    return delta(reading, cursor, sections, marks_of(sections), replay=True, more=more)


def trouble(words: str) -> str:
    return as_json({"type": "trouble", "words": words})

"""A scripted OpenAI-compatible server on a real socket, for tests in this process and in subprocesses.

    with OpenAIServer(in_turn(Streamed(("Lou", "vre\n")), Status(500))) as server:
        ask(server.base_url)
        assert server.requests[0].json["model"] == "m"

A script is a function from (number of the request, from 1; its JSON) to a Reply. It is called in the server's
thread, one call at a time. What it raises is raised again when the server is left.

The parts: `replies` (values), `dialects` and `wire` (pure: a reply as bytes), and `server` (I/O).
"""

from __future__ import annotations

from tests.fakes.list_answers import FAULTS, FORMATS, SPELLINGS, list_answers
from tests.fakes.replies import (
    Broken,
    Endless,
    Events,
    Gate,
    Gated,
    GzipBomb,
    Hanging,
    Json,
    Reply,
    Script,
    Split,
    Status,
    Streamed,
    Whole,
    always,
    in_turn,
)
from tests.fakes.server import Received, ScriptedServer
from tests.fakes.wire import wire

__all__ = [
    "FAULTS",
    "FORMATS",
    "SPELLINGS",
    "Broken",
    "Endless",
    "Events",
    "Gate",
    "Gated",
    "GzipBomb",
    "Hanging",
    "Json",
    "OpenAIServer",
    "Received",
    "Reply",
    "Script",
    "Split",
    "Status",
    "Streamed",
    "Whole",
    "always",
    "in_turn",
    "list_answers",
    "wire",
]


class OpenAIServer(ScriptedServer):
    """Serves `script` in the OpenAI dialect."""

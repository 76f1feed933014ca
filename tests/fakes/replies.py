"""What a scripted server may reply: values, and the scripts that choose them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Streamed:
    """An answer in pieces. No `finish` or no `done`: the server just stops, as if all had been said.

    `finish` is "stop", "length" or "refused", which each dialect has its own word for, or a word as it is.
    `cached` of the tokens of `usage` that went in came from the prompt cache.
    """

    pieces: tuple[str, ...]
    finish: str | None = "stop"
    usage: tuple[int, int] | None = None
    done: bool = True
    content_type: str = "text/event-stream"
    cached: int = 0


@dataclass(frozen=True)
class Events:
    """A stream of these payloads, whatever they are: error objects, rubbish, anything."""

    payloads: tuple[str, ...]


@dataclass(frozen=True)
class Whole:
    """An answer as one JSON body, as from a server that does not stream."""

    text: str
    finish: str | None = "stop"
    usage: tuple[int, int] | None = None


@dataclass(frozen=True)
class Status:
    """A status with a body: JSON, or text as it is."""

    status: int
    body: Json | list[Any] | str = ""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Broken:
    """The first `size` bytes of the answer's body, then the connection is closed in the middle of it."""

    reply: Reply
    size: int


@dataclass(frozen=True)
class Hanging:
    """The first `size` bytes of the whole response, head included, then silence."""

    reply: Reply
    size: int = 0


@dataclass(frozen=True)
class Gated:
    """Nothing until the gate is opened."""

    reply: Reply
    gate: Gate


@dataclass(frozen=True)
class Split:
    """The same bytes in pieces of `size`, so that lines and characters are cut."""

    reply: Reply
    size: int = 1


@dataclass(frozen=True)
class Endless:
    """An answer that never ends."""


@dataclass(frozen=True)
class GzipBomb:
    """A few kilobytes on the wire, `size` bytes when decoded."""

    size: int = 64 * 1024 * 1024


Reply = Streamed | Events | Whole | Status | Broken | Hanging | Gated | Split | Endless | GzipBomb
Script = Callable[[int, Json], Reply]


class Gate:
    """Closed until `open` is called, from any thread."""

    def __init__(self) -> None:
        self._opened: Future[None] = Future()

    def open(self) -> None:
        self._opened.set_result(None)

    async def passed(self) -> None:
        await asyncio.shield(asyncio.wrap_future(self._opened))


def always(reply: Reply) -> Script:
    """A script that gives the same reply to every request."""
    return lambda number, request: reply


def in_turn(*replies: Reply) -> Script:
    """A script that gives these replies in turn, and the last one for ever."""
    return lambda number, request: replies[min(number, len(replies)) - 1]

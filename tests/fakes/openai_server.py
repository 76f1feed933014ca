"""A scripted OpenAI-compatible server on a real socket, for tests in this process and in subprocesses.

    with OpenAIServer(in_turn(Streamed(("Lou", "vre\n")), Status(500))) as server:
        ask(server.base_url)
        assert server.requests[0].json["model"] == "m"

A script is a function from (number of the request, from 1; its JSON) to a Reply. It is called in the server's
thread, one call at a time. What it raises is raised again when the server is left.

Three layers: replies (values), `wire` (pure: a reply as bytes), and the server (I/O).
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

Json = Mapping[str, Any]

# ------------------------------------------------------------------------------------------------ replies


@dataclass(frozen=True)
class Streamed:
    """An answer in pieces. No `finish` or no `done`: the server just stops, as if all had been said."""

    pieces: tuple[str, ...]
    finish: str | None = "stop"
    usage: tuple[int, int] | None = None
    done: bool = True
    content_type: str = "text/event-stream"


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


# --------------------------------------------------------------------------------------------------- wire


def wire(reply: Reply) -> Iterator[bytes]:
    """A reply as the bytes of an HTTP/1.1 response, in the pieces in which they are to be sent."""
    if isinstance(reply, Split):
        yield from _split(b"".join(wire(reply.reply)), reply.size)
    elif isinstance(reply, Hanging):
        yield b"".join(wire(reply.reply))[: reply.size]
    elif isinstance(reply, Gated):
        yield from wire(reply.reply)
    elif isinstance(reply, Status | Whole):
        yield from _sized(reply)
    else:
        yield _head(200, _stream_headers(reply))
        yield from map(_http_chunk, _body(reply))
        if not isinstance(reply, Broken):
            yield b"0\r\n\r\n"


def _body(reply: Reply) -> Iterator[bytes]:
    if isinstance(reply, Streamed):
        yield from map(_event, _stream_payloads(reply))
    elif isinstance(reply, Events):
        yield from map(_event, reply.payloads)
    elif isinstance(reply, Broken):
        yield b"".join(_body(reply.reply))[: reply.size]
    elif isinstance(reply, GzipBomb):
        yield gzip.compress(bytes(reply.size), compresslevel=9)
    elif isinstance(reply, Endless):
        while True:
            yield _event(json.dumps(_chunk(content="an entry\n" * 100)))
    else:
        raise TypeError(f"{reply} has no streamed body")


def _stream_payloads(reply: Streamed) -> Iterator[str]:
    yield json.dumps(_chunk(role="assistant", content=""))
    for piece in reply.pieces:
        yield json.dumps(_chunk(content=piece), ensure_ascii=False)
    if reply.finish is not None:
        yield json.dumps(_chunk(finish=reply.finish))
    if reply.usage is not None:
        yield json.dumps({**_chunk(), "choices": [], "usage": _usage(reply.usage)})
    if reply.done:
        yield "[DONE]"


def _chunk(finish: str | None = None, **delta: str) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "choices": [choice], "usage": None}


def _usage(tokens: tuple[int, int]) -> Json:
    return {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}


def _sized(reply: Status | Whole) -> Iterator[bytes]:
    if isinstance(reply, Whole):
        message = {"role": "assistant", "content": reply.text}
        usage = _usage(reply.usage) if reply.usage else None
        choice = {"index": 0, "message": message, "finish_reason": reply.finish}
        reply = Status(200, {"object": "chat.completion", "choices": [choice], "usage": usage})
    is_text = isinstance(reply.body, str)
    body = (str(reply.body) if is_text else json.dumps(reply.body)).encode()
    headers = {"content-type": "text/plain" if is_text else "application/json", **dict(reply.headers)}
    yield _head(reply.status, {**headers, "content-length": str(len(body))})
    yield body


def _stream_headers(reply: Reply) -> dict[str, str]:
    content_type = reply.content_type if isinstance(reply, Streamed) else "text/event-stream"
    encoding = {"content-encoding": "gzip"} if isinstance(reply, GzipBomb) else {}
    return {"content-type": content_type, "transfer-encoding": "chunked", **encoding}


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Scripted", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _event(payload: str) -> bytes:
    return f"data: {payload}\n\n".encode()


def _http_chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def _split(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


# ------------------------------------------------------------------------------------------------- server


@dataclass(frozen=True)
class Received:
    """One request as it came: header names in lower case; `connection` counts from 1."""

    number: int
    connection: int
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def json(self) -> Json:
        try:
            decoded = json.loads(self.body)
        except ValueError:
            return {}
        return decoded if isinstance(decoded, dict) else {}


class OpenAIServer:
    """Serves `script` on 127.0.0.1 from a thread of its own while it is entered."""

    def __init__(self, script: Script) -> None:
        self.requests: list[Received] = []
        self.base_url = ""
        self._script = script
        self._connections = 0
        self._failure: Exception | None = None
        self._serving: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="openai-server")
        self._ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    def __enter__(self) -> OpenAIServer:
        self._thread.start()
        self._ready.result(timeout=10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        loop, stop = self._ready.result()
        loop.call_soon_threadsafe(stop.set)
        self._thread.join(timeout=10)
        if self._failure is not None and error is None:
            raise self._failure

    async def _serve(self) -> None:
        try:
            server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        except OSError as error:
            self._ready.set_exception(error)
            return
        self.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        stop = asyncio.Event()
        self._ready.set_result((asyncio.get_running_loop(), stop))
        async with server:
            await stop.wait()
            while self._serving:
                for task in self._serving:
                    task.cancel()
                await asyncio.wait(self._serving, timeout=1)
            await asyncio.sleep(0)  # an aborted transport closes its socket in the next round

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        self._connections += 1
        # A cancelled handler would be reported as a fault by asyncio: the end of the server is none.
        with suppress(asyncio.CancelledError, ConnectionError, asyncio.IncompleteReadError):
            await self._converse(reader, writer, self._connections)
        writer.close()
        # At the end nobody may be left to read what is still buffered; a cancellation says that it is the end.
        with suppress(ConnectionError, asyncio.CancelledError):
            await writer.wait_closed()
        writer.transport.abort()
        self._serving.discard(task)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int) -> None:
        """Answer request after request until the other side leaves or the script breaks the connection."""
        while True:
            request = await self._receive(reader, connection)
            reply = self._ask_script(request)
            if isinstance(reply, Gated):
                await reply.gate.passed()
            for data in wire(reply):
                writer.write(data)
                await writer.drain()
            if isinstance(reply, Broken):
                return
            if isinstance(reply, Hanging):
                await reader.read()

    async def _receive(self, reader: asyncio.StreamReader, connection: int) -> Received:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")[:-2]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        method, path, _ = first.split(" ")
        received = Received(len(self.requests) + 1, connection, method, path, headers, body)
        self.requests.append(received)
        return received

    def _ask_script(self, request: Received) -> Reply:
        try:
            return self._script(request.number, request.json)
        except Exception as error:
            self._failure = self._failure or error
            return Status(500, {"error": {"message": f"the script failed: {error!r}"}})


# ------------------------------------------------------------------------------------------ a world's model

Writer = Callable[[Sequence[str]], str]

FORMATS: Sequence[Writer] = (
    lambda entries: "\n".join(entries) + "\n",
    lambda entries: "\n".join(f"{place}. {entry}" for place, entry in enumerate(entries, 1)),
    lambda entries: "Here you are:\n\n" + "\n".join(f"- **{entry}**" for entry in entries) + "\n\nAny more?",
    lambda entries: "```\n" + "\n".join(entries) + "\n```",
    lambda entries: json.dumps(list(entries), ensure_ascii=False),
    lambda entries: "```json\n" + json.dumps({"entries": list(entries)}, indent=2) + "\n```",
)

# Spellings that any sensible normal form takes for the same.
SPELLINGS: Sequence[Callable[[str], str]] = (
    str.upper,
    lambda entry: f"{entry}.",
    lambda entry: f"  {entry.replace(' ', '  ')} ",
    str.casefold,
)

# Each n-th request meets this fault. Retry-After is 0, so that tests need not wait for long.
FAULTS: Mapping[int, Reply] = {
    5: Status(429, {"error": {"message": "Slow down", "type": "requests"}}, (("retry-after", "0"),)),
    7: Status(500, {"error": {"message": "Oops", "type": "server_error"}}),
    11: Events(('{"choices": [{"delta"', "<html>")),
    13: Streamed(("I cannot help with that, but have a nice day",), usage=(50, 10)),
}


@dataclass
class ListAnswers:
    """A script that behaves like a model which knows `world`: see `list_answers`."""

    world: Sequence[str]
    per_answer: int
    repeats: int
    faults: Mapping[int, Reply]
    given: int = 0
    answers: int = 0

    def __call__(self, number: int, request: Json) -> Reply:
        fault = next((reply for nth, reply in self.faults.items() if number % nth == 0), None)
        return fault or self._answer(request)

    def _answer(self, request: Json) -> Reply:
        size = min(self.per_answer, _asked_for(request))
        old = self._respelled()[:size]
        new = self.world[self.given : self.given + size - len(old)]
        text = FORMATS[self.answers % len(FORMATS)]([*new, *old])
        self.given += len(new)
        self.answers += 1
        tokens_in = sum(len(str(message["content"])) for message in request.get("messages", ())) // 4
        pieces = tuple(text[start : start + 17] for start in range(0, len(text), 17))
        return Streamed(pieces, usage=(tokens_in, len(text) // 4))

    def _respelled(self) -> list[str]:
        """Entries given before, other ones in each answer, in other spellings."""
        if not self.given:
            return []
        places = [(self.answers * self.repeats + step) % self.given for step in range(self.repeats)]
        return [SPELLINGS[place % len(SPELLINGS)](self.world[place]) for place in dict.fromkeys(places)]


def list_answers(
    world: Sequence[str],
    *,
    per_answer: int = 20,
    repeats: int = 5,
    faults: Mapping[int, Reply] = FAULTS,
) -> ListAnswers:
    """A script that names the entries of `world` in order, as a model would.

    Each answer holds up to `per_answer` entries (fewer if the prompt asks for fewer) in the next of FORMATS;
    `repeats` of them were given before and come in one of SPELLINGS. When the world is told, only repeats
    follow. Every n-th request meets one of `faults` instead, which costs no entry. The same requests get the
    same replies.
    """
    return ListAnswers(world, per_answer, repeats, faults)


def _asked_for(request: Json) -> int:
    """How many entries the last message wants: the question says "List 60 more entries"."""
    messages = request.get("messages") or [{"content": ""}]
    found = re.findall(r"\b[Ll]ist (\d+)", str(messages[-1]["content"]))
    return int(found[-1]) if found else 1_000

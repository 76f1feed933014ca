"""A reply as the bytes of an HTTP/1.1 response. Pure."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping

from tests.fakes.dialects import OPENAI, Dialect
from tests.fakes.replies import (
    Broken,
    Endless,
    Events,
    Gated,
    GzipBomb,
    Hanging,
    Reply,
    Split,
    Status,
    Streamed,
    Whole,
)


def wire(reply: Reply, dialect: Dialect = OPENAI) -> Iterator[bytes]:
    """A reply as the bytes of an HTTP/1.1 response, in the pieces in which they are to be sent."""
    if isinstance(reply, Split):
        yield from _split(b"".join(wire(reply.reply, dialect)), reply.size)
    elif isinstance(reply, Hanging):
        yield b"".join(wire(reply.reply, dialect))[: reply.size]
    elif isinstance(reply, Gated):
        yield from wire(reply.reply, dialect)
    elif isinstance(reply, Status | Whole):
        yield from _sized(reply, dialect)
    else:
        yield _head(200, _stream_headers(reply))
        yield from map(_http_chunk, body_of(reply, dialect))
        if not isinstance(reply, Broken):
            yield b"0\r\n\r\n"


def body_of(reply: Reply, dialect: Dialect) -> Iterator[bytes]:
    """The body of a streamed reply, in the pieces in which it is to be sent."""
    if isinstance(reply, Streamed):
        yield from map(dialect.framed, dialect.streamed(reply))
    elif isinstance(reply, Events):
        yield from map(dialect.framed, reply.payloads)
    elif isinstance(reply, Broken):
        yield b"".join(body_of(reply.reply, dialect))[: reply.size]
    elif isinstance(reply, GzipBomb):
        yield gzip.compress(bytes(reply.size), compresslevel=9)
    elif isinstance(reply, Endless):
        while True:
            yield dialect.framed(dialect.piece("an entry\n" * 100))
    else:
        raise TypeError(f"{reply} has no streamed body")


def _sized(reply: Status | Whole, dialect: Dialect) -> Iterator[bytes]:
    if isinstance(reply, Whole):
        reply = Status(200, dialect.whole(reply))
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


def _http_chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def _split(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))

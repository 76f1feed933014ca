"""What every adapter over HTTP needs: deadlines, a client that keeps keys where they belong, bounded bodies.

A trap: `asyncio.timeout` must never span a `yield`, as it would then cancel whatever the consumer is doing.
So each single await carries the deadline instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from urllib.request import getproxies, proxy_bypass

import httpx2

from producers.providers.addresses import is_loopback
from producers.providers.errors import BadAnswer, Misconfigured
from producers.providers.network import Resolve, system_addresses
from producers.providers.sse import SSEParser
from producers.providers.transport import Transport

MAX_BODY_BYTES = 4 * 1024 * 1024
MAX_ERROR_BYTES = 64 * 1024
SETTLE_SECONDS = 0.5

STREAM_TYPES = frozenset({"text/event-stream", "text/plain", "application/octet-stream", ""})
WHOLE_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds until a request is given up: to connect, between two pieces of the answer, and in total."""

    connect: float = 10.0
    read: float = 60.0
    total: float = 120.0


def open_client(url: httpx2.URL, deadlines: Deadlines, resolve: Resolve = system_addresses) -> httpx2.AsyncClient:
    """A client for this URL that keeps the key where it belongs: it follows no redirect.

    Where the environment names a proxy, that looks names up and makes the connections: the library's own transport
    does for it. A proxy is never asked for a server of this machine, which it would look for on its own.
    """
    timeout = httpx2.Timeout(deadlines.read, connect=deadlines.connect, pool=deadlines.connect)
    try:
        transport = None if is_behind_proxy(url) else Transport(httpx2.create_ssl_context(), resolve)
        return httpx2.AsyncClient(timeout=timeout, follow_redirects=False, transport=transport)
    except (ValueError, OSError, ImportError, httpx2.InvalidURL) as error:
        # From None: a proxy's URL may hold a password, and the library's message repeats it.
        raise Misconfigured(
            f"the proxy or certificate settings of the environment cannot be used ({type(error).__name__})"
        ) from None


def is_behind_proxy(url: httpx2.URL) -> bool:
    """Whether the environment names a proxy for this URL."""
    proxies = getproxies()
    named = proxies.get(url.scheme) or proxies.get("all")
    return bool(named) and not is_loopback(url.host) and not proxy_bypass(url.host)


async def payloads_of(
    response: httpx2.Response, until: float, is_over: Callable[[], bool]
) -> AsyncGenerator[str | bytes, None]:
    """The JSON texts of an answer: one for each event of a stream, or one in all. Raises BadAnswer.

    `is_over` says whether the payloads so far hold the answer's own end mark; the parser knows that of SSE.
    """
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != WHOLE_TYPE and kind not in STREAM_TYPES:
        raise BadAnswer("the server answered with neither JSON nor an event stream: is the base URL right?")
    async with aclosing(body_of(response, until)) as body:
        if kind == WHOLE_TYPE:
            yield b"".join([piece async for piece in body])
            return
        parser = SSEParser()
        async for piece in body:
            for payload in parser.feed(piece):
                yield payload
            if parser.done or is_over():
                await settle(body)
                return


async def body_of(response: httpx2.Response, until: float) -> AsyncGenerator[bytes, None]:
    """The decoded body, each piece awaited up to the deadline. Raises BadAnswer beyond any honest size."""
    size = 0
    async with aclosing(response.aiter_bytes()) as pieces:
        while True:
            async with asyncio.timeout_at(until):
                piece = await anext(pieces, b"")
            if not piece:
                return
            size += len(piece)
            if size > MAX_BODY_BYTES:
                raise BadAnswer(f"the answer is larger than {MAX_BODY_BYTES} bytes")
            yield piece


async def beginning_of(response: httpx2.Response, until: float) -> bytes:
    """As much of an error's body as explains it; what cannot be read must not hide the error itself."""
    collected = bytearray()
    with suppress(httpx2.HTTPError, TimeoutError, BadAnswer):
        async with aclosing(body_of(response, until)) as body:
            async for piece in body:
                collected += piece
                if len(collected) >= MAX_ERROR_BYTES:
                    break
    return bytes(collected[:MAX_ERROR_BYTES])


async def settle(body: AsyncGenerator[bytes, None]) -> None:
    """Read what follows the end mark, usually nothing: a connection can only be used again after the end."""
    with suppress(httpx2.HTTPError, TimeoutError, BadAnswer):
        async with asyncio.timeout(SETTLE_SECONDS):
            async for _ in body:
                pass

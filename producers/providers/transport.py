"""What carries the HTTP library's requests: its own connection pool, on our network.

The library has no option for that, so this is its own transport once more, shorter.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import aclosing, contextmanager

import httpcore2
import httpx2

from producers.providers.network import AsyncioBackend, Resolve, system_addresses

# More requests than a producer may have under way; the rest is as the library above has it.
MAX_CONNECTIONS, MAX_IDLE, IDLE_SECONDS = 100, 20, 5.0

# Every error of the pool has its namesake in the library above it.
NAMESAKES: Mapping[type[Exception], type[httpx2.HTTPError]] = {
    lower: getattr(httpx2, name)
    for name, lower in vars(httpcore2).items()
    if isinstance(lower, type) and issubclass(lower, Exception) and hasattr(httpx2, name)
}


class Transport(httpx2.AsyncBaseTransport):
    """Requests over connections that are kept for the next one. Belongs to one event loop."""

    def __init__(self, ssl_context: ssl.SSLContext, resolve: Resolve = system_addresses) -> None:
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=ssl_context,
            max_connections=MAX_CONNECTIONS,
            max_keepalive_connections=MAX_IDLE,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=AsyncioBackend(resolve),
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        with _named_as_above():
            response = await self._pool.handle_async_request(
                httpcore2.Request(
                    request.method,
                    httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        return httpx2.Response(
            response.status, headers=response.headers, stream=_Body(response), extensions=response.extensions
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx2.AsyncByteStream):
    """The body of a response, whose end or close gives its connection back."""

    def __init__(self, response: httpcore2.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _named_as_above():
            async with aclosing(self._response.aiter_stream()) as pieces:
                async for piece in pieces:
                    yield piece

    async def aclose(self) -> None:
        with _named_as_above():
            await self._response.aclose()


@contextmanager
def _named_as_above() -> Iterator[None]:
    try:
        yield
    except tuple(NAMESAKES) as error:
        raise next(NAMESAKES[cls] for cls in type(error).__mro__ if cls in NAMESAKES)(str(error)) from error

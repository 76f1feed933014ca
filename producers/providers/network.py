"""The network under the HTTP library: plain sockets of the event loop, read rarely, and never led astray.

**Read rarely.** A model's server sends an answer of 100 entries in some 400 pieces, and nobody here needs each of
them at once: the engine commits whole answers. So while an answer flows, the next read waits until GATHER_SECONDS
after the last one. What comes meanwhile gathers in the system's buffer of the socket, which bounds it and slows the
server down when it is full; one read then takes it all, and `ChunkMerger` makes one chunk of it. The first text of an
answer is never waited for, nor is what follows a full read. The deadline of a read counts from its beginning, waiting
included. A close needs no waiting either: it cancels.

**Never led astray.** A name is looked up once, its addresses are checked, and the connection goes to one of those
very addresses. A name that leads to a metadata service, at the first look or only at a second, leads nowhere.
"""

from __future__ import annotations

import asyncio
import select
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import httpcore2

from producers.providers.addresses import is_address, is_forbidden
from producers.providers.chunks import ChunkMerger
from producers.providers.errors import Misconfigured

GATHER_SECONDS = 0.04
# An address that has not answered by then gives way to the next; the last one has what is left of the deadline.
HEAD_START_SECONDS = 1.0

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
Result = TypeVar("Result")


async def system_addresses(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, the preferred one first. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class AsyncioBackend(httpcore2.AsyncNetworkBackend):
    """Connects as the running event loop does."""

    def __init__(self, resolve: Resolve = system_addresses) -> None:
        """`resolve` gives the addresses of a name and a port, and raises OSError."""
        self._resolve = resolve

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> SocketStream:
        """Raises ConnectError, ConnectTimeout, and Misconfigured where the name leads to a forbidden address."""
        async with _translated(timeout, httpcore2.ConnectTimeout, httpcore2.ConnectError):
            return SocketStream(await _connected(await self._addresses(host, port), port))

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        found = [host] if is_address(host) else await self._resolve(host, port)
        allowed = [address for address in found if not is_forbidden(address)]
        if found and not allowed:
            raise Misconfigured(
                "the name in the base URL leads to a link-local address or a metadata service, where no provider is"
            )
        return allowed


async def _connected(addresses: Sequence[str], port: int) -> socket.socket:
    for address in addresses[:-1]:
        try:
            async with asyncio.timeout(HEAD_START_SECONDS):
                return await _connect(address, port)
        except OSError:  # TimeoutError is one
            continue
    if not addresses:
        raise OSError("the name has no address")
    return await _connect(addresses[-1], port)


async def _connect(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(connection, (address, port))
    except BaseException:
        connection.close()
        raise
    return connection


class SocketStream(httpcore2.AsyncNetworkStream):
    """One connection, plain or under TLS. One task reads at a time, and one writes."""

    def __init__(self, connection: socket.socket, gather_seconds: float = GATHER_SECONDS) -> None:
        self._socket = connection
        self._gather_seconds = gather_seconds
        self._merger = ChunkMerger()
        self._gathered_at = 0.0
        self._waiting: set[asyncio.Future[None]] = set()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has come, of the wire at most `max_bytes`; empty at the end. Raises ReadTimeout, ReadError."""
        async with _translated(timeout, httpcore2.ReadTimeout, httpcore2.ReadError):
            if self._merger.flowing:
                await asyncio.sleep(self._gathered_at - asyncio.get_running_loop().time())
            while True:
                data = await self._received(max_bytes)
                merged = self._merger.feed(data) if data else b""
                if merged or not data:
                    break
            is_full = len(data) >= max_bytes
            self._gathered_at = 0.0 if is_full else asyncio.get_running_loop().time() + self._gather_seconds
            return merged

    async def _received(self, max_bytes: int) -> bytes:
        data = await self._when_ready(lambda: self._socket.recv(max_bytes), self._readable)
        if not isinstance(self._socket, ssl.SSLSocket):
            return data
        # One read gives one record of TLS at most, and a server makes a record of every token.
        pieces = [data]
        while data and (max_bytes := max_bytes - len(data)):
            try:
                data = self._socket.recv(max_bytes)
            except OSError:  # no more for now, or a fault, which the next read will meet again
                break
            pieces.append(data)
        return b"".join(pieces)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Raises WriteTimeout, WriteError."""
        self._merger.begin()
        sent = 0
        async with _translated(timeout, httpcore2.WriteTimeout, httpcore2.WriteError):
            while sent < len(buffer):
                rest = memoryview(buffer)[sent:]
                sent += await self._when_ready(partial(self._socket.send, rest), self._writable)

    async def aclose(self) -> None:
        """At once. Whoever still reads or writes is told that the connection is broken."""
        if self._socket.fileno() < 0:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._socket)
        loop.remove_writer(self._socket)
        self._socket.close()
        for waiting in self._waiting:
            _wake(waiting)

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> SocketStream:
        """The same connection under TLS. Raises ConnectTimeout, ConnectError; the connection is closed then."""
        try:
            async with _translated(timeout, httpcore2.ConnectTimeout, httpcore2.ConnectError):
                self._socket = secured = ssl_context.wrap_socket(
                    self._socket, server_hostname=server_hostname, do_handshake_on_connect=False
                )
                await self._when_ready(secured.do_handshake, self._readable)
        except BaseException:
            await self.aclose()
            raise
        return self

    def get_extra_info(self, info: str) -> Any:
        """What the HTTP library asks for: `ssl_object`, `socket`, and `is_readable`: an idle connection has ended."""
        match info:
            case "ssl_object":
                return self._socket if isinstance(self._socket, ssl.SSLSocket) else None
            case "socket":
                return self._socket
            case "is_readable":
                return _is_readable(self._socket)
            case _:
                return None

    async def _when_ready(self, act: Callable[[], Result], ready: Callable[[], Awaitable[None]]) -> Result:
        """The result of `act` once the socket lets it; `ready` waits where it does not say what it waits for."""
        while True:
            try:
                return act()
            except ssl.SSLWantReadError:
                await self._readable()
            except ssl.SSLWantWriteError:
                await self._writable()
            except BlockingIOError:
                await ready()

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        await self._until(loop.add_reader, loop.remove_reader)

    async def _writable(self) -> None:
        loop = asyncio.get_running_loop()
        await self._until(loop.add_writer, loop.remove_writer)

    async def _until(self, watch: Callable[..., object], leave: Callable[[socket.socket], object]) -> None:
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        watch(self._socket, _wake, waiting)
        self._waiting.add(waiting)
        try:
            await waiting
        finally:
            self._waiting.discard(waiting)
            if self._socket.fileno() >= 0:
                leave(self._socket)


def _wake(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


def _is_readable(connection: socket.socket) -> bool:
    if connection.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))


@asynccontextmanager
async def _translated(timeout: float | None, late: type[Exception], broken: type[Exception]) -> AsyncIterator[None]:
    """The system's errors, and a deadline in seconds, as the HTTP library calls them."""
    try:
        async with asyncio.timeout(timeout):
            yield
    except TimeoutError as error:
        raise late(str(error)) from error
    except OSError as error:
        raise broken(str(error)) from error

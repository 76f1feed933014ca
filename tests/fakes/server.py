"""A scripted server on a real socket, in the dialect of any vendor; of tests in this process and in subprocesses.

    with ScriptedServer(in_turn(Streamed(("Lou", "vre\n")), Status(500))) as server:
        ask(server.base_url)
        assert server.requests[0].json["model"] == "m"

A script is a function from (number of the request, from 1; its JSON) to a Reply. It is called in the server's
thread, one call at a time. What it raises is raised again when the server is left.

The other parts: `replies` (values), `dialects` and `wire` (pure: a reply as bytes).
"""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.fakes.dialects import OPENAI, Dialect
from tests.fakes.replies import Broken, Gated, Hanging, Json, Reply, Script, Status
from tests.fakes.wire import wire


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


class ScriptedServer:
    """Serves `script` on 127.0.0.1 from a thread of its own while it is entered."""

    def __init__(self, script: Script, dialect: Dialect = OPENAI, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Received] = []
        self.base_url = ""
        self._script = script
        self._dialect = dialect
        self._tls = tls
        self._connections = 0
        self._failure: Exception | None = None
        self._serving: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="scripted-server")
        self._ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    def __enter__(self) -> Self:
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
            server = await asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=self._tls)
        except OSError as error:
            self._ready.set_exception(error)
            return
        scheme = "https" if self._tls else "http"
        self.base_url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}{self._dialect.base_path}"
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
            for data in wire(reply, self._dialect):
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

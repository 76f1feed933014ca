"""A TCP proxy between producers and engine that mistreats what passes: it cuts, swallows and remembers."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Callable
from contextlib import suppress

Swallow = Callable[[bytes], bool]
RESET = struct.pack("ii", 1, 0)  # SO_LINGER of zero seconds: closing sends a reset


class Proxy:
    """Passes bytes between its own port and `target`.

    `to_engine` and `to_producer` may be told how many more bytes pass before everything is reset, mid-frame as
    a rule. What the engine sends is looked at, too: `swallow` says which of its frames never arrive.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.swallow: Swallow = lambda frame: False
        self.frames_to_producers: list[bytes] = []
        self.cut_after: int | None = None
        self.cuts = 0
        self.connections = 0
        self.url = ""

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.url = f"ws://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._server.close()
        self.reset()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def reset(self) -> None:
        """Cut every connection with a reset on both sides."""
        for writer in self._writers:
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()
        self._writers.clear()

    def acknowledged(self) -> set[str]:
        """The batches that the engine has acknowledged, whether or not its word arrived."""
        acks = (json.loads(frame) for frame in self.frames_to_producers if frame.startswith(b'{"type":"ack"'))
        return {batch_id for ack in acks for batch_id in ack["batch_ids"]}

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._pass_both_ways(reader, writer)
        self._tasks.discard(task)

    async def _pass_both_ways(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        engine_reader, engine_writer = await asyncio.open_connection(*self._target)
        both = {writer, engine_writer}
        self._writers |= both
        up = asyncio.create_task(self._upwards(reader, engine_writer))
        down = asyncio.create_task(self._downwards(engine_reader, writer))
        try:
            await asyncio.wait([up, down], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (up, down):
                each.cancel()
            await asyncio.gather(up, down, return_exceptions=True)
            for each_writer in both:
                each_writer.transport.abort()
            self._writers -= both

    async def _upwards(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            if self.cut_after is not None:
                if len(data) > self.cut_after:
                    writer.write(data[: self.cut_after])
                    await writer.drain()
                    self.cut_after = None
                    self.cuts += 1
                    self.reset()
                    return
                self.cut_after -= len(data)
            writer.write(data)
            await writer.drain()

    async def _downwards(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readuntil(b"\r\n\r\n"))  # the handshake
        while True:
            head, payload = await _read_frame(reader)
            self.frames_to_producers.append(payload)
            if not self.swallow(payload):
                writer.write(head + payload)
                await writer.drain()


async def _read_frame(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """One unmasked WebSocket frame: its head and its payload."""
    head = await reader.readexactly(2)
    size = head[1]
    if size in (126, 127):
        extended = await reader.readexactly(2 if size == 126 else 8)
        head, size = head + extended, int.from_bytes(extended, "big")
    return head, await reader.readexactly(size)

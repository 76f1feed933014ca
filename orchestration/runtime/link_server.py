"""The engine's end of the link: lets producers in by their tokens and passes their messages on."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from producers.link.codec import BadFrame, decode_for_engine, encode
from producers.link.messages import MAX_FRAME_BYTES, PROTOCOL, Hello, ToEngine, ToProducer

logger = logging.getLogger(__name__)

WAITING_MESSAGES = 256
GOING_AWAY = 1001
POLICY = 1008
TRY_AGAIN = 1013

Receive = Callable[["Port", ToEngine], Awaitable[None]]


class Port:
    """The engine's side of one producer: its token, its connection if there is one, and when it was last heard.

    A message for a producer that is not connected is dropped: on its return it is told everything anew. One that
    does not read loses its connection when 256 messages wait.
    """

    def __init__(self, receive: Receive) -> None:
        self.receive = receive
        self.token = secrets.token_urlsafe(32)
        self.last_heard = time.monotonic()
        self._connection: ServerConnection | None = None
        self._waiting: asyncio.Queue[ToProducer] = asyncio.Queue(WAITING_MESSAGES)
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def connected(self) -> bool:
        return self._connection is not None

    def renew(self) -> None:
        """A new life of the producer: a new token, and nobody with the old one gets in."""
        self.token = secrets.token_urlsafe(32)
        self.last_heard = time.monotonic()
        self.drop(GOING_AWAY, "a new life begins")

    def post(self, message: ToProducer) -> None:
        if self._connection is None:
            return
        try:
            self._waiting.put_nowait(message)
        except asyncio.QueueFull:
            self.drop(TRY_AGAIN, "does not read")

    def drop(self, code: int, reason: str) -> None:
        """Close the connection, if there is one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            task = asyncio.ensure_future(connection.close(code, reason))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def serve(self, connection: ServerConnection) -> None:
        """Pass messages both ways until the connection ends. A second connection takes the place of the first."""
        self.drop(GOING_AWAY, "another connection with this token")
        self._connection, self._waiting = connection, asyncio.Queue(WAITING_MESSAGES)
        sender = asyncio.ensure_future(self._send(connection, self._waiting))
        try:
            async for frame in connection:
                self.last_heard = time.monotonic()
                await self.receive(self, _known(decode_for_engine(frame)))
        except BadFrame as error:
            logger.warning("a producer sent a frame that is no message: %.200r", str(error))
            await connection.close(POLICY, "not a message of this protocol")
        finally:
            if self._connection is connection:
                self._connection = None
            sender.cancel()

    async def _send(self, connection: ServerConnection, waiting: asyncio.Queue[ToProducer]) -> None:
        with suppress(ConnectionClosed):
            while True:
                await connection.send(encode(await waiting.get()), text=True)


class LinkServer:
    """Listens for producers. A stranger is refused before it can send a single frame."""

    def __init__(self) -> None:
        self._ports: set[Port] = set()
        self._server: Server | None = None
        self.url = ""

    async def start(self, host: str, number: int) -> None:
        """Listen on `host`; number 0 takes a free one. Raises OSError when it is taken."""
        self._server = await serve(
            self._serve,
            host,
            number,
            process_request=self._authenticate,
            compression=None,
            max_size=MAX_FRAME_BYTES,
            max_queue=4,  # frames read ahead; the rest waits with the producer
            ping_interval=10,
            ping_timeout=15,
            close_timeout=1,
        )
        address = next(iter(self._server.sockets)).getsockname()
        shown = f"[{address[0]}]" if ":" in address[0] else address[0]
        self.url = f"ws://{shown}:{address[1]}"

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._server.wait_closed(), 2)

    def open_port(self, receive: Receive) -> Port:
        port = Port(receive)
        self._ports.add(port)
        return port

    def close_port(self, port: Port) -> None:
        self._ports.discard(port)
        port.drop(GOING_AWAY, "the run is over")

    def _authenticate(self, connection: ServerConnection, request: Request) -> Response | None:
        if self._port_of(request) is not None:
            return None
        return connection.respond(HTTPStatus.UNAUTHORIZED, "This link is for this engine's producers.\n")

    async def _serve(self, connection: ServerConnection) -> None:
        port = self._port_of(connection.request) if connection.request else None
        if port is not None:
            with suppress(ConnectionClosed):
                await port.serve(connection)

    def _port_of(self, request: Request) -> Port | None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
        for port in self._ports:
            if secrets.compare_digest(port.token.encode(), given):
                return port
        return None


def _known(message: ToEngine) -> ToEngine:
    if isinstance(message, Hello) and message.protocol != PROTOCOL:
        raise BadFrame(f"protocol {message.protocol}, this engine speaks {PROTOCOL}")
    return message

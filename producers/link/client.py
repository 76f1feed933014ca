"""A producer's end of the link: connects, authenticates, sends, and sends again after a reconnect."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from producers.link.codec import BadFrame, decode_for_producer, encode
from producers.link.messages import MAX_FRAME_BYTES, Ack, AttributeBatch, Hello, ToEngine, ToProducer
from producers.link.outbox import Outbox

FIRST_DELAY = 0.1
LONGEST_DELAY = 2.0


class TokenRefused(Exception):
    """The engine does not know this producer's token: it belongs to another engine or an earlier life."""


class LinkClient:
    """Keeps one connection to the engine; `run` never ends by itself unless the token is refused.

    Batches survive a broken connection in the outbox; other messages are about the present and are dropped
    while there is no connection.
    """

    def __init__(self, url: str, token: str, outbox: Outbox) -> None:
        self._url = url
        self._token = token
        self._outbox = outbox
        self._queue: deque[ToEngine] = deque()
        self._wake = asyncio.Event()
        self._connected = False
        self.started = False

    @property
    def unacknowledged(self) -> int:
        return len(self._outbox)

    @property
    def full(self) -> bool:
        """No further batch should be made before an acknowledgement."""
        return self._outbox.full

    def unacknowledged_batch(self, batch_id: str) -> AttributeBatch | None:
        """The batch as it was sent last, unless it is committed."""
        return self._outbox.get(batch_id)

    def send_batch(self, batch: AttributeBatch) -> None:
        """Keep `batch` until it is acknowledged and send it as soon as there is a connection.

        One with an id that waits already takes the place of that.
        """
        self._outbox.add(batch)
        self.send(batch)

    def send(self, message: ToEngine) -> None:
        if self._connected:
            self._queue.append(message)
            self._wake.set()

    async def run(self, receive: Callable[[ToProducer], None]) -> None:
        """Stay connected and hand each message of the engine to `receive`, acks included. Raises TokenRefused."""
        delays = _delays()
        while True:
            try:
                async with self._connect() as connection:
                    delays = _delays()
                    await self._converse(connection, receive)
            except InvalidStatus as error:
                if error.response.status_code == 401:
                    raise TokenRefused(self._url) from error
            except (OSError, ConnectionClosed, InvalidHandshake, TimeoutError, BadFrame):
                pass  # the outbox keeps what matters; the next connection sends it
            finally:
                self._connected = False
            await asyncio.sleep(next(delays))

    def _connect(self) -> connect:
        return connect(
            self._url,
            additional_headers={"Authorization": f"Bearer {self._token}"},
            compression=None,
            proxy=None,
            max_size=MAX_FRAME_BYTES,
            close_timeout=1,
        )

    async def _converse(self, connection: ClientConnection, receive: Callable[[ToProducer], None]) -> None:
        self._queue = deque([Hello(pid=os.getpid(), started=self.started), *self._outbox.pending])
        self._connected = True
        sender = asyncio.create_task(self._send_queue(connection))
        try:
            async for frame in connection:
                self._handle(decode_for_producer(frame), receive)
        finally:
            sender.cancel()
            with suppress(asyncio.CancelledError, ConnectionClosed):
                await sender

    async def _send_queue(self, connection: ClientConnection) -> None:
        while True:
            while self._queue:
                await connection.send(encode(self._queue.popleft()), text=True)
            self._wake.clear()
            await self._wake.wait()

    def _handle(self, message: ToProducer, receive: Callable[[ToProducer], None]) -> None:
        if isinstance(message, Ack):
            self._outbox.acknowledge(message.batch_ids)
        receive(message)


def _delays() -> Iterator[float]:
    delay = FIRST_DELAY
    while True:
        yield delay
        delay = min(delay * 2, LONGEST_DELAY)

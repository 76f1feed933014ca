"""Daphne, with patience for slow readers of long answers, and an end for answers that break off.

Import it only where the server is started: it sets up Twisted's reactor.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from daphne.http_protocol import WebRequest
from daphne.server import Server
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer


@implementer(IPushProducer)
class Door:
    """Shut while what was written waits for a slow reader; open for good once the reader is gone."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()

    def pauseProducing(self) -> None:
        self.open.clear()

    def resumeProducing(self) -> None:
        self.open.set()

    def stopProducing(self) -> None:
        self.open.set()


class PatientServer(Server):  # type: ignore[misc]
    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Daphne takes whatever it is given: without waiting, a large file would lie in memory as a whole."""
        door = _door(protocol, message) if message["type"] == "http.response.body" else None
        await super().handle_reply(protocol, message)
        if door is not None:
            await door.open.wait()

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> asyncio.Queue[Any] | None:
        queue: asyncio.Queue[Any] | None = super().create_application(protocol, scope)
        if queue is not None and isinstance(protocol, WebRequest):
            running: asyncio.Future[Any] = self.connections[protocol]["application_instance"]
            running.add_done_callback(partial(self._break_off, protocol))
        return queue

    def _break_off(self, protocol: Any, running: asyncio.Future[Any]) -> None:
        """An answer that failed half-way ends with its connection, so that the reader knows it is not whole.

        Daphne would try to say "500" after the first bytes, fail at it, and look after no connection any more.
        """
        failed = not running.cancelled() and running.exception() is not None
        if failed and protocol._response_started and protocol.channel is not None and not protocol.finished:
            self.protocol_disconnected(protocol)
            _end_short(protocol)

    def protocol_disconnected(self, protocol: Any) -> None:
        if protocol in self.connections:  # not any more, where an answer that broke off is long in going out
            super().protocol_disconnected(protocol)


def _door(protocol: Any, message: dict[str, Any]) -> Door | None:
    """The door of an answer that goes on; the last piece takes it away."""
    if protocol.channel is None or protocol.finished:
        return None
    if not message.get("more_body", False):
        if protocol.producer is not None:
            protocol.unregisterProducer()
        return None
    if protocol.producer is None:
        protocol.registerProducer(Door(), streaming=True)
    door: Door = protocol.producer
    return door


def _end_short(protocol: Any) -> None:
    """Whoever knows how much is to come sees that it has not; others must see an error."""
    if protocol.chunked or protocol.responseHeaders.hasHeader("Content-Length"):
        protocol.loseConnection()
    else:
        protocol.channel.transport.abortConnection()

"""The viewer's end: one consumer per open live page."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from importlib import import_module
from typing import Any

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import Error as DatabaseError

from orchestration.portal import protocol, queries
from orchestration.portal.limits import Allowance, Unpainted
from orchestration.portal.panels import recent_panels
from orchestration.portal.poller import UNAVAILABLE, group_name, pollers
from orchestration.portal.protocol import Close
from orchestration.portal.threads import VIEWERS, in_thread

logger = logging.getLogger(__name__)

FAILED = 1011


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Shows one topic to one viewer, as long as the viewer reads along and may see it.

    Refusals come after accepting: a browser is not told why a handshake failed.
    """

    tick_seconds = 1.0
    recheck_seconds = 8.0  # with the tick and the read itself, a right is gone within ten seconds
    most_unpainted = 64
    unpainted_seconds = 10.0
    replay_pause = 0.05
    burst, per_second = 120.0, 60.0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._watching = False
        self._ended = False
        try:
            await super().__call__(scope, receive, send)
        finally:
            for task in self._tasks:
                task.cancel()
            await self._stop_watching()

    async def dispatch(self, message: dict[str, Any]) -> None:
        # Not Channels' own, which hops to the thread of the sync views for each message.
        handler = getattr(self, str(message["type"]).replace(".", "_"))
        await handler(message)

    async def connect(self) -> None:
        await self.accept()
        self.topic_id: int = self.scope["url_route"]["kwargs"]["topic_id"]
        refusal = await self._refusal()
        if refusal:
            await self._end(refusal)
            return
        self._allowance = Allowance(self.burst, self.per_second)
        self._unpainted = Unpainted(self.most_unpainted, self.unpainted_seconds)
        # Room for one: a newer question takes the place of one that still waits.
        self._asked: asyncio.Queue[int] = asyncio.Queue(maxsize=1)
        await self._join()
        pollers.watch(self.topic_id)
        self._watching = True
        self._start(self._guard())
        self._start(self._answer_replays())

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        raise StopConsumer

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self._ended:
            return
        if not self._allowance.take(_now()):
            await self._end(Close.TOO_MANY)
            return
        try:
            message = protocol.parse(text_data)
        except protocol.Malformed:
            await self._end(Close.MALFORMED)
            return
        if isinstance(message, protocol.Replay):
            self._ask(message.cursor)
        elif not self._unpainted.painted(message.messages):
            await self._end(Close.MALFORMED)

    async def live_text(self, message: dict[str, Any]) -> None:
        await self._deliver(message["text"])

    async def live_gone(self, message: dict[str, Any]) -> None:
        await self._end(Close.NO_SUCH_TOPIC)

    async def live_failed(self, message: dict[str, Any]) -> None:
        await self._end(FAILED)

    def _ask(self, cursor: int) -> None:
        if self._asked.full():
            self._asked.get_nowait()
        self._asked.put_nowait(cursor)

    async def _answer_replays(self) -> None:
        while True:
            await self._replay(await self._asked.get())
            await asyncio.sleep(self.replay_pause)

    async def _replay(self, cursor: int) -> None:
        try:
            reading = await in_thread(VIEWERS, queries.read_after, self.topic_id, cursor, panels=recent_panels)
        except (DatabaseError, queries.ListKeepsChanging):
            await self._deliver(protocol.trouble(UNAVAILABLE))
            return
        if reading is None:
            await self._end(Close.NO_SUCH_TOPIC)
            return
        await self._deliver(protocol.replay(reading, cursor))

    async def _guard(self) -> None:
        """End the connection when the viewer no longer reads, or may no longer."""
        checked_at = _now()
        while not self._ended:
            await asyncio.sleep(self.tick_seconds)
            if self._unpainted.is_too_far_behind(_now()):
                await self._end(Close.NOT_READING)
            elif _now() - checked_at >= self.recheck_seconds:
                checked_at = _now()
                refusal = await self._refusal()
                if refusal and refusal is not Close.UNAVAILABLE:
                    await self._end(refusal)
                elif not self._ended:
                    # Again, because the layer forgets members after a day, or when a message expired.
                    await self._join()

    async def _refusal(self) -> Close | None:
        """Why this viewer must not see the topic at this moment; None when it may."""
        store = import_module(settings.SESSION_ENGINE).SessionStore
        session = store(self.scope["cookies"].get(settings.SESSION_COOKIE_NAME))
        try:
            access = await in_thread(VIEWERS, queries.access, session, self.topic_id)
        except DatabaseError:
            return Close.UNAVAILABLE
        if not access.signed_in:
            return Close.SIGNED_OUT
        if not access.may_view:
            return Close.FORBIDDEN
        return None if access.topic_exists else Close.NO_SUCH_TOPIC

    async def _join(self) -> None:
        await self.channel_layer.group_add(group_name(self.topic_id), self.channel_name)

    async def _deliver(self, text: str) -> None:
        if self._ended:
            return
        self._unpainted.sent(_now())
        # The viewer may have left a moment ago: autobahn says so by a RuntimeError, others by an OSError.
        with contextlib.suppress(RuntimeError, OSError):
            await self.send(text_data=text)

    async def _end(self, code: int) -> None:
        if self._ended:
            return
        self._ended = True
        await self._stop_watching()
        with contextlib.suppress(RuntimeError, OSError):
            await self.close(int(code))

    async def _stop_watching(self) -> None:
        if self._watching:
            self._watching = False
            pollers.unwatch(self.topic_id)
            await self.channel_layer.group_discard(group_name(self.topic_id), self.channel_name)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.add(asyncio.create_task(self._run(work)))

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            logger.exception("A live page of topic %s failed", self.topic_id)
            await self._end(FAILED)


class NoSuchPage(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Refuses handshakes for addresses that nothing is at."""

    async def connect(self) -> None:
        await self.close()


def _now() -> float:
    return asyncio.get_running_loop().time()

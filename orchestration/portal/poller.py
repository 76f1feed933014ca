"""One reader of the database per watched topic and process, whatever the number of viewers.

It asks what is new, serialises that once, and hands the text to the Channels group of the topic. Its viewers
may lose messages (a full queue drops them): each delta names where it starts, and a heartbeat repeats where
the list ends, so a viewer that has missed something notices within seconds and asks for a replay.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from channels.layers import get_channel_layer
from django.db import Error as DatabaseError

from orchestration.portal import protocol, queries
from orchestration.portal.entries import newest_id
from orchestration.portal.panels import recent_panels
from orchestration.portal.sections import changed, marks_of, section_texts
from orchestration.portal.threads import POLLERS, in_thread

logger = logging.getLogger(__name__)

INTERVAL = 0.25
# So much longer for each viewer: a large crowd is told less often, and still within a second.
INTERVAL_OF_EACH = 0.0015
LONGEST_INTERVAL = 0.6
HEARTBEAT = 5.0
LONGEST_PAUSE = 2.0
UNAVAILABLE = "The database is unavailable."

Send = Callable[[dict[str, Any]], Awaitable[None]]


def group_name(topic_id: int) -> str:
    return f"topic.{topic_id}"


class Poller:
    """Reads one topic until it is cancelled or the topic is gone."""

    def __init__(self, topic_id: int, send: Send, viewers: Callable[[], int] = lambda: 1) -> None:
        self.topic_id = topic_id
        self._send = send
        self._viewers = viewers
        self._cursor: int | None = None
        self._told: dict[str, str] = {}
        self._told_at = 0.0
        self._failures = 0

    async def run(self) -> None:
        while True:
            try:
                reading = await in_thread(POLLERS, self._read)
            except (DatabaseError, queries.ListKeepsChanging) as error:
                await self._report(error)
                await asyncio.sleep(self._pause_after_failure())
                continue
            if reading is None:
                await self._send({"type": "live.gone"})
                return
            await self._tell(reading)
            # A full page means that there is more, so go on at once.
            await asyncio.sleep(0 if len(reading.entries) == queries.PAGE_SIZE else self._interval())

    def _interval(self) -> float:
        return min(LONGEST_INTERVAL, INTERVAL + INTERVAL_OF_EACH * self._viewers())

    def _read(self) -> queries.Reading | None:
        if self._cursor is None:
            self._cursor = newest_id(self.topic_id)
        return queries.read_after(self.topic_id, self._cursor, panels=recent_panels)

    async def _tell(self, reading: queries.Reading) -> None:
        """Send a delta if anything changed, or if viewers have heard nothing for a heartbeat."""
        now = asyncio.get_running_loop().time()
        sections = section_texts(reading)
        marks = marks_of(sections)
        news = changed(sections, marks, self._told)
        quiet = not news and not reading.entries and not self._failures
        if quiet and now - self._told_at < HEARTBEAT:
            return
        start = self._cursor or 0
        await self._send({"type": "live.text", "text": protocol.delta(reading, start, news, marks)})
        self._cursor = reading.entries[-1].id if reading.entries else start
        self._told, self._told_at, self._failures = marks, now, 0

    async def _report(self, error: Exception) -> None:
        self._failures += 1
        if self._failures == 1:
            logger.warning("Topic %s cannot be read: %s", self.topic_id, error)
        await self._send({"type": "live.text", "text": protocol.trouble(UNAVAILABLE)})

    def _pause_after_failure(self) -> float:
        return min(LONGEST_PAUSE, INTERVAL * 2.0 ** min(self._failures, 10))


@dataclass
class _Watch:
    task: asyncio.Task[None]
    viewers: int = 0


class Pollers:
    """The pollers of this process: started by a topic's first viewer, stopped after its last."""

    def __init__(self) -> None:
        self._watches: dict[int, _Watch] = {}

    def __contains__(self, topic_id: int) -> bool:
        return topic_id in self._watches

    def viewers(self, topic_id: int) -> int:
        return self._watches[topic_id].viewers if topic_id in self._watches else 0

    def watch(self, topic_id: int) -> None:
        watch = self._watches.get(topic_id)
        if watch is None:
            watch = self._watches[topic_id] = _Watch(self._start(topic_id))
        elif watch.task.done():
            watch.task = self._start(topic_id)
        watch.viewers += 1

    def unwatch(self, topic_id: int) -> None:
        """Take back one `watch`."""
        watch = self._watches[topic_id]
        watch.viewers -= 1
        if not watch.viewers:
            watch.task.cancel()
            del self._watches[topic_id]

    def _start(self, topic_id: int) -> asyncio.Task[None]:
        return asyncio.create_task(self._poll(topic_id), name=f"poller of topic {topic_id}")

    async def _poll(self, topic_id: int) -> None:
        layer = get_channel_layer()

        async def send(message: dict[str, Any]) -> None:
            await layer.group_send(group_name(topic_id), message)

        try:
            await Poller(topic_id, send, lambda: self.viewers(topic_id)).run()
        except Exception:
            # A fault of ours: seen in the log, and its viewers come again and start another poller.
            logger.exception("The poller of topic %s failed", topic_id)
            await send({"type": "live.failed"})


pollers = Pollers()

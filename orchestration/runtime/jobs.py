"""The cluster of background jobs as a child of the engine: kept alive, and listened to."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from contextlib import suppress

from django.conf import settings

from orchestration.jobs import health
from orchestration.logic.silence import Silence, is_stuck, listened
from orchestration.runtime.database import Database
from orchestration.runtime.supervisor import ChildState, Command, Supervised, environment_without_keys

logger = logging.getLogger(__name__)

LOOKS_IN_SILENCE = 10
LONGEST_LOOK = 5.0
# After it has been given up as it died again and again: by then something may have been mended.
SECOND_CHANCE_SECONDS = 300.0


class Jobs:
    """Restarts the cluster when it dies, and when it lives but nothing comes out of it."""

    def __init__(self, database: Database, silence_seconds: float) -> None:
        self._database = database
        self._limit = silence_seconds
        self.look_seconds = min(LONGEST_LOOK, silence_seconds / LOOKS_IN_SILENCE)
        self._child = self._new_child()
        self._stopping = asyncio.Event()
        self._silence = Silence()
        self._life = 0.0
        self._looked_at = time.monotonic()
        self._recorded: tuple[str, str, int] | None = None

    async def run(self) -> None:
        """Until `stop`."""
        while not self._stopping.is_set():
            await self._child.run()
            if self._stopping.is_set():
                return
            logger.error("background jobs: %s; the exploring goes on without them", self._child.detail)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), SECOND_CHANCE_SECONDS)
            if not self._stopping.is_set():
                self._child = self._new_child()

    async def stop(self) -> None:
        self._stopping.set()
        await self._child.stop(ask=self._ask_to_stop)

    async def record_end(self) -> None:
        await self._record(ChildState.STOPPED, "")

    async def look(self) -> None:
        """Hear whether the cluster works, and end its life if it does not."""
        child, now = self._child, time.monotonic()
        # Only the time in which we could look counts, so neither a database that was away nor our own sleep does.
        elapsed = min(now - self._looked_at, 2 * self.look_seconds)
        self._looked_at = now
        if child.state in (ChildState.STARTING, ChildState.RUNNING):
            await self._listen(child, elapsed)
        if not self._stopping.is_set():
            await self._record(child.state, child.detail)

    async def _listen(self, child: Supervised, elapsed: float) -> None:
        if child.started_at != self._life:
            self._life, self._silence = child.started_at, Silence()
            await self._database.persist(health.forget_what_was_busy)
        sign = await self._database.read(health.last_sign)
        self._silence = listened(self._silence, sign.number, elapsed)
        if is_stuck(self._silence, self._limit, sign.busy_seconds):
            child.kill(f"stuck: no sign of life for {self._silence.seconds:.0f} s")
            self._silence = Silence()
        elif self._silence.heard and child.state == ChildState.STARTING:
            child.mark_running()

    async def _record(self, state: ChildState, detail: str) -> None:
        present = (state.value, detail, self._child.restarts)
        if present != self._recorded:
            await self._database.persist(health.record, *present)
            self._recorded = present

    def _ask_to_stop(self) -> None:
        # The leader alone: a signal to the whole group would cut off what the workers are at.
        if self._child.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self._child.pid, signal.SIGTERM)

    def _new_child(self) -> Supervised:
        return Supervised("background jobs", _command)


def _command() -> Command:
    return Command(
        arguments=(sys.executable, "-m", "orchestration.jobs.server", f"--parent={os.getpid()}"),
        directory=str(settings.BASE_DIR),
        environment=environment_without_keys(),
    )

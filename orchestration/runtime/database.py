"""The engine's threads for the database, with patience: a database that is away for a while is waited for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection

from orchestration.runtime.serial_thread import SerialThread

logger = logging.getLogger(__name__)

FIRST_DELAY = 0.1
LONGEST_DELAY = 2.0

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class Database:
    """Runs whole transactions in the one writer thread and tries each again until the database takes it.

    What only reads has a thread and a connection of its own, so that no commit waits for it.
    """

    def __init__(self) -> None:
        self._writer = SerialThread("database writer")
        self._reader = SerialThread("database reader")
        self._troubles = {self._writer: "", self._reader: ""}

    @property
    def trouble(self) -> str:
        """Why the database takes nothing, or answers nothing, just now; or nothing."""
        return self._troubles[self._writer] or self._troubles[self._reader]

    async def once(
        self, function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Result:
        """One try, for what happens before anything runs."""
        return await self._writer.call(function, *args, **kwargs)

    async def persist(
        self, function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Result:
        """Call `function`, a transaction that may be repeated, until the database is there to take it.

        Other errors than a missing, full or locked database are the caller's.
        """
        return await self._call(self._writer, function, *args, **kwargs)

    async def read(
        self, function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Result:
        """Call `function`, which writes nothing, until the database is there to answer. It sees what is committed."""
        return await self._call(self._reader, function, *args, **kwargs)

    async def _call(
        self,
        thread: SerialThread,
        function: Callable[Parameters, Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        delay = FIRST_DELAY
        while True:
            try:
                result = await thread.call(function, *args, **kwargs)
            except (OperationalError, InterfaceError) as error:
                self._note(thread, str(error).strip().splitlines()[0] if str(error) else type(error).__name__)
            else:
                self._note(thread, "")
                return result
            # A connection that broke stays broken; Django opens a new one with the next query.
            await thread.call(_close_connection)
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY)

    async def close(self) -> None:
        """Close the connections; the next call opens them again."""
        for thread in (self._writer, self._reader):
            await thread.call(_close_connection)

    def _note(self, thread: SerialThread, trouble: str) -> None:
        before, self._troubles[thread] = self._troubles[thread], trouble
        takes, to_take = ("takes commits", "take anything") if thread is self._writer else ("answers", "answer")
        if trouble and not before:
            logger.error("the database does not %s: %s", to_take, trouble)
        elif before and not trouble:
            logger.warning("the database %s again", takes)


def _close_connection() -> None:
    # Looked up in the thread that calls: each has a connection of its own, and may close no other.
    connection.close()

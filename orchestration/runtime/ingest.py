"""From the link to the database: one bounded queue, and one loop that commits together whatever has arrived."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from django.db import DataError, IntegrityError

from orchestration.arrivals import Arrival, Committed, resent
from orchestration.runtime.database import Database
from orchestration.store import Store

logger = logging.getLogger(__name__)

WAITING_BATCHES = 128
BATCHES_PER_COMMIT = 96

# What a single batch can be refused for: the database's reasons, and values that no column can hold.
UNSTORABLE = (IntegrityError, DataError, ArithmeticError, UnicodeError)

Prepare: TypeAlias = Callable[[Sequence[Arrival]], Awaitable[list[Arrival]]]
Publish: TypeAlias = Callable[[Sequence[Committed]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Barrier:
    """Something to wait for: all arrivals before it have been committed."""

    reached: asyncio.Event


class Ingest:
    """Takes arrivals and commits them.

    `prepare` is awaited before a commit and says what is to be committed; `publish` is awaited after it. The queue
    holds 128 batches. When it is full, `take` waits, and batches wait with their producers.
    """

    def __init__(self, database: Database, store: Store, prepare: Prepare, publish: Publish) -> None:
        self._database = database
        self._store = store
        self._prepare = prepare
        self._publish = publish
        self._waiting: asyncio.Queue[Arrival | Barrier] = asyncio.Queue(WAITING_BATCHES)

    async def take(self, arrival: Arrival) -> None:
        """Accept an arrival; returns when there is room for it."""
        await self._waiting.put(arrival)

    async def settled(self) -> None:
        """Return when everything that was taken before this call has been committed and published."""
        barrier = Barrier(asyncio.Event())
        await self._waiting.put(barrier)
        await barrier.reached.wait()

    async def run(self) -> None:
        """Commit for ever, and publish each commit while the database is busy with the next one.

        Raises LeaseLost when another engine has taken over.
        """
        done: list[Committed] = []
        reached: list[Barrier] = []
        while True:
            if self._waiting.empty():
                await self._tell(done, reached)
                done, reached = [], []
            taken = await self._take_together()
            arrivals = [each for each in taken if isinstance(each, Arrival)]
            committing = asyncio.create_task(self._commit(await self._prepare(arrivals) if arrivals else []))
            await asyncio.sleep(0)  # lets it reach the database; publishing would not give way to it
            await self._tell(done, reached)
            done, reached = await committing, [each for each in taken if isinstance(each, Barrier)]

    async def _take_together(self) -> list[Arrival | Barrier]:
        taken = [await self._waiting.get()]
        while not self._waiting.empty() and len(taken) < BATCHES_PER_COMMIT:
            taken.append(self._waiting.get_nowait())
        return taken

    async def _tell(self, done: Sequence[Committed], reached: Sequence[Barrier]) -> None:
        if done:
            await self._publish(done)
        for barrier in reached:
            barrier.reached.set()

    async def _commit(self, arrivals: Sequence[Arrival]) -> list[Committed]:
        if not arrivals:
            return []
        try:
            return await self._database.persist(self._store.commit, arrivals)
        except UNSTORABLE as error:
            if _is_our_fault(error):
                raise
            if len(arrivals) == 1:
                return self._give_up(arrivals[0], error)
        # One of them cannot be stored, say because its topic was deleted; the others shall not suffer.
        return [each for arrival in arrivals for each in await self._commit([arrival])]

    def _give_up(self, arrival: Arrival, error: Exception) -> list[Committed]:
        logger.error("batch %s cannot be stored: %.300r", arrival.batch.batch_id, str(error))
        return [resent(arrival)]


def _is_our_fault(error: Exception) -> bool:
    # Ids and keys are the store's to get right: to drop a batch for a clash of theirs would lose what is paid for.
    return isinstance(error, IntegrityError) and "unique" in str(error).lower()

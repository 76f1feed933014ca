"""From the link to the database: one bounded queue, and one loop that commits together whatever has arrived."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from django.db import DataError, IntegrityError

from orchestration.arrivals import Arrival, Committed, resent
from orchestration.drafts import Draft
from orchestration.runtime.database import Database
from orchestration.store import Store

logger = logging.getLogger(__name__)

# As many as five producers keep unacknowledged.
WAITING_BATCHES = 160
# Half of them: while these are stored the others are decided on. If a commit took all there are, nothing would arrive
# meanwhile, and database and event loop would work in turns; as they do with one producer or two.
BATCHES_PER_COMMIT = WAITING_BATCHES // 2
# After work on so many, the event loop may look at what else there is: say that a commit has ended.
BATCHES_AT_A_TIME = 8
FEW_BATCHES = 8

# What a single batch can be refused for: the database's reasons, and values that no column can hold.
UNSTORABLE = (IntegrityError, DataError, ArithmeticError, UnicodeError)

Result = TypeVar("Result")
Prepare: TypeAlias = Callable[[Arrival], Awaitable[Arrival]]
Publish: TypeAlias = Callable[[Sequence[Committed]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A commit on its way, and who waits for what it holds to be published."""

    draft: Draft
    barriers: Sequence[asyncio.Event]
    task: asyncio.Task[list[Committed]]


class Ingest:
    """Takes arrivals and commits them.

    `prepare` is awaited before a commit and says what of an arrival it is to hold; `publish` is awaited after it.
    The queue holds 160 batches. When it is full, `take` waits, and batches wait with their producers.

    Three commits are in work at a time: what arrives is decided on while the database stores what came before, and
    what it has stored is published meanwhile.
    """

    def __init__(self, database: Database, store: Store, prepare: Prepare, publish: Publish) -> None:
        self._database = database
        self._store = store
        self._prepare = prepare
        self._publish = publish
        self._waiting: asyncio.Queue[Arrival | asyncio.Event] = asyncio.Queue(WAITING_BATCHES)
        self._changed = asyncio.Event()
        self._together = 0

    @property
    def behind(self) -> bool:
        """More arrives than the database takes batch by batch."""
        return self._together > FEW_BATCHES

    async def take(self, arrival: Arrival) -> None:
        """Accept an arrival; returns when there is room for it."""
        await self._waiting.put(arrival)
        self._changed.set()

    async def settled(self) -> None:
        """Return when everything that was taken before this call has been committed and published."""
        reached = asyncio.Event()
        await self._waiting.put(reached)
        self._changed.set()
        await reached.wait()

    async def run(self) -> None:
        """Commit for ever. Raises LeaseLost when another engine has taken over."""
        under_way: UnderWay | None = None
        telling: asyncio.Task[None] | None = None
        try:
            while True:
                draft = under_way.draft.next if under_way else self._store.draft()
                barriers = await self._gather(draft, under_way, telling)
                done, committed = under_way, await under_way.task if under_way else []
                under_way = self._begin(self._store.holding(draft), barriers) if draft or barriers else None
                self._together = len(draft)
                if telling:
                    await telling
                await asyncio.sleep(0)  # lets the commit reach the database first
                telling = self._watched(self._tell(committed, done.barriers)) if done else None
        finally:
            tasks = [task for task in (under_way and under_way.task, telling) if task]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _watched(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        """A task whose end is noticed."""
        task = asyncio.create_task(work)
        task.add_done_callback(lambda _: self._changed.set())
        return task

    async def _gather(
        self, draft: Draft, under_way: UnderWay | None, telling: asyncio.Task[None] | None
    ) -> list[asyncio.Event]:
        """Fill the draft with what arrives until the database is free; wait for a first arrival if it is free now.

        Returns who waits for it. Raises what `telling` failed with.
        """
        barriers: list[asyncio.Event] = []
        while True:
            self._changed.clear()
            while not self._waiting.empty() and len(draft) < BATCHES_PER_COMMIT:
                taken = self._waiting.get_nowait()
                if isinstance(taken, asyncio.Event):
                    barriers.append(taken)
                else:
                    draft.add(await self._prepare(taken))
                    if len(draft) % BATCHES_AT_A_TIME == 0:
                        await asyncio.sleep(0)
            if telling and telling.done():
                telling.result()
            if under_way.task.done() if under_way else draft or barriers:
                return barriers
            await self._changed.wait()

    def _begin(self, draft: Draft, barriers: Sequence[asyncio.Event]) -> UnderWay:
        return UnderWay(draft, barriers, self._watched(self._commit(draft.arrivals, draft)))

    async def _tell(self, committed: Sequence[Committed], barriers: Sequence[asyncio.Event]) -> None:
        if committed:
            await self._publish(committed)
        for each in barriers:
            each.set()

    async def _commit(self, arrivals: Sequence[Arrival], draft: Draft | None = None) -> list[Committed]:
        if not arrivals:
            return []
        try:
            return await self._database.persist(self._store.commit, arrivals, draft)
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

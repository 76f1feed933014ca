"""The batches of one run's producers, from their arrival until they are committed. On the event loop, no database."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from django.utils import timezone

from orchestration.arrivals import Arrival, Committed, filter_effects_of
from orchestration.logic.pricing import cost_of
from orchestration.logic.statistics import RequestEvent
from orchestration.opening import OpenedRun
from orchestration.runtime.guidance import Guidance
from orchestration.runtime.link_server import TRY_AGAIN
from orchestration.runtime.permits import Permits
from orchestration.runtime.slots import Slot
from producers.link import messages
from producers.link.keys import joined

Ingest: TypeAlias = Callable[[Arrival], Awaitable[None]]


class Deliveries:
    """Hands batches to `ingest`, which takes an arrival and returns when there is room for the next.

    Batches wait here meanwhile, without keeping heartbeats from being read; the producers wait for their
    acknowledgements and stop asking.
    """

    def __init__(
        self, opened: OpenedRun, slots: Sequence[Slot], ingest: Ingest, permits: Permits, guidance: Guidance
    ) -> None:
        self._opened = opened
        self._slots = slots
        self._ingest = ingest
        self._permits = permits
        self._guidance = guidance
        self._passing: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Pass on what arrives from now on."""
        self._passing = [asyncio.create_task(self._pass_on(slot)) for slot in self._slots]

    async def passed_on(self) -> None:
        """Return when every batch that arrived has been handed to `ingest`; after `stop`, once."""
        await asyncio.gather(*(slot.waiting.join() for slot in self._slots))
        for task in self._passing:
            task.cancel()

    def keep(self, slot: Slot, batch: messages.AttributeBatch) -> None:
        """A batch has arrived."""
        again = batch.batch_id in slot.asked_back
        if batch.batch_id in slot.uncommitted and not again:
            return  # sent again after a reconnect, while the first one still waits
        try:
            slot.waiting.put_nowait(batch)
            slot.uncommitted.add(batch.batch_id)
            slot.asked_back.arrived(batch.batch_id)
            if again:
                return  # the answer itself has ended before
            if provider := self._opened.providers.get(batch.metadata.provider):
                self._permits.ended(slot.row.pk, self._opened.run_id, provider.row.pk, batch.metadata)
        except asyncio.QueueFull:
            slot.port.drop(TRY_AGAIN, "more batches than a producer may keep unacknowledged")

    def hand_in(self, slot: Slot) -> None:
        """Let the batches come again that wait in vain for texts, as far as there is room."""
        for batch in slot.asked_back.hopeless():
            if not slot.waiting.full():
                slot.asked_back.arrived(batch.batch_id)
                slot.waiting.put_nowait(batch)

    async def hand_in_the_rest(self) -> None:
        """Hand to `ingest` what still waits for texts; after `passed_on`, when no producer is left."""
        for slot in self._slots:
            slot.asked_back.life_ended(slot.uncommitted)
            for batch in slot.asked_back.hopeless():
                slot.asked_back.arrived(batch.batch_id)
                if (arrival := self._arrival(slot, batch)) is not None:
                    await self._ingest(arrival)

    def acknowledge(self, committed: Sequence[Committed]) -> None:
        """Tell each producer which of its batches are committed, all at once."""
        by_slot: dict[int, list[str]] = defaultdict(list)
        for each in committed:
            batch_id, slot = each.arrival.batch.batch_id, self._slots[each.arrival.slot]
            slot.uncommitted.discard(batch_id)
            slot.asked_back.committed(batch_id)
            self._permits.settle(each)
            by_slot[each.arrival.slot].append(batch_id)
        for number, batch_ids in by_slot.items():
            self._slots[number].port.post(messages.Ack(batch_ids=tuple(batch_ids)))

    def ask_back(self, committed: Sequence[Committed]) -> None:
        """The batches were not stored: ask their producers for the texts behind the keys that are not known."""
        for each in committed:
            batch = each.arrival.batch
            slot = self._slots[each.arrival.slot]
            slot.asked_back.wait(batch)
            slot.port.post(messages.TextsWanted(batch_id=batch.batch_id, keys=joined(each.unknown)))

    async def _pass_on(self, slot: Slot) -> None:
        while True:
            batch = await slot.waiting.get()
            if (arrival := self._arrival(slot, batch)) is not None:
                await self._ingest(arrival)
            slot.waiting.task_done()

    def _arrival(self, slot: Slot, batch: messages.AttributeBatch) -> Arrival | None:
        provider = self._opened.providers.get(batch.metadata.provider)
        if provider is None:
            return None  # no provider of this run: nothing that an honest producer sends
        metadata = batch.metadata
        arrival = Arrival(
            run_id=self._opened.run_id,
            producer_id=slot.row.pk,
            provider_id=provider.row.pk,
            slot=slot.row.slot,
            keys=self._opened.keys,
            batch=batch,
            prompt_hash=self._guidance.hash_of(metadata),
            finished_at=timezone.now(),
            cost_usd=cost_of(provider.rates, metadata.tokens_in, metadata.tokens_out, metadata.tokens_cached),
            rates=provider.rates,
            reserved_usd=self._permits.reserved_usd(slot.row.pk, metadata.ask_id),
            last=slot.asked_back.is_last(batch.batch_id),
            same_keys=slot.same_keys,
        )
        return self._guidance.looked_at(arrival)


def event_of(committed: Committed, at: float) -> RequestEvent:
    """What the statistics are told of a committed batch."""
    arrival = committed.arrival
    metadata = arrival.batch.metadata
    return RequestEvent(
        at=at,
        provider=metadata.provider,
        slot=arrival.slot,
        totals=committed.totals,
        error=metadata.error or metadata.error_kind,
        error_kind=metadata.error_kind,
        terminal=metadata.terminal,
        partition=metadata.partition,
        prompt=arrival.prompt_hash,
        style=metadata.style,
        response_ms=metadata.response_time_ms,
        coherence=metadata.partition_coherence,
        probe=metadata.probe,
        effects=filter_effects_of(arrival),
    )

"""Gives producers the new lives that people ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from orchestration.runtime.slots import Slot
from producers.link import messages


class NewLives:
    """Restarts the producers in `slots`; `living` are the tasks that keep them alive, by slot."""

    def __init__(self, slots: Sequence[Slot], living: list[asyncio.Task[None]]) -> None:
        self._slots = slots
        self._living = living
        # The first life under this engine answers whatever was asked before.
        self._answered = {slot.row.slot: slot.row.restarts_asked for slot in slots}
        self._restarting: dict[int, asyncio.Task[None]] = {}

    def give(self, asked: Mapping[int, int]) -> None:
        """Restart those for which it was asked since the last time; `asked`: how often it was, by slot.

        What a producer has not handed over before the end of its life is asked for again.
        """
        for number, count in asked.items():
            if (restarting := self._restarting.get(number)) is not None:
                if not restarting.done():
                    continue
                self._restarting.pop(number).result()
            if count > self._answered.get(number, count):
                self._answered[number] = count
                self._restarting[number] = asyncio.create_task(self._restart(self._slots[number]))

    async def settled(self) -> None:
        """Return when no restart is under way."""
        await asyncio.gather(*self._restarting.values())

    async def _restart(self, slot: Slot) -> None:
        await slot.process.restart(word_to_stop(slot))
        if self._living[slot.row.slot].done():  # it had given up
            self._living[slot.row.slot] = asyncio.create_task(slot.process.run())


def word_to_stop(slot: Slot) -> Callable[[], None] | None:
    """How the producer is asked to stop.

    One that has not come up yet has nothing to hand over, and would wait in vain for the word.
    """
    return (lambda: slot.port.post(messages.Stop())) if slot.connected_in_this_life else None

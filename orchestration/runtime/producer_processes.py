"""How a producer's process is started, and when it counts as hung."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import msgspec
from django.conf import settings

from orchestration.runtime.link_server import Port
from orchestration.runtime.slots import Slot
from orchestration.runtime.supervisor import Command
from producers.worker.configuration import WorkerConfig

HEARTBEAT_SECONDS = 3.0
MISSED_HEARTBEATS = 3
BOOT_SECONDS = 20.0
LATE_SECONDS = 4.0


def producer_command(link_url: str, port: Port) -> Command:
    """What starts the process of the producer at the other end of this port."""
    config = WorkerConfig(
        link_url=link_url,
        token=port.token,
        heartbeat_seconds=HEARTBEAT_SECONDS,
        parent_pid=os.getpid(),
    )
    return Command(
        arguments=(sys.executable, "-m", "producers.worker"),
        first_input=msgspec.json.encode(config) + b"\n",
        directory=str(settings.BASE_DIR),
    )


class Watch:
    """Ends the lives of producers that have missed three heartbeats, or never came up.

    When this watch itself comes late, the machine slept or was overloaded: then everybody gets a new chance.
    """

    def __init__(self, now: float) -> None:
        self._watched_at = now

    def begin(self, slots: Sequence[Slot], now: float) -> None:
        """A look at all of them begins."""
        late, self._watched_at = now - self._watched_at > LATE_SECONDS, now
        if late:
            for slot in slots:
                slot.port.last_heard = now

    def kill_hung(self, slot: Slot, now: float) -> None:
        """End the life of this one, if it is hung."""
        limit = HEARTBEAT_SECONDS * MISSED_HEARTBEATS if slot.connected_in_this_life else BOOT_SECONDS
        heard = max(slot.port.last_heard, slot.process.started_at)
        if slot.process.pid is not None and now - heard > limit:
            slot.process.kill(f"not heard of for {now - heard:.0f} s")

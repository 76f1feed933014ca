"""One producer of a run, as the engine has it: its row, its process, its end of the link."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from orchestration.runtime.asking_back import AskedBack
from orchestration.runtime.link_server import Port
from orchestration.runtime.supervisor import ChildState, Supervised
from producers.link import messages
from producers.models import Producer

WAITING_BATCHES = 128


@dataclass
class Slot:
    """One producer of the run: its row, its process, its end of the link, and what it said last."""

    row: Producer
    port: Port
    process: Supervised
    status: str = ""
    connected_in_this_life: bool = False
    # A producer keeps no more than this unacknowledged; one that sends more loses its connection.
    waiting: asyncio.Queue[messages.AttributeBatch] = field(default_factory=lambda: asyncio.Queue(WAITING_BATCHES))
    # The ids of batches that have arrived and are not committed yet.
    uncommitted: set[str] = field(default_factory=set)
    asked_back: AskedBack = field(default_factory=AskedBack)
    same_keys: bool = True

    @property
    def outcome(self) -> bool | None:
        """True: its requests are spent; False: it failed, or has no provider that it can ask; None: at work."""
        if self.process.state == ChildState.FAILED or self.status == "out":
            return False
        return True if self.status == "done" else None

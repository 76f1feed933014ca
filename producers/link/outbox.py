"""What a producer has sent and not yet seen acknowledged. Pure: no socket, no clock."""

from __future__ import annotations

from collections.abc import Iterable

from producers.link.messages import AttributeBatch


class Outbox:
    """Unacknowledged batches in the order they were made, at most `capacity` of them.

    When it is full its owner must not make another batch: that is how a slow commit reaches the providers.
    """

    def __init__(self, capacity: int = 32) -> None:
        self.capacity = capacity
        self._batches: dict[str, AttributeBatch] = {}

    def __len__(self) -> int:
        return len(self._batches)

    @property
    def full(self) -> bool:
        return len(self._batches) >= self.capacity

    @property
    def pending(self) -> tuple[AttributeBatch, ...]:
        """Everything to send again after a reconnect, oldest first."""
        return tuple(self._batches.values())

    def get(self, batch_id: str) -> AttributeBatch | None:
        return self._batches.get(batch_id)

    def add(self, batch: AttributeBatch) -> None:
        self._batches[batch.batch_id] = batch

    def acknowledge(self, batch_ids: Iterable[str]) -> None:
        """Forget committed batches; ids that are not here were acknowledged before."""
        for batch_id in batch_ids:
            self._batches.pop(batch_id, None)

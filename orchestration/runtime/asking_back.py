"""Batches with keys that the engine does not know: they wait here for their texts, or for the news that none come."""

from __future__ import annotations

from collections.abc import Iterable

from producers.link.messages import AttributeBatch


class AskedBack:
    """One producer's batches whose texts were asked for.

    Of an earlier life of the producer nobody is left to ask: such a batch is committed without the entries that only
    its producer knew.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, AttributeBatch] = {}
        self._of_earlier_lives: set[str] = set()

    def __contains__(self, batch_id: str) -> bool:
        return batch_id in self._waiting

    def wait(self, batch: AttributeBatch) -> None:
        """The batch cannot be committed until its texts come."""
        self._waiting[batch.batch_id] = batch

    def arrived(self, batch_id: str) -> None:
        """It has come again."""
        self._waiting.pop(batch_id, None)

    def life_ended(self, uncommitted: Iterable[str]) -> None:
        """The producer is gone, and with it the texts behind the keys of these batches."""
        self._of_earlier_lives.update(uncommitted)

    def is_last(self, batch_id: str) -> bool:
        """No better version of the batch will come."""
        return batch_id in self._of_earlier_lives

    def committed(self, batch_id: str) -> None:
        self._of_earlier_lives.discard(batch_id)

    def hopeless(self) -> list[AttributeBatch]:
        """The waiting batches that nobody will send again."""
        return [batch for batch_id, batch in self._waiting.items() if batch_id in self._of_earlier_lives]

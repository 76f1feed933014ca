"""Repeats in an answer, by the filter: when to hear no more of it, and what of it travels as keys. Pure.

Whatever the filter says, nothing is lost: a candidate that it takes for a repeat keeps its text here until the engine
has confirmed that it knows the key, or has asked for the text.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import msgspec

from producers.link.keys import clean, joined, key_of
from producers.link.messages import AttributeBatch, FilterUse, GenerationMetadata

# Lists name the popular first: the first third of an answer says little about the rest, as what is new stands behind
# it; and with less than a quarter to come there is little to save.
HEARD_ANYWAY, WORTH_CUTTING = 3, 4


def worth_hearing(repeats_in_a_row: int, heard: int, asked_for: int, patience: int | None) -> bool:
    """Whether the rest of an answer may be worth its tokens. `patience` None: always."""
    if patience is None or repeats_in_a_row < patience or heard * HEARD_ANYWAY < asked_for:
        return True
    return (asked_for - heard) * WORTH_CUTTING < asked_for


Heard: TypeAlias = tuple[bytes | None, str]  # a candidate with its key, if it can be an entry at all


@dataclass
class Listening:
    """Hears the candidates of one answer. `patience` None: to the end."""

    known: Container[bytes]
    asked_for: int
    patience: int | None
    heard: list[Heard] = field(default_factory=list)
    _in_a_row: int = 0
    _own: set[bytes] = field(default_factory=set)

    def hear(self, candidates: Iterable[str]) -> bool:
        """Take what has just arrived; False when the rest is not worth hearing."""
        arrived = [(_key(candidate), candidate) for candidate in candidates]
        self.heard += arrived
        if self.patience is None:
            return True
        for key, _ in arrived:
            self._in_a_row = self._in_a_row + 1 if self._is_repeat(key) else 0
        return worth_hearing(self._in_a_row, len(self.heard), self.asked_for, self.patience)

    def _is_repeat(self, key: bytes | None) -> bool:
        # A model in a loop repeats what is new, too.
        if key is None or key in self._own or key in self.known:
            return True
        self._own.add(key)
        return False


def _key(candidate: str) -> bytes | None:
    text = clean(candidate)
    return None if text is None else key_of(text)


class Unconfirmed:
    """The texts behind the keys that were sent, until their batches are acknowledged."""

    def __init__(self) -> None:
        self._repeats: dict[str, list[Heard]] = {}

    def __len__(self) -> int:
        return len(self._repeats)

    def batch(
        self,
        batch_id: str,
        heard: Sequence[Heard],
        metadata: GenerationMetadata,
        known: Container[bytes],
        use: FilterUse,
    ) -> AttributeBatch:
        """The candidates as they travel: probable repeats as keys, all others as texts."""
        repeats = [each for each in heard if each[0] is not None and each[0] in known]
        texts = [text for key, text in heard if key is None or key not in known]
        if repeats:
            self._repeats[batch_id] = repeats
        return AttributeBatch(
            batch_id=batch_id,
            candidates=tuple(texts),
            known=_joined(repeats),
            metadata=metadata,
            filter=msgspec.structs.replace(use, checked=len(heard), probable=len(repeats)),
        )

    def spelled_out(self, batch: AttributeBatch, keys: Collection[bytes]) -> AttributeBatch:
        """The same batch with the texts of these keys, which the engine does not know after all."""
        repeats = self._repeats.get(batch.batch_id, [])
        texts = [text for key, text in repeats if key in keys]
        left = self._repeats[batch.batch_id] = [each for each in repeats if each[0] not in keys]
        use = batch.filter or FilterUse()
        return msgspec.structs.replace(
            batch,
            candidates=(*batch.candidates, *texts),
            known=_joined(left),
            filter=msgspec.structs.replace(use, asked_back=use.asked_back + len(texts)),
        )

    def confirm(self, batch_ids: Iterable[str]) -> None:
        """These batches are committed; nobody will ask for their texts."""
        for batch_id in batch_ids:
            self._repeats.pop(batch_id, None)


def _joined(repeats: Iterable[Heard]) -> bytes:
    return joined(key for key, _ in repeats if key is not None)

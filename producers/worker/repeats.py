"""Repeats in an answer, by the filter: when to hear no more of it, and what of it travels as keys. Pure.

Whatever the filter says, nothing is lost: a candidate that it takes for a repeat keeps its text here until the engine
has confirmed that it knows the key, or has asked for the text.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from producers.link.keys import clean, joined, key_of
from producers.link.messages import AttributeBatch, FilterUse, GenerationMetadata

# With less than a quarter of the answer to come there is little to save, and lists name the popular first:
# what is new stands near the end.
WORTH_CUTTING = 4


def worth_hearing(repeats_in_a_row: int, heard: int, asked_for: int, patience: int | None) -> bool:
    """Whether the rest of an answer may be worth its tokens. `patience` None: always."""
    if patience is None or repeats_in_a_row < patience:
        return True
    return (asked_for - heard) * WORTH_CUTTING < asked_for


@dataclass
class Listening:
    """Hears the candidates of one answer. `patience` None: to the end."""

    known: Container[bytes]
    asked_for: int
    patience: int | None
    repeats_in_a_row: int = 0
    heard: int = 0
    _own: set[bytes] = field(default_factory=set)

    def hear(self, candidates: Iterable[str]) -> bool:
        """Take what has just arrived; False when the rest is not worth hearing."""
        if self.patience is None:
            return True
        for candidate in candidates:
            key = _key(candidate)
            # A model in a loop repeats what is new, too.
            repeated = key is None or key in self.known or key in self._own
            self.repeats_in_a_row = self.repeats_in_a_row + 1 if repeated else 0
            self.heard += 1
            if key is not None:
                self._own.add(key)
        return worth_hearing(self.repeats_in_a_row, self.heard, self.asked_for, self.patience)


@dataclass(frozen=True, slots=True)
class Divided:
    """Candidates by the light of the filter: those that go as texts, and the probable repeats with their keys."""

    texts: tuple[str, ...]
    repeats: tuple[tuple[bytes, str], ...]


def divided(candidates: Sequence[str], known: Container[bytes]) -> Divided:
    """Which candidates the engine probably knows."""
    texts, repeats = [], []
    for candidate in candidates:
        key = _key(candidate)
        if key is not None and key in known:
            repeats.append((key, candidate))
        else:
            texts.append(candidate)
    return Divided(tuple(texts), tuple(repeats))


def _key(candidate: str) -> bytes | None:
    text = clean(candidate)
    return None if text is None else key_of(text)


class Unconfirmed:
    """The texts behind the keys that were sent, until their batches are acknowledged."""

    def __init__(self) -> None:
        self._repeats: dict[str, tuple[tuple[bytes, str], ...]] = {}

    def __len__(self) -> int:
        return len(self._repeats)

    def batch(
        self,
        batch_id: str,
        candidates: Sequence[str],
        metadata: GenerationMetadata,
        known: Container[bytes],
        use: FilterUse,
    ) -> AttributeBatch:
        """The candidates as they travel: probable repeats as keys, all others as texts."""
        parts = divided(candidates, known)
        if parts.repeats:
            self._repeats[batch_id] = parts.repeats
        return AttributeBatch(
            batch_id=batch_id,
            candidates=parts.texts,
            known=joined(key for key, _ in parts.repeats),
            metadata=metadata,
            filter=msgspec.structs.replace(use, checked=len(candidates), probable=len(parts.repeats)),
        )

    def spelled_out(self, batch: AttributeBatch, keys: Collection[bytes]) -> AttributeBatch:
        """The same batch with the texts of these keys, which the engine does not know after all."""
        repeats = self._repeats.get(batch.batch_id, ())
        texts = [text for key, text in repeats if key in keys]
        left = tuple(each for each in repeats if each[0] not in keys)
        self._repeats[batch.batch_id] = left
        use = batch.filter or FilterUse()
        return msgspec.structs.replace(
            batch,
            candidates=(*batch.candidates, *texts),
            known=joined(key for key, _ in left),
            filter=msgspec.structs.replace(use, asked_back=use.asked_back + len(texts)),
        )

    def confirm(self, batch_ids: Iterable[str]) -> None:
        """These batches are committed; nobody will ask for their texts."""
        for batch_id in batch_ids:
            self._repeats.pop(batch_id, None)

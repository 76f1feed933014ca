"""Repeats in an answer, by the filter: when to hear no more of it, and what of it travels as keys. Pure.

Whatever the filter says, nothing is lost: a candidate that it takes for a repeat keeps its text here until the engine
has confirmed that it knows the key, or has asked for the text.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeAlias

import msgspec

from producers.link.keys import clean, joined, key_of, parted
from producers.link.messages import AttributeBatch, FilterUse, GenerationMetadata

# Lists name the popular first: the first third of an answer says little about the rest, as what is new stands behind
# it; and with less than a quarter to come there is little to save.
HEARD_ANYWAY, WORTH_CUTTING = 3, 4

Keyed: TypeAlias = tuple[bytes, str]


def worth_hearing(repeats_in_a_row: int, heard: int, asked_for: int, patience: int | None) -> bool:
    """Whether the rest of an answer may be worth its tokens. `patience` None: always."""
    if patience is None or repeats_in_a_row < patience or heard * HEARD_ANYWAY < asked_for:
        return True
    return (asked_for - heard) * WORTH_CUTTING < asked_for


@dataclass
class Listening:
    """Hears the candidates of one answer. `patience` None: to the end.

    `new` are those that can be entries and are not known, with their keys, `repeats` those that probably are.
    """

    known: Container[bytes]
    asked_for: int
    patience: int | None
    new: list[Keyed] = field(default_factory=list)
    repeats: list[Keyed] = field(default_factory=list)
    rejected: int = 0
    _in_a_row: int = 0
    _own: set[bytes] = field(default_factory=set)

    @property
    def heard(self) -> int:
        """How many candidates there were so far."""
        return len(self.new) + len(self.repeats) + self.rejected

    def hear(self, candidates: Iterable[str]) -> bool:
        """Take what has just arrived; False when the rest is not worth hearing."""
        for candidate in candidates:
            self._in_a_row = 0 if self._is_news(candidate) else self._in_a_row + 1
        return worth_hearing(self._in_a_row, self.heard, self.asked_for, self.patience)

    def _is_news(self, candidate: str) -> bool:
        text = clean(candidate)
        if text is None:
            self.rejected += 1
            return False
        key = key_of(text)
        if key in self.known:
            self.repeats.append((key, text))
            return False
        self.new.append((key, text))
        # A model in a loop repeats what is new, too.
        heard_before = key in self._own
        self._own.add(key)
        return not heard_before


class Unconfirmed:
    """The texts behind the keys that were sent, until their batches are acknowledged."""

    def __init__(self) -> None:
        self._repeats: dict[str, list[Keyed]] = {}

    def __len__(self) -> int:
        return len(self._repeats)

    def batch(
        self, batch_id: str, listening: Listening, metadata: GenerationMetadata, use: FilterUse
    ) -> AttributeBatch:
        """What was heard as it travels: probable repeats as keys, all others with their texts."""
        if listening.repeats:
            self._repeats[batch_id] = listening.repeats
        return AttributeBatch(
            batch_id=batch_id,
            candidates=tuple([text for _, text in listening.new]),
            keys=_joined(listening.new, listening.repeats),
            metadata=metadata,
            filter=msgspec.structs.replace(use, checked=listening.heard, probable=len(listening.repeats)),
        )

    def spelled_out(self, batch: AttributeBatch, keys: Collection[bytes]) -> AttributeBatch:
        """The same batch with the texts of these keys, which the engine does not know after all."""
        repeats = self._repeats.get(batch.batch_id, [])
        wanted = [each for each in repeats if each[0] in keys]
        left = self._repeats[batch.batch_id] = [each for each in repeats if each[0] not in keys]
        sent = zip(parted(batch.keys), batch.candidates, strict=False)
        use = batch.filter or FilterUse()
        return msgspec.structs.replace(
            batch,
            candidates=(*batch.candidates, *(text for _, text in wanted)),
            keys=_joined([*sent, *wanted], left),
            filter=msgspec.structs.replace(use, asked_back=use.asked_back + len(wanted)),
        )

    def confirm(self, batch_ids: Iterable[str]) -> None:
        """These batches are committed; nobody will ask for their texts."""
        for batch_id in batch_ids:
            self._repeats.pop(batch_id, None)


def _joined(new: Iterable[Keyed], repeats: Iterable[Keyed]) -> bytes:
    return joined([key for key, _ in chain(new, repeats)])

"""Which known entries a producer is told not to name again. Pure.

Not the whole list, which would cost more than it saves: the entries that came again most often, and the newest.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping

REMEMBERED = 1_000
NEWEST = 40
CHARACTERS = 3_000
NAMED = 200


class RepeatMemory:
    """The repeated and the newest entries of a run, as much as is worth remembering."""

    def __init__(self) -> None:
        self._repeats: OrderedDict[int, tuple[str, int]] = OrderedDict()
        self._newest: deque[str] = deque(maxlen=NEWEST)

    def record(self, new: Iterable[str], repeats: Iterable[tuple[int, str]]) -> None:
        """Take in a batch: the texts that were new, and the id of each repeat with its spelling, where that came."""
        self._newest.extend(new)
        for attribute_id, text in repeats:
            known, count = self._repeats.pop(attribute_id, (text, 0))
            self._repeats[attribute_id] = (known or text, count + 1)
        while len(self._repeats) > REMEMBERED:
            self._repeats.popitem(last=False)  # the one that was repeated longest ago

    def nameless(self) -> list[int]:
        """The most repeated entries of which only the key has come; `name` says what they are called."""
        without = [(count, attribute_id) for attribute_id, (text, count) in self._repeats.items() if not text]
        return [attribute_id for _, attribute_id in heapq.nlargest(NAMED, without)]

    def name(self, texts: Mapping[int, str]) -> None:
        for attribute_id, text in texts.items():
            if attribute_id in self._repeats:
                self._repeats[attribute_id] = (text, self._repeats[attribute_id][1])

    def choose(self, characters: int = CHARACTERS) -> tuple[str, ...]:
        """The entries to exclude, most repeated first, within a budget of characters."""
        ranked = sorted(self._repeats.values(), key=lambda entry: -entry[1])
        wanted = dict.fromkeys([*(text for text, _ in ranked if text), *reversed(self._newest)])
        return tuple(_within(wanted, characters))


def _within(texts: Iterable[str], characters: int) -> Iterable[str]:
    for text in texts:
        characters -= len(text) + 1
        if characters < 0:
            return
        yield text

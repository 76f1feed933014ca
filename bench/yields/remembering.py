"""The exclusion list as the product had it before it learnt: what came again most often, and the newest.

Kept for the rivals, which are to be what a team would build first.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable

REMEMBERED = 1_000
NEWEST = 40
CHARACTERS = 3_000


class RepeatMemory:
    """The repeated and the newest entries of a run, as much as is worth remembering."""

    def __init__(self) -> None:
        self._repeats: OrderedDict[int, tuple[str, int]] = OrderedDict()
        self._newest: deque[str] = deque(maxlen=NEWEST)

    def record(self, new: Iterable[str], repeats: Iterable[tuple[int, str]]) -> None:
        """Take in a batch: the texts that were new, and the id and spelling of each repeat."""
        self._newest.extend(new)
        for attribute_id, text in repeats:
            known, count = self._repeats.pop(attribute_id, (text, 0))
            self._repeats[attribute_id] = (known, count + 1)
        while len(self._repeats) > REMEMBERED:
            self._repeats.popitem(last=False)  # the one that was repeated longest ago

    def choose(self, characters: int = CHARACTERS) -> tuple[str, ...]:
        """The entries to exclude, most repeated first, within a budget of characters."""
        ranked = sorted(self._repeats.values(), key=lambda entry: -entry[1])
        wanted = dict.fromkeys([*(text for text, _ in ranked), *reversed(self._newest)])
        return tuple(_within(wanted, characters))


def _within(texts: Iterable[str], characters: int) -> Iterable[str]:
    for text in texts:
        characters -= len(text) + 1
        if characters < 0:
            return
        yield text

"""What people say of a topic's entries, as the engine goes by it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from producers.link.keys import key_of


@dataclass(frozen=True, slots=True)
class Said:
    """What people say of one entry: `id` is that of the review, `text` how the entry is written, or empty."""

    id: int
    key: bytes
    rejected: bool
    text: str


@dataclass(frozen=True, slots=True)
class Reviews:
    """What is said of all entries after `number` changes.

    `rejected` leads from the keys of rejected entries to ids that no attribute has, below zero. `texts` says how
    entries are written that people have corrected. Of those `same` has the keys of every spelling, that of the
    correction first: whichever is found first is the entry, and the others repeat it.
    """

    number: int = 0
    rejected: Mapping[bytes, int] = field(default_factory=dict)
    texts: Mapping[bytes, str] = field(default_factory=dict)
    same: Mapping[bytes, tuple[bytes, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.rejected or self.texts)

    def written(self, key: bytes, text: str) -> str | None:
        """The entry that was found as `text` as the list has it; None: it does not belong there."""
        return None if key in self.rejected else self.texts.get(key, text)


def reviews_of(number: int, said: Iterable[Said]) -> Reviews:
    """All that is said, put together."""
    rejected: dict[bytes, int] = {}
    texts: dict[bytes, str] = {}
    spellings: dict[bytes, list[bytes]] = defaultdict(list)
    for each in said:
        if each.rejected:
            rejected[each.key] = -each.id
        if each.text:
            texts[each.key] = each.text
            if (key := key_of(each.text)) != each.key:
                spellings[key].append(each.key)
    groups = [(key, *keys) for key, keys in spellings.items()]
    return Reviews(number, rejected, texts, {key: group for group in groups for key in group})

"""This producer's copy of the engine's filter, kept up by messages. Pure."""

from __future__ import annotations

from producers.link.filters import KeyFilter, NoFilter
from producers.link.keys import parted
from producers.link.messages import FilterIncrement, FilterPart


class KnownKeys:
    """Says which keys are probably known. It may lag behind the engine; then it says less, and nothing is lost."""

    def __init__(self) -> None:
        self._filter: KeyFilter | None = None
        self._generation = 0
        self._version = 0
        self._parts: list[FilterPart] = []

    def __contains__(self, key: object) -> bool:
        return self._filter is not None and key in self._filter

    def take_part(self, part: FilterPart) -> None:
        """A piece of a whole filter; with the last one it takes the place of what was here."""
        if self._parts and not _follows(part, self._parts[-1]):
            self._parts = []
        if part.part != len(self._parts):
            return  # the beginning went missing: it will be sent again
        self._parts.append(part)
        if len(self._parts) == part.parts:
            self._put_together()

    def _put_together(self) -> None:
        parts, self._parts = self._parts, []
        try:
            whole = KeyFilter.from_bytes(b"".join(part.data for part in parts))
        except NoFilter:
            return
        self._filter, self._generation, self._version = whole, parts[0].generation, parts[0].version

    def take_increment(self, increment: FilterIncrement) -> bool:
        """Add keys; False when something before them is missing, and the whole filter is wanted."""
        if self._filter is None or increment.generation != self._generation:
            return False
        keys = parted(increment.keys)
        self._filter.add(keys)  # also after a gap: what is known is known
        if increment.since > self._version:
            return False
        self._version = max(self._version, increment.since + len(keys))
        return True


def _follows(part: FilterPart, last: FilterPart) -> bool:
    return (part.generation, part.version, part.parts, part.part) == (
        last.generation,
        last.version,
        last.parts,
        last.part + 1,
    )

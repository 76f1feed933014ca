"""The filter of known keys on its way to a run's producers: whole at first, then what is new, now and then."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from orchestration.logic.uniqueness import TopicKeys
from orchestration.reviewing import Taken
from orchestration.runtime.database import Database
from orchestration.runtime.link_server import Port
from producers.link.filters import KeyFilter, capacity_for, parts_of
from producers.link.keys import joined
from producers.link.messages import MAX_NEW_KEYS, FilterIncrement, FilterPart

KEYS_AT_A_TIME = 20_000  # the interpreter's other thread waits as long as it takes to add so many


class FilterFeed:
    """One run's filter. `add` what was committed; `feed` tells the producers, and is to be called now and then.

    At most 32,768 new keys wait to be told. When there are more, or the filter has become too small, or the list was
    replaced, a new one is made and sent whole.
    """

    def __init__(self, keys: TopicKeys) -> None:
        self._keys = keys
        self._filter: KeyFilter | None = None
        self._capacity = 0
        self._generation = 0
        self._version = 0  # of what the producers were told
        self._new: list[bytes] = []
        self._whole: tuple[FilterPart, ...] = ()

    def add(self, keys: Iterable[bytes]) -> None:
        """These keys are known from now on."""
        if self._filter is None:
            return  # it will be made from all that is known
        keys = list(keys)
        self._filter.add(keys)
        self._new += keys
        self._whole = ()
        if len(self._new) > MAX_NEW_KEYS:
            self.renew()

    def review(self, taken: Taken) -> None:
        """What people say has changed what is known. A filter cannot forget a key; but what it takes for known by
        mistake costs something, so it is made anew."""
        if taken.forgotten:
            self.renew()
        else:
            self.add(taken.known)

    def renew(self) -> None:
        """Make a new filter and send it whole, with the next `feed`."""
        self._filter, self._new, self._whole = None, [], ()

    def welcome(self, port: Port, *, started: bool) -> None:
        """A producer has connected: for the first time in its life, or `started` and back again."""
        if self._filter is None:
            return  # it will be told with the others
        if started:
            port.post(FilterIncrement(generation=self._generation, since=self._version))
        else:
            self.send_whole(port)

    def send_whole(self, port: Port) -> None:
        """Everything, to a producer that misses something."""
        if self._filter is None:
            return
        self._whole = self._whole or self._in_parts(self._filter)
        for part in self._whole:
            port.post(part)

    async def feed(self, database: Database, ports: Callable[[], Iterable[Port]]) -> None:
        """Tell the connected producers what is new."""
        if self._filter is None or len(self._keys.known) + len(self._keys.beside) > self._capacity:
            await self._make(database)
            for port in ports():
                self.send_whole(port)
        elif self._new:
            increment = FilterIncrement(generation=self._generation, since=self._version, keys=joined(self._new))
            self._version += len(self._new)
            self._new, self._whole = [], ()
            for port in ports():
                port.post(increment)

    async def _make(self, database: Database) -> None:
        # In the thread that adds to the known keys: they must not change meanwhile. What it has committed and not
        # yet told `add` of comes twice, which does no harm.
        self._filter, self._capacity = await database.once(_filter_of, self._keys)
        self._generation += 1
        self._version, self._new, self._whole = 0, [], ()

    def _in_parts(self, whole: KeyFilter) -> tuple[FilterPart, ...]:
        # It holds what still waits to be told, too: told again, that is added twice.
        pieces = parts_of(whole.to_bytes())
        return tuple(
            FilterPart(generation=self._generation, version=self._version, part=number, parts=len(pieces), data=piece)
            for number, piece in enumerate(pieces)
        )


def _filter_of(keys: TopicKeys) -> tuple[KeyFilter, int]:
    known = [*keys.known, *keys.beside]
    capacity = capacity_for(len(known))
    made = KeyFilter(capacity)
    for start in range(0, len(known), KEYS_AT_A_TIME):
        made.add(known[start : start + KEYS_AT_A_TIME])
    return made, capacity

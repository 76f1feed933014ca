"""How often a caller may ask. In memory, so per web process; the callers remembered are bounded."""

from __future__ import annotations

import threading
from collections import OrderedDict

from orchestration.portal.limits import Allowance

BURST, PER_SECOND = 120.0, 20.0
MOST_CALLERS = 10_000
MOST_STREAMS, MOST_STREAMS_OF_ONE = 40, 4


class Allowances:
    """An allowance for each caller. Who was not heard of for longest is forgotten first: that one is full again."""

    def __init__(self, burst: float = BURST, per_second: float = PER_SECOND, most: int = MOST_CALLERS) -> None:
        self._burst, self._per_second, self._most = burst, per_second, most
        self._callers: OrderedDict[str, Allowance] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._callers)

    def take(self, caller: str, now: float) -> bool:
        """Whether the caller may ask once more now. Called from many threads."""
        with self._lock:
            allowance = self._callers.pop(caller, None) or Allowance(self._burst, self._per_second)
            self._callers[caller] = allowance
            while len(self._callers) > self._most:
                self._callers.popitem(last=False)
            return allowance.take(now)


class Streams:
    """How many streams are open, of one caller and of all."""

    def __init__(self, most: int = MOST_STREAMS, most_of_one: int = MOST_STREAMS_OF_ONE) -> None:
        self._most, self._most_of_one = most, most_of_one
        self._open: dict[str, int] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return sum(list(self._open.values()))

    def has_room(self, caller: str) -> bool:
        return len(self) < self._most and self._open.get(caller, 0) < self._most_of_one

    def open(self, caller: str) -> bool:
        """Whether there was room for another; if so, `close` has to follow."""
        with self._lock:
            if not self.has_room(caller):
                return False
            self._open[caller] = self._open.get(caller, 0) + 1
            return True

    def close(self, caller: str) -> None:
        with self._lock:
            self._open[caller] -= 1
            if not self._open[caller]:
                del self._open[caller]


allowances = Allowances()
streams = Streams()

"""One after the other: who tries to sign in many times at once would be judged before the first failure counts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field


@dataclass
class _Turn:
    lock: threading.Lock = field(default_factory=threading.Lock)
    wanted: int = 0


class Turns:
    """A turn for each key that somebody has or waits for. Of this process, which is the only one that signs in."""

    def __init__(self) -> None:
        self._turns: dict[str, _Turn] = {}
        self._lock = threading.Lock()

    def __contains__(self, key: str) -> bool:
        return key in self._turns

    @contextmanager
    def of(self, *keys: str) -> Iterator[None]:
        """Wait for the turn of each key, in the order given: give them in the same order everywhere."""
        with ExitStack() as held:
            for key in keys:
                held.enter_context(self._turn(key))
            yield

    @contextmanager
    def _turn(self, key: str) -> Iterator[None]:
        with self._lock:
            turn = self._turns.setdefault(key, _Turn())
            turn.wanted += 1
        try:
            with turn.lock:
                yield
        finally:
            with self._lock:
                turn.wanted -= 1
                if not turn.wanted:
                    del self._turns[key]


sign_ins = Turns()

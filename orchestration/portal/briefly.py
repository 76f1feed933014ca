"""Answers that are good for a moment, so that many viewers do not ask the database the same thing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Briefly(Generic[K, V]):
    """Keeps the `most` latest answers, each for some seconds. For several threads; two may ask at the same time."""

    def __init__(self, seconds: float, most: int = 64) -> None:
        self._seconds = seconds
        self._most = most
        self._kept: dict[K, tuple[float, V]] = {}
        self._lock = threading.Lock()

    def get(self, key: K, now: float, ask: Callable[[], V]) -> V:
        """The answer of the last seconds, or a new one."""
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and 0 <= now - kept[0] < self._seconds:
            return kept[1]
        answer = ask()
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = now, answer
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]
        return answer

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()

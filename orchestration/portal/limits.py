"""How much a viewer may ask for, and how far it may fall behind. Pure: the time is an argument."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field


@dataclass
class Allowance:
    """A token bucket: `burst` messages at once, `per_second` in the long run."""

    burst: float
    per_second: float
    _left: float = field(init=False)
    _at: float | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._left = self.burst

    def take(self, now: float) -> bool:
        """Whether one more message is allowed now."""
        passed = 0.0 if self._at is None else now - self._at
        self._at = now
        self._left = min(self.burst, self._left + passed * self.per_second)
        if self._left < 1:
            return False
        self._left -= 1
        return True


@dataclass
class Unpainted:
    """The messages that were sent to a viewer and that it has not yet said to have painted."""

    most: int
    seconds: float
    _sent: int = 0
    _times: deque[float] = field(default_factory=deque)

    def sent(self, now: float) -> None:
        self._sent += 1
        self._times.append(now)

    def painted(self, count: int) -> bool:
        """Note that the first `count` messages are painted; False when there were not so many."""
        if count > self._sent:
            return False
        while len(self._times) > self._sent - count:
            self._times.popleft()
        return True

    def is_too_far_behind(self, now: float) -> bool:
        return len(self._times) > self.most or bool(self._times and now - self._times[0] > self.seconds)

"""A run's own time, which stands still while the run is paused. Pure: monotonic time is an argument."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Stopwatch:
    """Runs from `started` on. What a run measures in its own time does not notice that the run was paused."""

    started: float
    _stood: float = 0.0
    _stands_since: float | None = None

    def stand(self, now: float) -> None:
        """Stand still from `now` on."""
        if self._stands_since is None:
            self._stands_since = now

    def go_on(self, now: float) -> None:
        """Run again."""
        if self._stands_since is not None:
            self._stood += now - self._stands_since
            self._stands_since = None

    def time(self, now: float) -> float:
        """The run's own time at `now`: monotonic time, less how long it stood still."""
        return (now if self._stands_since is None else self._stands_since) - self._stood

    def seconds(self, now: float) -> float:
        """How long it has run."""
        return self.time(now) - self.started

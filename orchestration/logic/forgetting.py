"""Sums that forget: what came lately counts, what came long ago hardly does. Pure.

Lifetime averages mislead where yield falls: whoever was good at first would be asked for ever. So every sum is
multiplied by a factor below one before something is added to it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Fading:
    """Requests and what came of them, each weighted by how many have been added since: `keep` to that power.

    `effort` is what they took: money, time, or a mix of both. `last` is the ordinal of the newest request.
    """

    keep: float
    requests: float = 0.0
    asked: float = 0.0
    candidates: float = 0.0
    new: float = 0.0
    effort: float = 0.0
    last: int = 0

    def add(self, ordinal: int, *, asked: int, candidates: int, new: float, effort: float) -> None:
        """Take in one request."""
        keep = self.keep
        self.requests = self.requests * keep + 1.0
        self.asked = self.asked * keep + asked
        self.candidates = self.candidates * keep + candidates
        self.new = self.new * keep + new
        self.effort = self.effort * keep + effort
        self.last = ordinal

    @property
    def novelty(self) -> float:
        """New entries a candidate; 0 before the first candidate."""
        return self.new / self.candidates if self.candidates else 0.0

    @property
    def fullness(self) -> float:
        """Candidates an entry asked for; 1 before the first request. Failures count as empty answers."""
        return self.candidates / self.asked if self.asked else 1.0

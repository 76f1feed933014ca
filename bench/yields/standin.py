"""A stand-in for igentai's own policy, so that the bench runs without it: a windowed bandit with some probes."""

from __future__ import annotations

from collections import deque
from random import Random

from bench.yields.asks import Answered, Ask, Briefing, Coverage, Interval
from bench.yields.policies import REQUEST_SIZE, Thompson

WINDOW = 10
PROBES = 0.06
RECENT = 15


class StandIn(Thompson):
    """A bandit over providers that remembers their last answers only; it stops at a price, and guesses coverage."""

    def __init__(self, briefing: Briefing) -> None:
        super().__init__(briefing, "stand-in", WINDOW)
        self._briefing = briefing
        self._chance = Random(f"probes {briefing.seed}")
        self._hits: deque[tuple[int, int]] = deque(maxlen=10)
        self._recent: deque[tuple[int, float]] = deque(maxlen=RECENT)

    def next(self, now: float) -> Ask | None:
        if self._too_dear():
            return None
        if self._chance.random() < PROBES:
            return Ask(self._chance.choice(self._briefing.offers).name, REQUEST_SIZE, probe=True)
        return super().next(now)

    def learn(self, answered: Answered) -> None:
        if answered.ask.probe and not answered.failed:
            self._hits.append((len(set(answered.repeats)), len(answered.new) + len(set(answered.repeats))))
        elif not answered.ask.probe:
            super().learn(answered)
            self._recent.append((len(answered.new), answered.cost))

    def coverage(self) -> Coverage | None:
        hits, named = (sum(column) for column in zip(*self._hits, strict=True)) if self._hits else (0, 0)
        if not named:
            return None
        share = hits / named
        margin = 1.645 * 2 * (share * (1 - share) / named + 0.25 / named**2) ** 0.5
        mass = Interval(share, max(0.0, share - margin), min(1.0, share + margin))
        return Coverage(mass=mass, items=Interval(share / 2, 0.0, mass.high))

    def _too_dear(self) -> bool:
        if self._briefing.price_limit is None or len(self._recent) < RECENT:
            return False
        new, cost = (sum(column) for column in zip(*self._recent, strict=True))
        return bool(100 * cost > self._briefing.price_limit * new)

"""What providers' entries cost in money, as they were paid for lately. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from orchestration.logic.effort import FIRST_WEIGHT, Rated
from orchestration.logic.forgetting import Fading
from orchestration.logic.yields import KEEP_PROVIDER


@dataclass
class Paid:
    """The payments of a run. `usual`: the size of a request as people set it."""

    providers: Mapping[str, Rated]
    usual: int
    _lately: dict[str, Fading] = field(init=False)

    def __post_init__(self) -> None:
        self._lately = {name: Fading(KEEP_PROVIDER) for name in self.providers}

    def record(self, provider: str, ordinal: int, cost: float, counts: Mapping[str, int]) -> None:
        """A request has cost so much USD."""
        self._lately[provider].add(ordinal, effort=cost, **counts)

    def usd_an_entry(self, provider: str) -> float:
        """What one entry of an answer cost lately, new or not; at first by the price."""
        paid = self._lately[provider]
        guess = FIRST_WEIGHT * self.providers[provider].cost_of(self.usual)
        return (paid.effort + guess) / (paid.candidates + FIRST_WEIGHT * self.usual)

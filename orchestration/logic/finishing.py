"""How large a request may be where a target is near, so that a list of forty is not asked for eight times. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from orchestration.logic.counts import Totals

# Of what comes, so much is taken for new at the least: else a stretch of repeats would lead to huge questions.
LEAST_NOVELTY = 0.2
# An answer is waited for so many times as long as the slowest so far, and at least so long; at first, so long.
PATIENCE, LEAST_SECONDS, FIRST_SECONDS = 2.0, 3.0, 15.0
# A question for fewer entries costs about as much.
LEAST_SIZE = 10


@dataclass(frozen=True, slots=True)
class Missing:
    """What a list still lacks for its target, when what is under way has come; None: it has no target."""

    entries: float | None
    novelty: float = 1.0

    @property
    def nothing(self) -> bool:
        return self.entries is not None and self.entries <= 0

    def size(self, wanted: int) -> int:
        """How many entries to ask for, where `wanted` would be asked for else."""
        if self.entries is None:
            return wanted
        return min(wanted, max(LEAST_SIZE, ceil(self.entries / self.novelty)))


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A request whose answer has not been committed: for how many entries, and for how long."""

    size: int
    seconds: float


def patience(slowest: float | None) -> float:
    """After so many seconds a request is not counted on any more; `slowest`: the slowest answer so far."""
    return FIRST_SECONDS if slowest is None else max(LEAST_SECONDS, PATIENCE * slowest)


def missing(
    target: int | None, entries: int, under_way: Iterable[UnderWay], lately: Totals, slowest: float | None
) -> Missing:
    """`lately`: what came; `slowest`: the slowest answer so far, in seconds. What hangs is not counted on."""
    if target is None:
        return Missing(None)
    novelty = max(lately.unique / lately.candidates, LEAST_NOVELTY) if lately.candidates else 1.0
    limit = patience(slowest)
    expected = sum(each.size for each in under_way if each.seconds <= limit)
    return Missing(target - entries - novelty * expected, novelty)

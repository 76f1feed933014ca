"""How large a request may be where a target is near, so that a list of forty is not asked for eight times. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from orchestration.logic.counts import Totals

# Of what comes, so much is taken for new at the least: else a stretch of repeats would lead to huge questions.
LEAST_NOVELTY = 0.2
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


def missing(target: int | None, entries: int, under_way: Iterable[int], lately: Totals) -> Missing:
    """`under_way` are the sizes of the requests whose answers have not been committed; `lately`: what came."""
    if target is None:
        return Missing(None)
    novelty = max(lately.unique / lately.candidates, LEAST_NOVELTY) if lately.candidates else 1.0
    return Missing(target - entries - novelty * sum(under_way), novelty)

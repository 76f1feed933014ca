"""What the next requests are worth: new entries for the effort, by provider and part, at the best size. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from orchestration.logic.asking import USUAL_SIZE
from orchestration.logic.delivery import Delivery
from orchestration.logic.effort import Effort, Rated
from orchestration.logic.parts import Part
from orchestration.logic.pools import Pools

# Sizes of requests that are tried, where people have not chosen.
SIZES = (20, 40, USUAL_SIZE, 100)
# So many exclusions a list holds at the most, about.
MOST_EXCLUDED = 300
LEAST_EXPECTED = 1e-6
# A part is worth that much less to each further producer, whatever is left in it.
CROWDING_BOUNDS = (0.1, 0.7)
# Even what costs nothing and takes no time is not worth infinitely much.
LEAST_EFFORT = 1e-12


@dataclass
class Prospects:
    """Judges requests to come. `usual`: the size of a request as people set it."""

    providers: Mapping[str, Rated]
    pools: Pools
    effort: Effort
    usual: int = USUAL_SIZE
    _deliveries: defaultdict[str, Delivery] = field(default_factory=lambda: defaultdict(Delivery))

    def record(self, provider: str, part: str, asked: int, candidates: int, effort: float, excluded: int) -> None:
        """A provider has answered, perhaps with nothing: so many entries of it were asked for, so many excluded."""
        expected = self.effort.for_size(self.providers[provider], asked, excluded)
        self._deliveries[provider].record(part, asked=asked, candidates=candidates, effort=effort, expected=expected)

    def record_new(self, provider: str, new: int, hoped: float) -> None:
        """An answer of the provider brought so many new entries, where so many were expected."""
        self._deliveries[provider].record_new(new, hoped)

    def worth(self, provider: str, part: Part) -> float:
        """New entries for each unit of effort, at the best size."""
        return max(self._worth_at(provider, part, size) for size in self._sizes())

    def best(self, part: Part, out: Collection[str]) -> float:
        """What the part is worth with the best provider that is not `out`."""
        return max((self.worth(name, part) for name in self._asked(out)), default=0.0)

    def share_new(self, provider: str, part: Part) -> float:
        """New entries for each one asked for, at the best size."""
        size = self.size(provider, part)
        return max(self.pools.expected(provider, part, size), LEAST_EXPECTED) / size

    def size(self, provider: str, part: Part) -> int:
        """How many entries to ask for."""
        return max(self._sizes(), key=lambda size: self._worth_at(provider, part, size))

    def expected(self, provider: str, part: Part, size: int) -> float:
        """The new entries that a request brings."""
        return self.pools.expected(provider, part, size)

    def crowding(self, part: Part, out: Collection[str]) -> float:
        """What a part is worth to a further producer, beside what it is to the one before: the share that one answer
        of the best provider leaves."""
        if not self.providers:
            return CROWDING_BOUNDS[1]
        best = max(self._asked(out), key=lambda name: self.worth(name, part))
        taken = self.size(best, part) * self.pools.fit(best, part)
        return min(max(1.0 - taken / self.pools.left(best, part), CROWDING_BOUNDS[0]), CROWDING_BOUNDS[1])

    def _worth_at(self, provider: str, part: Part, size: int) -> float:
        excluded = min(self.pools.named(provider, part), MOST_EXCLUDED)
        delivery = self._deliveries[provider]
        effort = delivery.pace * self.effort.for_size(self.providers[provider], size, excluded)
        new = delivery.truth * delivery.share(part.words) * self.pools.expected(provider, part, size)
        return new / max(effort, LEAST_EFFORT)

    def _sizes(self) -> tuple[int, ...]:
        # Who has chosen a size shall see it.
        return SIZES if self.usual == USUAL_SIZE else (self.usual,)

    def _asked(self, out: Collection[str]) -> list[str]:
        return [name for name in self.providers if name not in out] or list(self.providers)

"""The weights of one producer's providers, from what each brings where the producer is. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from orchestration.logic import allocation
from orchestration.logic.decisions import Decision, of_weights
from orchestration.logic.effort import Effort, Rated
from orchestration.logic.parts import Part
from orchestration.logic.prospects import Prospects
from orchestration.logic.yields import Yields

# Where hardly anything new comes, each gets this share of the requests that the best one gets: before a run ends for
# want of new entries, all have to say so, the dear ones too.
LEAST_WHEN_DRY = 0.2


@dataclass(frozen=True, slots=True)
class Weighing:
    """Weighs providers by the sums of a run."""

    providers: Mapping[str, Rated]
    prospects: Prospects
    effort: Effort
    yields: Yields

    def change(
        self,
        slot: int,
        part: Part,
        before: dict[str, float],
        pinned: Mapping[str, float],
        out: Collection[str],
        *,
        dry: bool = False,
    ) -> tuple[dict[str, float], Decision | None]:
        """The weights of a producer that asks for `part`; without a decision they are as `before`.

        The weights of those that are not `out` sum to one; one that is out keeps, beside that, the weight it had,
        which is what it comes back with.
        """
        asked = [name for name in before if name in self.providers and name not in out]
        yields = {name: self.prospects.worth(name, part) for name in asked}
        efforts = {name: self.effort.of_request(self.providers[name], self.yields.provider(name)) for name in asked}
        held = {name: share for name, share in pinned.items() if name in before}
        inside = {name: share for name, share in held.items() if name in yields}
        least = LEAST_WHEN_DRY if dry else 0.0
        after = {**before, **held, **allocation.weights(yields, efforts, inside, least=least)}
        if not allocation.is_change(before, after, efforts):
            return before, None
        return after, of_weights(slot, before, after, yields, self.effort.unit, dry=dry)

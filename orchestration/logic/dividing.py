"""How the topic of a run is divided, carried out: parts are opened, split and retired. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from orchestration.logic import partitions
from orchestration.logic.decisions import Decision, DecisionKind, decided, of_state
from orchestration.logic.parts import WHOLE, Part, category, gap
from orchestration.logic.pools import Pools
from orchestration.logic.reservoir import Reservoir
from orchestration.logic.tree import PartState, PartTree
from orchestration.logic.yields import FIRST_NOVELTY, Yields


@dataclass(frozen=True, slots=True)
class Dividing:
    """Divides by what people chose (`kind`), and by what the sums of the run say."""

    kind: str
    tree: PartTree
    yields: Yields
    pools: Pools
    names: Reservoir

    def open(self, parts: Sequence[Part], parent: str = "", *, novelty: float) -> list[str]:
        """Open the parts that are not there yet, of which that much is hoped; returns their words."""
        if parent:
            self.pools.open(parts, parent)
        for part in parts:
            self.yields.expect(part.words, partitions.hope(part, novelty))
        return self.tree.add(parts, parent=parent, since=self.yields.ordinal)

    def begin(self, producers: int) -> None:
        """Open the parts to begin with, unless there are some."""
        partitions.fit_to(self.kind, self.tree, self.yields.ordinal)
        if not any(node.part.kind == "range" for node in self.tree):
            self.open(partitions.first_parts(self.kind, producers, self.names.texts), novelty=FIRST_NOVELTY)
        self.settle_whole()

    def settle_whole(self) -> None:
        """The whole topic is asked for where that is part of the division, or where nothing stands for it."""
        if partitions.keeps_whole(self.kind):
            return
        is_divided = partitions.is_divided(self.kind, self.tree)
        self.tree.set_state(WHOLE.words, PartState.SPLIT if is_divided else PartState.OPEN, self.yields.ordinal)

    def wants_division(self) -> bool:
        """Whether a provider should be asked for categories now."""
        return partitions.wants_division(self.kind, self.yields, self.names.count, self.tree)

    def divide(self, names: Sequence[str], provider: str) -> list[Decision]:
        """Into the categories that a provider named; with too few of them, nothing changes."""
        parts = [each for each in dict.fromkeys(map(category, names)) if each.name]
        if len(parts) < 2:
            return []
        added = self.open([*parts, gap(part.name for part in parts)], novelty=self.yields.run_novelty)
        self.settle_whole()
        reason = f"{provider} divides the topic so"
        return [decided(DecisionKind.DIVISION, "the topic", "", "; ".join(added), reason)]

    def restructure(self, worth: Callable[[str], float]) -> list[Decision]:
        """The one change that is due now, if any; `worth` is what an open part brings for the effort."""
        change = partitions.structural_change(
            self.tree,
            self.yields,
            worth,
            self.names.texts,
            lambda words: self.pools.found_in(self.tree.get(words).part),
            self.kind,
        )
        if change is None:
            return []
        before = self.tree.nodes[change.words].state
        self.tree.set_state(change.words, change.state, self.yields.ordinal)
        novelty = self.yields.part_novelty(change.words) * partitions.HOPE_OF_A_CHILD
        if change.state == PartState.OPEN:
            self.yields.expect(change.words, partitions.HOPE_OF_A_RETIRED)
            self.yields.parts.pop(change.words, None)
        children = self.open(change.children, change.words, novelty=novelty)
        after = "; ".join(children) or change.state.value
        return [of_state(change.words, before, change.state, after, change.reason)]

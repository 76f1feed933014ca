"""Which producer asks for which part, from what the parts are worth. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from orchestration.logic import allocation
from orchestration.logic.decisions import Decision, of_move
from orchestration.logic.prospects import Prospects
from orchestration.logic.tree import PartState, PartTree
from orchestration.logic.yields import Yields


@dataclass(frozen=True, slots=True)
class Moving:
    """Moves producers between the open parts of `tree`, by the sums of a run."""

    tree: PartTree
    prospects: Prospects
    yields: Yields

    def worths(self, out: Collection[str]) -> dict[str, float]:
        """What each open part is worth with its best provider that is not `out`."""
        return {words: self.best(words, out) for words in self.tree.open_parts()}

    def best(self, words: str, out: Collection[str] = ()) -> float:
        """The same of one part."""
        return self.prospects.best(self.tree.get(words).part, out)

    def begin(self, slots: Sequence[int]) -> dict[int, str]:
        """The parts of these producers to begin with."""
        return allocation.assign(slots, self.worths(()), {}, 0.0)

    def change(
        self, slots: Sequence[int], before: Mapping[int, str], out: Collection[str]
    ) -> tuple[dict[int, str], list[Decision]]:
        """The parts of those that move, by slot, and a decision for each of them."""
        worths = self.worths(out)
        crowding = {words: self.prospects.crowding(self.tree.get(words).part, out) for words in worths}
        assigned = allocation.assign(slots, worths, before, crowding=crowding)
        moved = {slot: assigned[slot] for slot in slots if assigned[slot] != before.get(slot)}
        return moved, [
            of_move(slot, before.get(slot, ""), part, self._why_moved(before.get(slot, ""), part))
            for slot, part in moved.items()
        ]

    def _why_moved(self, before: str, after: str) -> str:
        old, new = self.yields.part_novelty(before), self.yields.part_novelty(after)
        if self.tree.get(before).state != PartState.OPEN:
            return "the part it had is not asked for any more"
        return f"there {new:.0%} of the entries should be new, {old:.0%} where it was"

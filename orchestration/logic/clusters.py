"""The clusters of a run as parts of its topic: when they are made, and which take the place of which. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from orchestration.logic.decisions import Decision, DecisionKind, decided, part_in_words
from orchestration.logic.parts import Part, cluster
from orchestration.logic.tree import PartState, PartTree

# Fewer entries show no clusters; after that, when the list has grown by this factor.
FIRST_ENTRIES, GROWTH = 150, 2


@dataclass
class Clusters:
    """`wanted`: people chose this way to divide the topic. `entries_then`: the length of the list when it was divided
    last."""

    wanted: bool
    entries_then: int = 0

    def due(self, entries: int) -> bool:
        """Whether a list of this length is to be divided now."""
        return self.wanted and entries >= max(FIRST_ENTRIES, GROWTH * self.entries_then)

    def resume(self, tree: PartTree, entries: int) -> None:
        """Go on with the clusters that there are, if any."""
        if any(_is_replaceable(tree, words) for words in tree.nodes):
            self.entries_then = entries

    def give_up(self, reason: str) -> Decision:
        """There can be no clusters but those that there are."""
        self.wanted = False
        after = "the clusters that there are" if self.entries_then else part_in_words("")
        return decided(DecisionKind.DIVISION, "the topic", "", after, reason)

    def replace(
        self, tree: PartTree, groups: Sequence[Sequence[str]], entries: int, ordinal: int
    ) -> tuple[list[Part], list[Decision]]:
        """The parts to open for these groups of examples, and what that decides; with too few of them, neither.

        The clusters before are retired, but not those that people added or left out; one that is found again stays.
        """
        self.entries_then = entries
        parts = {part.words: part for part in map(cluster, groups) if part.name}
        if len(parts) < 2:
            return [], []
        retired = [words for words in tree.nodes if _is_replaceable(tree, words) and words not in parts]
        for words in retired:
            tree.set_state(words, PartState.RETIRED, ordinal)
        for words in parts.keys() & tree.nodes.keys():
            if not tree.nodes[words].by_person and not tree.is_left_out(words):
                tree.set_state(words, PartState.OPEN, ordinal)
        return [*parts.values()], [*(_retirement(words, entries) for words in retired), _division([*parts], entries)]


def _is_replaceable(tree: PartTree, words: str) -> bool:
    node = tree.nodes[words]
    is_open = node.state == PartState.OPEN and not tree.is_left_out(words)
    return node.part.kind == "cluster" and is_open and not node.by_person


def _retirement(words: str, entries: int) -> Decision:
    reason = f"it was a cluster of a shorter list; now there are {entries} entries"
    return decided(DecisionKind.RETIRED, part_in_words(words), PartState.OPEN, PartState.RETIRED, reason)


def _division(parts: Sequence[str], entries: int) -> Decision:
    reason = f"the {entries} entries found so far belong together so"
    return decided(DecisionKind.DIVISION, "the topic", "", "; ".join(parts), reason)

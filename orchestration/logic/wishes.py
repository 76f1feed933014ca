"""What people want of the parts of a topic: some added, some left out, some asked for again. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from orchestration.logic.asking import KnownPart
from orchestration.logic.decisions import Decision, of_state
from orchestration.logic.tree import PartState, PartTree


def named(parts: Sequence[KnownPart]) -> list[KnownPart]:
    """Those that can be told apart: a name of punctuation alone says nothing, and the whole topic is always there."""
    return [known for known in parts if known.part.words]


def carry_out(tree: PartTree, parts: Sequence[KnownPart], ordinal: int) -> list[Decision]:
    """Leave out what people do not want, with all that it was split into, and ask again for what they want again.

    All `parts` are in the tree.
    """
    decisions = []
    for known in parts:
        node = tree.nodes[known.part.words]
        node.by_person = known.by_person
        if known.left_out != node.left_out:
            node.left_out = known.left_out
            decisions += (
                _left_out(tree, known.part.words, ordinal) if known.left_out else _wanted(tree, known, ordinal)
            )
    for words, node in tree.nodes.items():
        if node.state != PartState.RETIRED and tree.is_left_out(words):
            tree.set_state(words, PartState.RETIRED, ordinal)
    return decisions


def wanted_meanwhile(tree: PartTree, parts: Sequence[KnownPart], ordinal: int) -> None:
    """Parts that people added and want again since the run was last at work: only they had retired them."""
    for known in parts:
        if known.by_person and tree.nodes[known.part.words].state == PartState.RETIRED:
            tree.revive(known.part.words, ordinal)


def _left_out(tree: PartTree, words: str, ordinal: int) -> list[Decision]:
    before = tree.nodes[words].state
    for each in [words, *tree.below(words)]:
        tree.set_state(each, PartState.RETIRED, ordinal)
    retired = PartState.RETIRED
    return [of_state(words, before, retired, retired.value, "a person leaves it out")] if before != retired else []


def _wanted(tree: PartTree, known: KnownPart, ordinal: int) -> list[Decision]:
    """Nothing changes yet while a part that it was split from is left out."""
    words = known.part.words
    before = tree.nodes[words].state
    tree.revive(words, ordinal)
    after = tree.nodes[words].state
    if before == after:
        return []
    became = after.value if after == PartState.OPEN else "its parts are asked for again"
    return [of_state(words, before, PartState.OPEN, became, "a person wants it again")]

"""How a topic is divided: what a run begins with, what is split, retired and looked at again. Pure.

none      everyone asks for the whole topic
alphabet  ranges of initials, balanced by the names found so far
category  a division that a provider was asked for, and what it leaves out
semantic  the whole, and clusters of what was found so far once there is enough of it (`clusters`)
auto      the whole and the alphabet to begin with; categories as well once repeats say that these run dry

Which of the open parts are asked for is decided by what they bring (`allocation`). Parts of two divisions may
overlap.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from orchestration.logic.alphabet import REST, Initials, share_out, split
from orchestration.logic.parts import Part, range_part
from orchestration.logic.tree import Node, PartState, PartTree
from orchestration.logic.yields import Yields

FEWEST_RANGES = 4
MOST_OPEN = 32
# The novelty of a part that nobody has asked for, beside that of what it is a part of; that of the last in itself.
HOPE_OF_A_CATEGORY, HOPE_OF_A_CHILD, HOPE_OF_THE_REST, HOPE_OF_A_RETIRED = 1.5, 1.2, 0.4, 0.1

# Known entries that are worth another division: what an exclusion list holds, and what a few answers name.
SPLIT_REQUESTS, SPLIT_FOUND = 1, 240
RETIRE_REQUESTS, RETIRE_NOVELTY, RETIRE_SHARE = 2, 0.1, 0.15
REOPEN_AFTER, REOPEN_NOVELTY = 60, 0.15
# Categories overlap with all other parts: they are only asked for once those run dry.
DIVIDE_NOVELTY, DIVIDE_ENTRIES = 0.05, 60


# The parts that the engine makes of a topic, by what people chose.
KINDS: Mapping[str, Collection[str]] = {
    "none": (),
    "alphabet": ("range",),
    "category": ("category", "gap"),
    "semantic": ("cluster",),
    "auto": ("range", "category", "gap"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """A part whose state changes, what comes in its place, and why."""

    words: str
    state: PartState
    reason: str
    children: tuple[Part, ...] = ()


def first_parts(kind: str, count: int, seen: Collection[str] = ()) -> tuple[Part, ...]:
    """The parts that a run of `count` producers begins with, beside or instead of the whole topic."""
    if kind == "alphabet":
        ranges = share_out(max(count, FEWEST_RANGES) + 1, seen)
    elif kind == "auto":
        ranges = share_out(max(count - 1, FEWEST_RANGES) + 1, seen)
    else:
        return ()
    return tuple(range_part(each) for each in ranges)


def keeps_whole(kind: str) -> bool:
    """Whether the whole topic is asked for beside the parts; by all of them, until there are any."""
    return kind in ("auto", "none", "semantic")


def is_divided(kind: str, tree: PartTree) -> bool:
    """Whether the parts stand for the whole topic: what people added or left out does not."""
    return any(node.part.kind in KINDS[kind] and _is_ours(tree, words) for words, node in tree.nodes.items())


def fit_to(kind: str, tree: PartTree, ordinal: int) -> None:
    """Another way to divide the topic may have been chosen since: the engine's parts of other ways are retired, and
    those of this one asked for again where none of them is; but clusters are made anew. What people added or left out
    stays as it is."""
    for kinds in (("range",), ("category", "gap"), ("cluster",)):
        ours = [words for words, node in tree.nodes.items() if node.part.kind in kinds and _is_ours(tree, words)]
        if kinds[0] not in KINDS[kind]:
            for words in ours:
                tree.set_state(words, PartState.RETIRED, ordinal)
        elif kinds != ("cluster",) and all(tree.nodes[words].state != PartState.OPEN for words in ours):
            for words in ours:
                if tree.nodes[words].parent not in ours:
                    tree.revive(words, ordinal)


def hope(part: Part, novelty: float) -> float:
    """The novelty to expect of a part that nobody has asked for, when what it is a part of has `novelty`."""
    if part.initials is not None and part.initials.script == REST:
        return HOPE_OF_THE_REST * novelty
    return novelty * (1.0 if part.kind == "range" else HOPE_OF_A_CATEGORY)


def wants_division(kind: str, yields: Yields, entries: int, tree: PartTree) -> bool:
    """Whether a provider should be asked for categories now: at once where people chose them, in `auto` only once
    what was found comes again. Categories that people added are no division of the whole."""
    # Those that people left out are one: who wants none of them does not want to be asked again.
    if any(node.part.kind == "category" and not node.by_person for node in tree):
        return False
    if kind == "category":
        return True
    return kind == "auto" and entries >= DIVIDE_ENTRIES and yields.run.novelty < DIVIDE_NOVELTY


def structural_change(
    tree: PartTree,
    yields: Yields,
    worth: Callable[[str], float],
    seen: Sequence[str],
    found: Callable[[str], int],
    kind: str = "auto",
) -> Change | None:
    """The one change of the tree that is due now, if any: retire what is dry, split what is rich, look again at what
    was dry long ago. `worth` is what an open part brings for the effort; `seen` a sample of the names found."""
    open_parts = tree.open_parts()
    values = {words: worth(words) for words in open_parts}
    best = max(values.values())
    return (
        _retirement(tree, yields, values, best)
        or _split(tree, seen, len(open_parts), found)
        or _second_look(tree, yields, {"all", *KINDS[kind]} - {"cluster"})
    )


def _retirement(tree: PartTree, yields: Yields, values: dict[str, float], best: float) -> Change | None:
    for words, value in values.items():
        node, novelty = tree.nodes[words], yields.part_novelty(words)
        if node.by_person or len(values) == 1 or node.requests < RETIRE_REQUESTS or novelty >= RETIRE_NOVELTY:
            continue
        if value < RETIRE_SHARE * best:
            others = f"other parts bring {best / value:.0f} times as much" if value else "other parts bring more"
            return Change(words, PartState.RETIRED, f"only {novelty:.1%} of its entries are new, {others}")
    return None


def _split(tree: PartTree, seen: Sequence[str], open_count: int, found: Callable[[str], int]) -> Change | None:
    if open_count >= MOST_OPEN:
        return None
    for words in tree.open_parts():
        node = tree.nodes[words]
        if node.part.initials is None or node.requests < SPLIT_REQUESTS or (held := found(words)) < SPLIT_FOUND:
            continue
        if len(children := _halves(node, seen)) > 1:
            reason = f"{held} entries of it are found: more than one answer holds"
            return Change(words, PartState.SPLIT, reason, children)
    return None


def _halves(node: Node, seen: Sequence[str]) -> tuple[Part, ...]:
    assert node.part.initials is not None  # noqa: S101 - said by the caller
    halves: tuple[Initials, ...] = split(node.part.initials, seen)
    return tuple(map(range_part, halves))


def _is_ours(tree: PartTree, words: str) -> bool:
    return not tree.nodes[words].by_person and not tree.is_left_out(words)


def _second_look(tree: PartTree, yields: Yields, kinds: Collection[str]) -> Change | None:
    if yields.run.novelty > REOPEN_NOVELTY:
        return None
    # Not at clusters: those of an earlier clustering have others in their place, and the next one makes new ones.
    retired = [
        (node.since, words)
        for words, node in tree.nodes.items()
        if node.state == PartState.RETIRED and node.part.kind in kinds and _is_ours(tree, words)
        if yields.ordinal - node.since > REOPEN_AFTER
    ]
    if not retired:
        return None
    return Change(min(retired)[1], PartState.OPEN, "little is new anywhere, and nobody has looked here for long")

"""The parts of a topic as they are now: open ones to ask for, split ones, retired ones. Pure.

Every part stands below the one that it was split from. Parts belong to no producer: when one dies, its part stays
open, and others take it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from orchestration.logic.parts import WHOLE, Part


class PartState(StrEnum):
    """What becomes of a part."""

    OPEN = "open"
    SPLIT = "split"
    RETIRED = "retired"


@dataclass(slots=True)
class Node:
    """A part with its place and its record. `parent` is its words; `ordinal` of the request when it was opened or
    retired. `by_person`: people added it, and `left_out`: they do not want it; the engine leaves both alone."""

    part: Part
    parent: str = ""
    state: PartState = PartState.OPEN
    by_person: bool = False
    left_out: bool = False
    requests: int = 0
    candidates: int = 0
    new: int = 0
    since: int = 0


@dataclass
class PartTree:
    """Every part that was ever asked for, by its words; the whole topic is always there."""

    nodes: dict[str, Node] = field(default_factory=lambda: {WHOLE.words: Node(WHOLE)})

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes.values())

    def get(self, words: str) -> Node:
        """The node of these words, else the whole topic: what an earlier division asked for is of it, at least."""
        return self.nodes.get(words) or self.nodes[WHOLE.words]

    def open_parts(self) -> list[str]:
        """The words of the parts to ask for; never empty."""
        found = [words for words, node in self.nodes.items() if node.state == PartState.OPEN]
        return found or [WHOLE.words]

    def add(self, parts: Iterable[Part], *, parent: str = "", since: int = 0, by_person: bool = False) -> list[str]:
        """Open the parts that are not there yet; returns their words."""
        added = []
        for part in parts:
            if part.words and part.words not in self.nodes:
                self.nodes[part.words] = Node(part, parent, since=since, by_person=by_person)
                added.append(part.words)
        return added

    def set_state(self, words: str, state: PartState, since: int) -> None:
        node = self.nodes[words]
        node.state, node.since = state, since

    def below(self, words: str) -> list[str]:
        """The words of all parts that this one was split into, and of theirs."""
        children = [child for child, node in self.nodes.items() if words and node.parent == words]
        return [*children, *(each for child in children for each in self.below(child))]

    def is_left_out(self, words: str) -> bool:
        """Whether people do not want this part, or one that it was split from."""
        node = self.nodes.get(words)
        return node is not None and (node.left_out or (node.parent != "" and self.is_left_out(node.parent)))

    def revive(self, words: str, since: int) -> None:
        """Ask for a part again, or for what it was split into; not for what people leave out."""
        if self.is_left_out(words):
            return
        children = [child for child, node in self.nodes.items() if node.parent == words]
        self.set_state(words, PartState.SPLIT if children else PartState.OPEN, since)
        for child in children:
            self.revive(child, since)

    def record(self, words: str, candidates: int, new: int) -> None:
        """Count one request."""
        node = self.get(words)
        node.requests += 1
        node.candidates += candidates
        node.new += new

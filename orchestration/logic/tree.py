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
    retired. `by_person`: people added or retired it, and the engine leaves that alone."""

    part: Part
    parent: str = ""
    state: PartState = PartState.OPEN
    by_person: bool = False
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

    def record(self, words: str, candidates: int, new: int) -> None:
        """Count one request."""
        node = self.get(words)
        node.requests += 1
        node.candidates += candidates
        node.new += new

"""A run's sums by group, over the last minutes and over the run, without looking at a request twice. Pure.

Time is divided into blocks of ten seconds. The requests of the block under way are summed by what they have in
common; from time to time, and at its end, that is spread over the groups they belong to. A window is the sum of the
newest blocks: a block is added once, and taken away when it is too old. So a window's length is exact to a block.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from orchestration.logic.counts import RequestEvent
from orchestration.logic.sums import Sums

BLOCK_SECONDS = 10.0
SHORT_BLOCKS = 30  # five minutes
LONG_BLOCKS = 180  # half an hour
# Of each dimension; partitions and prompts may come and go in a long run.
MOST_KEYS = 100
OTHERS = "(others)"
BEFORE_ALL = -(2**62)

Dimension: TypeAlias = Literal["run", "provider", "producer", "partition", "prompt", "style"]
Group: TypeAlias = tuple[Dimension, str]
# What requests may have in common: provider, slot, partition, prompt's hash, style.
Cell: TypeAlias = tuple[str, int, str, str, str]

WHOLE: Group = ("run", "")


def groups_of(cell: Cell) -> tuple[Group, ...]:
    """Every group that a request of this cell belongs to."""
    provider, slot, partition, prompt, style = cell
    return (
        WHOLE,
        ("provider", provider),
        ("producer", str(slot)),
        ("partition", partition),
        ("prompt", prompt),
        ("style", style),
    )


@dataclass(slots=True)
class Block:
    """The requests of one block of time, by group."""

    number: int
    groups: dict[Group, Sums] = field(default_factory=dict)


class Window:
    """The sums over the newest `length` blocks, by group; a group without requests is left out."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.groups: dict[Group, Sums] = {}
        self._blocks: deque[Block] = deque()

    def begin(self, block: Block) -> None:
        """Take a new block in, whose groups are then added one by one."""
        self._blocks.append(block)

    def expire(self, now: int) -> None:
        """Forget the blocks that are too old in block number `now`."""
        while self._blocks and self._blocks[0].number <= now - self.length:
            for group, sums in self._blocks.popleft().groups.items():
                _subtract(self.groups, group, sums)


class Windows:
    """The sums over a short and a long window and over the run.

    In a window a dimension has at most MOST_KEYS keys at a time; what comes beyond is counted under OTHERS. Over the
    run it keeps the keys that were used last; the sums of the others go to OTHERS.
    """

    def __init__(self) -> None:
        self.run: dict[Group, Sums] = {}
        self.short = Window(SHORT_BLOCKS)
        self.long = Window(LONG_BLOCKS)
        self._now = BEFORE_ALL
        self._block: Block | None = None
        self._cells: dict[Cell, Sums] = {}

    def record(self, event: RequestEvent) -> None:
        """Add a request; one that is older than others counts with the newest block."""
        number = int(event.at // BLOCK_SECONDS)
        if number > self._now:
            self._advance(number)
        cell = (event.provider, event.slot, event.partition, event.prompt, event.style)
        sums = self._cells.get(cell)
        if sums is None:
            sums = self._cells[cell] = Sums()
        sums.count(event, self._now)

    def spread(self) -> None:
        """Bring the sums up to date with every request so far."""
        if not self._cells:
            return
        block = self._block_under_way()
        for group, sums in _by_group(self._cells).items():
            self._count_in_run(group, sums)
            counted = self._in_window(group)
            for groups in (block.groups, self.short.groups, self.long.groups):
                _add(groups, counted, sums)
        self._cells.clear()

    def settle(self, now: float) -> None:
        """Bring the sums up to date, and the windows to `now`."""
        self.spread()
        self._advance(max(int(now // BLOCK_SECONDS), self._now))

    def seconds(self, window: Window, now: float) -> float:
        """How much time the window covers at `now`, when it has been settled."""
        return max(now - (self._now - window.length + 1) * BLOCK_SECONDS, 0.0)

    def load_run(self, cells: Mapping[Cell, Sums]) -> None:
        """Begin with these sums over the run, in place of all others; the cells that were used last come last."""
        self.spread()
        self.run.clear()
        for cell, sums in cells.items():
            for group in groups_of(cell):
                self._count_in_run(group, sums)

    def _advance(self, number: int) -> None:
        if number == self._now:
            return
        self.spread()
        self._now, self._block = number, None
        for window in (self.short, self.long):
            window.expire(number)

    def _block_under_way(self) -> Block:
        if self._block is None:
            self._block = Block(self._now)
            for window in (self.short, self.long):
                window.begin(self._block)
        return self._block

    def _in_window(self, group: Group) -> Group:
        groups = self.long.groups
        full = group not in groups and sum(1 for _ in _keys(groups, group[0])) >= MOST_KEYS
        return (group[0], OTHERS) if full else group

    def _count_in_run(self, group: Group, sums: Sums) -> None:
        known = self.run.pop(group, None)
        self.run[group] = known or Sums()  # the last place is that of the group that was used last
        self.run[group].add(sums)
        if known is not None:
            return
        keys = [each for each in _keys(self.run, group[0]) if each != OTHERS]
        for idle in keys[: max(len(keys) - MOST_KEYS, 0)]:
            _add(self.run, (group[0], OTHERS), self.run.pop((group[0], idle)))


def _by_group(cells: Mapping[Cell, Sums]) -> dict[Group, Sums]:
    groups: dict[Group, Sums] = {}
    for cell, sums in cells.items():
        for group in groups_of(cell):
            _add(groups, group, sums)
    return groups


def _keys(groups: Iterable[Group], dimension: Dimension) -> Iterator[str]:
    return (key for each, key in groups if each == dimension)


def _add(groups: dict[Group, Sums], group: Group, sums: Sums) -> None:
    if group not in groups:
        groups[group] = Sums()
    groups[group].add(sums)


def _subtract(groups: dict[Group, Sums], group: Group, sums: Sums) -> None:
    groups[group].subtract(sums)
    if not groups[group].totals.requests:
        del groups[group]

"""How the figures are shown: one row each, with what it stands beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A figure of ours, the ceiling or peer that was measured in the same run, their ratio, and what we want."""

    what: str
    ours: str
    beside: str
    ratio: str
    goal: str = ""


HEAD = Row("what", "ours", "beside, in the same run", "ratio", "goal")


def markdown(rows: Sequence[Row]) -> str:
    lines = [_line(HEAD), _line(Row(*["---"] * 5)), *map(_line, rows)]
    return "\n".join(lines) + "\n"


def _line(row: Row) -> str:
    return f"| {' | '.join(astuple(row))} |"

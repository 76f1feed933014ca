"""The figures of a run as tables that people read: the run and its windows, by provider, by part and so on. Pure.

The figures come from the database as JSON that an earlier version may have written, so whatever is missing shows as
a dash and is never an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestration.logic.money import usd
from orchestration.when import span_words

NOTHING = "\N{EN DASH}"
MOST_ROWS = 30
WINDOWS = {"run": "Whole run", "last_30_minutes": "Last 30 minutes", "last_5_minutes": "Last 5 minutes"}


@dataclass(frozen=True, slots=True)
class Table:
    """`left_out` rows are in the JSON only."""

    title: str
    first: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    left_out: int = 0

    @property
    def named_rows(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Each row with its cells by the names of their columns."""
        return [(name, list(zip(self.columns, cells, strict=True))) for name, cells in self.rows]


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    key: str
    words: Callable[[Any], str]


def count(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else NOTHING


def share(value: Any) -> str:
    return f"{value:.1%}" if isinstance(value, int | float) else NOTHING


def amount(value: Any) -> str:
    return usd(value) if isinstance(value, int | float) else NOTHING


def rate(value: Any) -> str:
    return f"{value:,.1f}" if isinstance(value, int | float) else NOTHING


def milliseconds(value: Any) -> str:
    return f"{value / 1000:,.2f} s" if isinstance(value, int | float) else NOTHING


def seconds(value: Any) -> str:
    return span_words(value) if isinstance(value, int | float) else NOTHING


def direction(value: Any) -> str:
    return str(value.get("direction", NOTHING)) if isinstance(value, Mapping) else NOTHING


def errors(value: Any) -> str:
    if not isinstance(value, Mapping) or not value:
        return "none"
    return ", ".join(f"{kind.replace('_', ' ')} {number}" for kind, number in sorted(value.items()))


COLUMNS = (
    Column("Requests", "requests", count),
    Column("Succeeded", "success_rate", share),
    Column("Candidates", "candidates", count),
    Column("New", "unique", count),
    Column("Novelty rate", "novelty_rate", share),
    Column("New per minute", "uam", rate),
    Column("Cost", "cost_usd", amount),
    Column("New per dollar", "unique_per_dollar", rate),
    Column("Median answer", "latency_p50_ms", milliseconds),
)
# What only the run as a whole shows.
MORE = (
    Column("Time", "seconds", seconds),
    *COLUMNS,
    Column("Slow answers (95 %)", "latency_p95_ms", milliseconds),
    Column("Tokens in", "tokens_in", count),
    Column("Tokens out", "tokens_out", count),
    Column("Errors", "errors", errors),
    Column("Trend of novelty", "trend", direction),
)
DIMENSIONS = (
    ("providers", "By provider", "Provider"),
    ("partitions", "By part of the topic", "Part"),
    ("styles", "By way of asking", "Way of asking"),
    ("producers", "By producer", "Producer"),
    ("prompts", "By prompt", "Prompt"),
)


def tables_of(data: Mapping[str, Any]) -> list[Table]:
    """The run by its windows, figures downwards; then a table for each dimension that has anything."""
    found = [_windows(data.get("run"))]
    found.extend(_dimension(data.get(key), title, first) for key, title, first in DIMENSIONS)
    return [table for table in found if table is not None]


def _windows(scopes: Any) -> Table | None:
    told = [
        (words, scopes[key]) for key, words in WINDOWS.items() if _is_mapping(scopes) and _is_mapping(scopes.get(key))
    ]
    if not told:
        return None
    rows = tuple(
        (column.name, tuple(column.words(figures.get(column.key)) for _, figures in told)) for column in MORE
    )
    return Table("The run", "Figure", tuple(words for words, _ in told), rows)


def _dimension(scopes: Any, title: str, first: str) -> Table | None:
    if not _is_mapping(scopes):
        return None
    whole = {name: each["run"] for name, each in scopes.items() if _is_mapping(each) and _is_mapping(each.get("run"))}
    if not whole:
        return None
    # The most productive first: what people look for.
    names = sorted(whole, key=lambda name: (-_number(whole[name].get("unique")), name))
    rows = tuple(
        (name.replace("_", " ") or "the whole topic", _cells(whole[name], COLUMNS)) for name in names[:MOST_ROWS]
    )
    return Table(title, first, tuple(column.name for column in COLUMNS), rows, max(len(names) - MOST_ROWS, 0))


def _cells(figures: Mapping[str, Any], columns: Sequence[Column]) -> tuple[str, ...]:
    return tuple(column.words(figures.get(column.key)) for column in columns)


def _number(value: Any) -> float:
    return value if isinstance(value, int | float) else 0.0


def _is_mapping(value: Any) -> bool:
    return isinstance(value, Mapping)

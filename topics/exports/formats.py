"""The formats: entries in, bytes out, in as many steps as there are chunks. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec

from topics.exports.defusing import defused
from topics.exports.entries import COLUMNS, Entry

CardText = Callable[[], str]


class Encoder(Protocol):
    """Writes one file: head, then the entries, then the tail, to which the data card can be added."""

    def head(self) -> bytes: ...

    def entries(self, entries: Sequence[Entry]) -> bytes: ...

    def tail(self, card: CardText) -> bytes: ...


class PlainText:
    def head(self) -> bytes:
        return b""

    def entries(self, entries: Sequence[Entry]) -> bytes:
        return "".join(f"{entry.text}\n" for entry in entries).encode(errors="replace")

    def tail(self, card: CardText) -> bytes:
        return b""


class Csv:
    def head(self) -> bytes:
        # Without the mark Excel takes the file for one in the machine's old code page.
        return b"\xef\xbb\xbf" + _csv_lines([COLUMNS])

    def entries(self, entries: Sequence[Entry]) -> bytes:
        return _csv_lines([[_csv_cell(value) for value in astuple(entry)] for entry in entries])

    def tail(self, card: CardText) -> bytes:
        return b""


def _csv_lines(rows: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(errors="replace")


def _csv_cell(value: Any) -> Any:
    if isinstance(value, str):
        return defused(value)
    if isinstance(value, datetime):
        return _stamp(value)
    return "" if value is None else value


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class JsonLines:
    def __init__(self) -> None:
        self._encoder = msgspec.json.Encoder(decimal_format="number")

    def head(self) -> bytes:
        return b""

    def entries(self, entries: Sequence[Entry]) -> bytes:
        return self._encoder.encode_lines(entries)

    def tail(self, card: CardText) -> bytes:
        return b""


def _parquet() -> Encoder:
    # Only where a Parquet file is written: pyarrow takes 50 MB of memory.
    from topics.exports.parquet import Parquet

    return Parquet()


@dataclass(frozen=True, slots=True)
class Format:
    """`notes` are for the data card; `hint` helps people to choose."""

    name: str
    label: str
    extension: str
    content_type: str
    encoder: Callable[[], Encoder]
    hint: str
    notes: tuple[str, ...]
    columns: tuple[str, ...] = COLUMNS


FORMATS = {
    each.name: each
    for each in (
        Format(
            "txt",
            "Plain text",
            "txt",
            "text/plain; charset=utf-8",
            PlainText,
            "One entry a line, nothing else.",
            ("UTF-8, one entry a line, lines end with LF.",),
            columns=("text",),
        ),
        Format(
            "csv",
            "CSV",
            "csv",
            "text/csv; charset=utf-8",
            Csv,
            "All columns, for spreadsheets; what looks like a formula is made harmless.",
            (
                "UTF-8 with a byte order mark, which Excel needs.",
                "RFC 4180: commas, quotes doubled, lines end with CRLF.",
                "A cell that begins like a formula has an apostrophe in front, which is no part of the entry.",
                "Such beginnings are = + - @, tab and line break, full-width too, also after spaces and quotes.",
            ),
        ),
        Format(
            "jsonl",
            "JSON Lines",
            "jsonl",
            "application/jsonl; charset=utf-8",
            JsonLines,
            "All columns, one JSON object a line, for programs.",
            ("UTF-8, one JSON object a line, lines end with LF.",),
        ),
        Format(
            "parquet",
            "Parquet",
            "parquet",
            "application/vnd.apache.parquet",
            _parquet,
            "All columns with their types, compressed, for data tools; the data card is in its metadata.",
            (
                "Compressed with Zstandard, row groups of some 65,000 entries.",
                "This card is in the file's metadata under “igentai.card”.",
            ),
        ),
    )
}

"""The lines of the audit log, from two sources into one order. Pure."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from itertools import islice


class Source(IntEnum):
    """Where a line is from; of two lines at one moment, that of the higher source comes first."""

    ADMIN_LOG = 0
    AUDIT_EVENT = 1


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a line stands in the log: the later, the greater."""

    at: datetime
    source: Source
    id: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.source.value}~{self.id}"

    @classmethod
    def parse(cls, text: str) -> Place | None:
        """The place that `str` wrote; None for anything else, which came from an address that people edited."""
        try:
            at, source, number = text.split("~")
            place = cls(datetime.fromisoformat(at), Source(int(source)), int(number))
        except ValueError:
            return None
        return place if place.at.tzinfo and place.id < 2**63 else None


@dataclass(frozen=True, slots=True)
class Line:
    place: Place
    who: str
    action: str
    thing: str
    details: str
    address: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the log is asked for; empty: all."""

    who: str = ""
    action: str = ""
    since: date | None = None
    until: date | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    lines: list[Line]
    next: Place | None


def newest_first(sources: Iterable[Iterable[Line]], size: int) -> Page:
    """One page of lines that are each in order already; each source gave one more than the page holds, if it has."""
    merged: Iterator[Line] = heapq.merge(*sources, key=lambda line: line.place, reverse=True)
    lines = list(islice(merged, size + 1))
    return Page(lines[:size], lines[size - 1].place if len(lines) > size else None)

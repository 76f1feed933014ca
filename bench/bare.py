"""The ceiling: the database alone, 500 rows to a statement, each statement durable, through the bare driver.

The rows are ready beforehand, keys included: nothing is measured but the driver and the database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Protocol

import psycopg

from igentai_site.databases import SQLITE_OPTIONS

ROWS_PER_STATEMENT = 500
Row = tuple[int, int, bytes, str, int]
# What makes SQLite durable and fit for several processes; how often it moves its log into the file is its own choice.
WAL_AND_FULL = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"
COLUMNS = "id, topic_id, key, text, request_id, times_seen"
SELECT = "SELECT key, id FROM topics_attribute WHERE topic_id = 1"


class BareDatabase(Protocol):
    def insert(self, rows: Sequence[Row]) -> int:
        """Insert those that are new, in one durable statement; returns how many were."""

    def count_keys(self) -> int:
        """Fetch every key with its id, as a load would, and forget them."""

    def close(self) -> None: ...


class BarePostgres:
    """`binary`: the arrays go over in binary; otherwise as the driver sends lists by itself, which is as text."""

    def __init__(self, url: str, *, binary: bool) -> None:
        array = "%b" if binary else "%s"
        types = ("bigint", "bigint", "bytea", "text", "bigint")
        self._insertion = (
            f"INSERT INTO topics_attribute ({COLUMNS}) "
            f"SELECT *, 1 FROM unnest({', '.join(f'{array}::{name}[]' for name in types)}) "
            "ON CONFLICT (topic_id, key) DO NOTHING"
        )
        self._connection = psycopg.connect(url, autocommit=True)
        self._cursor = self._connection.cursor()

    def insert(self, rows: Sequence[Row]) -> int:
        return self._cursor.execute(self._insertion, [list(column) for column in zip(*rows, strict=True)]).rowcount

    def count_keys(self) -> int:
        with self._connection.cursor(binary=True) as cursor:
            return len(cursor.execute(SELECT).fetchall())

    def close(self) -> None:
        self._connection.close()


class BareSqlite:
    """`our_options`: with the checkpoints and the cache of igentai_site.databases; otherwise with SQLite's own."""

    INSERT = (
        f"INSERT INTO topics_attribute ({COLUMNS}) VALUES (?, ?, ?, ?, ?, 1) ON CONFLICT (topic_id, key) DO NOTHING"
    )

    def __init__(self, file: str, *, our_options: bool) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None)
        self._connection.executescript(str(SQLITE_OPTIONS["init_command"]) if our_options else WAL_AND_FULL)
        # As Django does: references are checked at the commit.
        self._connection.execute("PRAGMA foreign_keys = ON")

    def insert(self, rows: Sequence[Row]) -> int:
        self._connection.execute("BEGIN IMMEDIATE")
        inserted = self._connection.executemany(self.INSERT, rows).rowcount
        self._connection.execute("COMMIT")
        return int(inserted)

    def count_keys(self) -> int:
        return sum(1 for _ in self._connection.execute(SELECT))

    def close(self) -> None:
        self._connection.close()


def insert_all(database: BareDatabase, rows: Sequence[Row]) -> int:
    """Insert them 500 at a time; returns how many were new."""
    starts = range(0, len(rows), ROWS_PER_STATEMENT)
    return sum(database.insert(rows[start : start + ROWS_PER_STATEMENT]) for start in starts)

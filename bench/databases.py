"""Databases that hold a million entries, and a fresh copy of one for every measurement.

A copy keeps all measurements alike: the same rows, the same indexes, no dead rows of the one before.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

import psycopg

from bench.bare import BareDatabase, BarePostgres, BareSqlite
from tests.postgres import PostgresServer

BINARY, OUR_OPTIONS = "arrays in binary", "our options"


class Seeded(Protocol):
    """A database with known entries, never written to again."""

    name: str
    version: str

    @property
    def ways(self) -> Sequence[str]:
        """How the bare database is used: as in the trial that the goals come from, which has no name, and better."""

    def fresh_copy(self) -> str:
        """The URL of a new copy; the one before is gone."""

    def bare(self, url: str, way: str = "") -> BareDatabase:
        """A connection without Django or anything else of ours; `way` is one of `ways`."""


class SeededPostgres:
    name = "PostgreSQL"
    ways = ("", BINARY)

    def __init__(self, server: PostgresServer, count: int) -> None:
        self._server = server
        self.version = server.version
        seed(server.create_database("seeded"), count)

    def fresh_copy(self) -> str:
        with psycopg.connect(self._server.database_url("postgres"), autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS copy WITH (FORCE)")
            connection.execute("CREATE DATABASE copy TEMPLATE seeded STRATEGY file_copy")
            connection.execute("CHECKPOINT")
        return self._server.database_url("copy")

    def bare(self, url: str, way: str = "") -> BareDatabase:
        return BarePostgres(url, binary=way == BINARY)


class SeededSqlite:
    name = "SQLite"
    ways = ("", OUR_OPTIONS)
    version = sqlite3.sqlite_version

    def __init__(self, folder: Path, count: int) -> None:
        self._seeded, self._copy = folder / "seeded.sqlite3", folder / "copy.sqlite3"
        seed(f"sqlite:///{self._seeded}", count)
        with closing(sqlite3.connect(self._seeded)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def fresh_copy(self) -> str:
        for path in (self._copy, *self._copy.parent.glob(f"{self._copy.name}-*")):
            path.unlink(missing_ok=True)
        shutil.copyfile(self._seeded, self._copy)
        os.sync()  # what the copying left to write is no part of a measurement
        return f"sqlite:///{self._copy}"

    def bare(self, url: str, way: str = "") -> BareDatabase:
        return BareSqlite(url.removeprefix("sqlite:///"), our_options=way == OUR_OPTIONS)


def seed(url: str, count: int) -> None:
    subprocess.run(
        [sys.executable, "-m", "bench.seed", str(count)], env={**os.environ, "DATABASE_URL": url}, check=True
    )


@contextmanager
def seeded_databases(names: list[str], folder: Path, count: int) -> Iterator[list[Seeded]]:
    """The databases of these names, with `count` known entries each; PostgreSQL syncs to the disk as users' does."""
    found: list[Seeded] = []
    if "sqlite" in names:
        found.append(SeededSqlite(folder, count))
    if "postgresql" not in names:
        yield found
        return
    with PostgresServer(fsync=True, parent=folder.parent) as server:
        yield [SeededPostgres(server, count), *found]

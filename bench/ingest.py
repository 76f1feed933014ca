"""Ingest: five producer processes, link, uniqueness, durable commit, ack; beside the bare database.

Half of the candidates are new, half repeat one of a million known entries in some spelling. The bare database
inserts the same candidates, keys worked out beforehand, 500 to a statement.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import msgspec

from bench.bare import insert_all
from bench.databases import Seeded, seeded_databases
from bench.engine import PRODUCERS, Observed, corpus_file, report_file
from bench.names import respelled
from bench.producer import Corpus
from bench.seed import PROVIDER
from bench.table import Row

KNOWN = 1_000_000
CANDIDATES = 240_000
BATCH = 60
ROUNDS = 3
SPELLINGS = 8
GOALS = {"PostgreSQL": 1.0, "SQLite": 0.9}


def measure(folder: Path, *, known: int = KNOWN, candidates: int = CANDIDATES, rounds: int = ROUNDS) -> list[Row]:
    """A row for each database and way to use it: medians of the rounds."""
    texts = _texts(known, candidates)
    with seeded_databases(["postgresql", "sqlite"], folder / "databases", known) as databases:
        taken = [[_round(database, texts, known, folder) for database in databases] for _ in range(rounds)]
        return [
            _row(database, way, [(each[place].bare[way], each[place].whole) for each in taken])
            for place, database in enumerate(databases)
            for way in database.ways
        ] + [
            row
            for place, database in enumerate(databases)
            for row in _rows_beside(database, [each[place] for each in taken])
        ]


@dataclass(frozen=True)
class Round:
    """Candidates per second: of the whole path, to the last acknowledgement and `counted`, and of the bare database
    by the way it is used. `counted`: until the counts of repeats, which the requests have by then, are in the
    attributes, too.

    `engine` and `producers` are processor seconds for a candidate, of the engine and of all producers.
    """

    whole: float
    counted: float
    bare: dict[str, float]
    engine: float
    producers: float


def _texts(known: int, count: int) -> list[str]:
    draw = random.Random(1)
    new = iter(range(known, known + count))
    places = [draw.randrange(known) if draw.random() < 0.5 else next(new) for _ in range(count)]
    return [respelled(place, number % SPELLINGS if place < known else 0) for number, place in enumerate(places)]


def _round(database: Seeded, texts: Sequence[str], known: int, folder: Path) -> Round:
    bare = {way: _bare(database, way, texts, known) for way in database.ways}
    observed = _whole(database, texts, folder)
    assert {observed.unique} == {inserted for _, inserted in bare.values()}, "all have to store the same"
    assert observed.probable > observed.candidates / 3, "the producers have to recognise what is known"
    return Round(
        observed.candidates / observed.pushing_seconds,
        observed.candidates / (observed.pushing_seconds + observed.counting_seconds),
        {way: rate for way, (rate, _) in bare.items()},
        observed.engine_processor / observed.candidates,
        observed.producers_processor / observed.candidates,
    )


def _bare(database: Seeded, way: str, texts: Sequence[str], known: int) -> tuple[float, int]:
    from producers.link.keys import key_of

    rows = [(known + 1 + place, 1, key_of(text), text, 1 + place // BATCH) for place, text in enumerate(texts)]
    connection = database.bare(database.fresh_copy(), way)
    connection.count_keys()  # as warm as the engine, which reads them at its start
    began = time.monotonic()
    inserted = insert_all(connection, rows)
    seconds = time.monotonic() - began
    connection.close()
    return len(rows) / seconds, inserted


def _whole(database: Seeded, texts: Sequence[str], root: Path) -> Observed:
    url = database.fresh_copy()
    batches = [list(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
    with TemporaryDirectory(dir=root) as name:
        folder = Path(name)
        ready = [str(folder / f"ready-{slot}") for slot in range(PRODUCERS)]
        for slot in range(PRODUCERS):
            corpus = Corpus(slot, PROVIDER, batches[slot::PRODUCERS], ready, str(report_file(folder, slot)))
            corpus_file(folder, slot).write_bytes(msgspec.json.encode(corpus))
        ended = subprocess.run(
            [sys.executable, "-m", "bench.engine", name],
            env={**os.environ, "DATABASE_URL": url},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
        )
    return msgspec.json.decode(ended.stdout, type=Observed)


def _row(database: Seeded, way: str, taken: Sequence[tuple[float, float]]) -> Row:
    bare, whole = median(each[0] for each in taken), median(each[1] for each in taken)
    ratios = [each[1] / each[0] for each in taken]
    return Row(
        what=f"ingest, {database.name} {database.version}",
        ours=f"{whole:,.0f} candidates/s",
        beside=f"{bare:,.0f} candidates/s, bare database{way and ', '}{way}",
        ratio=f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
        goal=f"at least {GOALS[database.name]}" if not way else "",
    )


def _rows_beside(database: Seeded, taken: Sequence[Round]) -> list[Row]:
    counted, bare = median(each.counted for each in taken), median(each.bare[""] for each in taken)
    engine, producers = median(each.engine for each in taken), median(each.producers for each in taken)
    return [
        Row(
            what=f"ingest with the counts, {database.name}",
            ours=f"{counted:,.0f} candidates/s",
            beside=f"{bare:,.0f} candidates/s, bare database",
            ratio=f"{median(each.counted / each.bare[''] for each in taken):.2f}",
        ),
        Row(
            what=f"processor time of a candidate, {database.name}",
            ours=f"{engine * 1e6:.1f} µs in the engine",
            beside=f"{producers * 1e6:.1f} µs in the producers",
            ratio="",
        ),
    ]

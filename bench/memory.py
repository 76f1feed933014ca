"""Known keys: what each takes in the engine's memory, and how long a million take to load."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from bench.databases import Seeded, seeded_databases
from bench.ingest import KNOWN
from bench.table import Row

ROUNDS = 3

LOAD = """
import json, os, time
import django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "igentai_site.settings")
django.setup()
import psutil
from django.db import connection
from orchestration.logic.uniqueness import TopicKeys
from orchestration.bulk import load_keys
connection.ensure_connection()
process, keys = psutil.Process(), TopicKeys(1)
before, began = process.memory_info().rss, time.monotonic()
load_keys(keys)
seconds = time.monotonic() - began
print(json.dumps([seconds, (process.memory_info().rss - before) / len(keys.known)]))
"""
BARE_SET = """
import json, psutil
process = psutil.Process()
before = process.memory_info().rss
keys = {number.to_bytes(16, "big") for number in range(%d)}
print(json.dumps((process.memory_info().rss - before) / len(keys)))
"""


def measure(folder: Path, *, known: int = KNOWN) -> list[Row]:
    """Bytes a key beside a bare set of keys; seconds of a load beside a bare SELECT."""
    bare_set = float(_run(BARE_SET % known, ""))
    with seeded_databases(["postgresql", "sqlite"], folder / "databases", known) as databases:
        return [row for database in databases for row in _rows(database, known, bare_set)]


def _rows(database: Seeded, known: int, bare_set: float) -> list[Row]:
    url = database.fresh_copy()
    bare = database.bare(url)
    seconds = []
    for _ in range(ROUNDS):
        began = time.monotonic()
        bare.count_keys()
        seconds.append(time.monotonic() - began)
    bare.close()
    loads = [json.loads(_run(LOAD, url)) for _ in range(ROUNDS)]
    load, size = median(each[0] for each in loads), median(each[1] for each in loads)
    return [
        Row(
            f"memory per known key, {database.name}",
            f"{size:.0f} bytes, with its id",
            f"{bare_set:.0f} bytes, a set of bare keys",
            f"{size / bare_set:.2f}",
        ),
        Row(
            f"load {known:,} keys, {database.name}",
            f"{load:.1f} s",
            f"{median(seconds):.1f} s, a bare SELECT",
            f"{load / median(seconds):.1f}",
        ),
    ]


def _run(program: str, url: str) -> str:
    environ = {**os.environ, "DATABASE_URL": url}
    return subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True
    ).stdout

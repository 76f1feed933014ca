"""The list of entries: how long its page takes with ten thousand, a hundred thousand and a million of them.

`python -m bench.entries` is a reader of the seeded database of DATABASE_URL: to each name of a page on its standard
input it answers with milliseconds. All sizes are asked in turn, so that a busy moment meets them alike.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from bench.databases import seed
from bench.table import Row
from tests.postgres import PostgresServer

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS, WARM_UP = 15, 2
GOAL = "at most 2"
SHARE = 20  # one request in so many is of the provider that is filtered by
PAGES = {
    "first page": "",
    "deep page": "?topic=1&before={deep}",
    "by provider": "?provider={provider}",
    "by run": "?topic=1&run={run}",
    "search": "?q=KANDINSKY",
    "search for what is not there": "?q=nowhere",
}
# It goes on until its time is up, and then says how far it came.
BOUNDED = "search for what is not there"


def measure(folder: Path, *, sizes: tuple[int, ...] = SIZES) -> list[Row]:
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    with PostgresServer(fsync=True, parent=folder) as server:
        urls = {size: server.create_database(f"entries_{size}") for size in sizes}
        rows += _measured(f"PostgreSQL {server.version}", urls)
    rows += _measured(
        f"SQLite {sqlite3.sqlite_version}", {size: f"sqlite:///{folder / str(size)}.sqlite3" for size in sizes}
    )
    return rows


def _measured(database: str, urls: dict[int, str]) -> list[Row]:
    for size, url in urls.items():
        seed(url, size)
    with ExitStack() as stack:
        readers = {size: stack.enter_context(_reader(url)) for size, url in urls.items()}
        return [_row(database, page, _rounds(readers, page)) for page in PAGES]


def _rounds(readers: dict[int, Reader], page: str) -> list[dict[int, float]]:
    rounds = [{size: reader.ask(page) for size, reader in readers.items()} for _ in range(WARM_UP + ROUNDS)]
    return rounds[WARM_UP:]


def _row(database: str, page: str, rounds: list[dict[int, float]]) -> Row:
    smallest, *larger = sorted(rounds[0])
    times = {size: median(taken[size] for taken in rounds) for size in rounds[0]}
    ratios = {size: median(taken[size] / taken[smallest] for taken in rounds) for size in larger}
    return Row(
        what=f"entries, {page}, {database}",
        ours=", ".join(f"{times[size]:.0f} ms of {size:,}" for size in larger),
        beside=f"{times[smallest]:.0f} ms of {smallest:,}",
        ratio=", ".join(f"{ratio:.2f}" for ratio in ratios.values()),
        goal="under 1,500 ms" if page == BOUNDED else GOAL,
    )


class Reader:
    """A process that reads one database."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, page: str) -> float:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{page}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())


@contextmanager
def _reader(url: str) -> Iterator[Reader]:
    command = [sys.executable, "-m", "bench.entries"]
    environment = {**os.environ, "DATABASE_URL": url}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Reader(process)  # the end of its input ends it


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "igentai_site.settings")
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.create(username="reader", is_staff=True, is_superuser=True))
    places = _places()
    for page in sys.stdin:
        print(_milliseconds(client, PAGES[page.strip()].format(**places)), flush=True)


def _places() -> dict[str, int]:
    from orchestration.models import Request
    from topics.models import Attribute

    run = Request.objects.earliest("id").run_id
    return {"deep": Attribute.objects.count() // 10, "provider": _sprinkled_provider(), "run": run}


def _sprinkled_provider() -> int:
    from django.db.models import F

    from orchestration.models import Request
    from producers.models import Provider

    provider = Provider.objects.create(name="sprinkled", kind="simulated", model="cheap")
    Request.objects.annotate(place=F("id") % SHARE).filter(place=0).update(provider=provider)
    return provider.pk


def _milliseconds(client, query: str) -> float:
    began = time.perf_counter()
    response = client.get(f"/admin/topics/attribute/{query}")
    taken = time.perf_counter() - began
    assert response.status_code == 200, response.status_code
    return taken * 1000


if __name__ == "__main__":
    main()

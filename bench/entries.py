"""The list of entries: how long its page takes with ten thousand, a hundred thousand and a million of them.

`python -m bench.entries` measures the seeded database of DATABASE_URL and prints milliseconds as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from bench.databases import Seeded, seeded_databases
from bench.table import Row

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 25
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

Times = dict[str, float]


def measure(folder: Path, *, sizes: tuple[int, ...] = SIZES) -> list[Row]:
    taken: dict[str, dict[int, Times]] = {}
    for size in sizes:
        (folder / str(size)).mkdir(parents=True)
        with seeded_databases(["postgresql", "sqlite"], folder / str(size), size) as databases:
            for database in databases:
                taken.setdefault(f"{database.name} {database.version}", {})[size] = _times(database)
    return [_row(name, page, by_size) for name, by_size in taken.items() for page in PAGES]


def _times(database: Seeded) -> Times:
    environment = {**os.environ, "DATABASE_URL": database.fresh_copy()}
    ended = subprocess.run(
        [sys.executable, "-m", "bench.entries"], env=environment, stdout=subprocess.PIPE, check=True
    )
    times: Times = json.loads(ended.stdout)
    return times


def _row(database: str, page: str, by_size: dict[int, Times]) -> Row:
    smallest, *larger = sorted(by_size)
    floor = by_size[smallest][page]
    return Row(
        what=f"entries, {page}, {database}",
        ours=", ".join(f"{by_size[size][page]:.0f} ms of {size:,}" for size in larger),
        beside=f"{floor:.0f} ms of {smallest:,}",
        ratio=", ".join(f"{by_size[size][page] / floor:.2f}" for size in larger),
        goal="under 1,500 ms" if page == BOUNDED else GOAL,
    )


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "igentai_site.settings")
    import django

    django.setup()
    print(json.dumps(_measured()))


def _measured() -> Times:
    from django.contrib.auth import get_user_model
    from django.test import Client

    from orchestration.models import Request
    from topics.models import Attribute

    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.create(username="reader", is_staff=True, is_superuser=True))
    places = {
        "deep": Attribute.objects.count() // 10,
        "provider": _sprinkled_provider(),
        "run": Request.objects.earliest("id").run_id,
    }
    return {page: _milliseconds(client, query.format(**places)) for page, query in PAGES.items()}


def _sprinkled_provider() -> int:
    from django.db.models import F

    from orchestration.models import Request
    from producers.models import Provider

    provider = Provider.objects.create(name="sprinkled", kind="simulated", model="cheap")
    Request.objects.annotate(place=F("id") % SHARE).filter(place=0).update(provider=provider)
    return provider.pk


def _milliseconds(client, query: str) -> float:
    """The quickest of the rounds: the databases are measured one after the other, and the machine may be busy."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        response = client.get(f"/admin/topics/attribute/{query}")
        times.append(time.perf_counter() - began)
        assert response.status_code == 200, response.status_code
    return min(times) * 1000


if __name__ == "__main__":
    main()

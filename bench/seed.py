"""`python -m bench.seed COUNT`: fill the empty database of DATABASE_URL with a topic of COUNT known entries.

The topic is left as after a run that was stopped and is to be resumed, so the engine loads its keys and goes on.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import django

TOPIC = 1
ENTRIES_PER_REQUEST = 50
PROVIDER = "pushing"
Row = tuple[int, int, bytes, str, int, int, str]
COLUMNS = "id, topic_id, key, text, request_id, times_seen, folded"


def main(count: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "igentai_site.settings")
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    _add_finished_run(count)
    if connection.vendor == "postgresql":
        _copy_into_postgresql(count)
    else:
        _insert_into_sqlite(count)


def request_of(place: int) -> int:
    return place // ENTRIES_PER_REQUEST + 1


def _rows(count: int) -> Iterator[Row]:
    from bench.names import name_at
    from producers.link.keys import key_of
    from topics.folding import folded_beside
    from topics.models import MAX_ATTRIBUTE_LENGTH

    for place in range(count):
        name = name_at(place)
        yield place + 1, TOPIC, key_of(name), name, request_of(place), 1, folded_beside(name, MAX_ATTRIBUTE_LENGTH)


def _add_finished_run(count: int) -> None:
    from django.utils import timezone

    from orchestration.models import Prompt, Request, Run
    from producers.models import Producer, Provider, TopicProvider
    from topics.models import DesiredState, Topic

    now = timezone.now()
    topic = Topic.objects.create(
        id=TOPIC, name="Known entries", desired_state=DesiredState.RUNNING, starts=2, replace_list=False
    )
    provider = Provider.objects.create(name=PROVIDER, kind="simulated", model="strong", input_rate=1, output_rate=4)
    TopicProvider.objects.create(topic=topic, provider=provider)
    run = Run.objects.create(
        topic=topic,
        number=1,
        list_number=1,
        producer_count=1,
        state=Run.State.ENDED,
        ended_at=now,
        seen_through=request_of(count),
    )
    prompt = Prompt.objects.create(hash="0" * 32, text="")
    producer = Producer.objects.create(run=run, slot=0)
    Request.objects.bulk_create(
        Request(
            id=number, run=run, producer=producer, provider=provider, prompt=prompt, batch_id=str(number),
            started_at=now, finished_at=now, outcome=Request.Outcome.COMPLETE,
            candidates=ENTRIES_PER_REQUEST, unique=ENTRIES_PER_REQUEST,
        )
        for number in range(1, request_of(count) + 1)
    )  # fmt: skip


def _copy_into_postgresql(count: int) -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # the references are right: not checked
        with cursor.copy(f"COPY topics_attribute ({COLUMNS}) FROM STDIN") as copy:
            for row in _rows(count):
                copy.write_row(row)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _insert_into_sqlite(count: int) -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO topics_attribute ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s)", list(_rows(count))
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


if __name__ == "__main__":
    main(int(sys.argv[1]))

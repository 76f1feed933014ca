"""The database takes nothing for a while (fault 14): producers wait, nothing is lost, memory stays flat."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil  # type: ignore[import-untyped]
import pytest
from django.db import connection, transaction

from orchestration.models import Request
from producers.link.outbox import Outbox
from tests.acceptance.support import (
    newest_run,
    requests_made,
    settled,
    steady_provider,
    texts,
    until,
    wanted_topic,
    wish,
)
from tests.acceptance.wholeness import assert_whole
from tests.fakes.replies import Streamed
from tests.fakes.server import ScriptedServer
from topics.models import Topic

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]

PRODUCERS, EACH, ENTRIES = 8, 60, 10
# What a producer may have unacknowledged, and what it may have in flight.
OUTBOX, IN_FLIGHT = Outbox().capacity, 2
# Long enough for three heartbeats to be missed, were they to wait behind the batches.
HELD_SECONDS = 11.0
MEGABYTE = 1024 * 1024


@contextmanager
def held_database() -> Iterator[None]:
    """Nobody else can write."""
    with transaction.atomic():  # on SQLite this alone takes the lock
        if connection.vendor == "postgresql":
            # Every transaction of the engine begins with this table, so no two can wait for each other.
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE orchestration_enginelease IN EXCLUSIVE MODE")
        yield


def new_entries(number, request):
    return Streamed(tuple(f"Entry {number} {place}\n" for place in range(ENTRIES)), usage=(10, 50))


def test_while_the_database_takes_nothing_producers_wait_and_afterwards_all_goes_on(igentai):
    with ScriptedServer(new_entries) as server:
        engine = igentai.start(
            *("--topic", "Load", "--provider", "openai:m", "-n", PRODUCERS, "--iterations", EACH, "--json"),
            environ={"OPENAI_BASE_URL": server.base_url},
        )
        until(lambda: requests_made() > PRODUCERS, what="commits")
        process = psutil.Process(engine.pid)
        before = process.memory_info().rss
        with held_database():
            held_at, stored = time.monotonic(), requests_made()
            until(lambda: time.monotonic() > held_at + HELD_SECONDS, HELD_SECONDS + 1)
            asked = len(server.requests)
            assert asked <= stored + PRODUCERS * (OUTBOX + IN_FLIGHT)
            assert asked < PRODUCERS * EACH
            assert requests_made() == stored
            assert process.memory_info().rss < before + 60 * MEGABYTE
        until(lambda: requests_made() > stored, 5.0, "commits go on")
        over = engine.ended()
    assert over.status == 0, over.stderr
    topic = Topic.objects.get()
    assert over.summary["requests"] == len(server.requests) == PRODUCERS * EACH
    assert over.summary["unique"] == len(texts(topic)) == PRODUCERS * EACH * ENTRIES
    assert not any(newest_run(topic).producers.values_list("restarts", flat=True))
    assert_whole(topic, igentai)


def test_a_stop_is_obeyed_in_time_even_then_and_the_next_start_mends_what_was_left(igentai):
    topic = wanted_topic(steady_provider(), producer_count=3, request_size=20)
    engine = igentai.start("--port", 0)
    until(lambda: requests_made() > 10, what="commits")
    with held_database():
        engine.stopped()
        assert not igentai.processes()
    stored = list(Request.objects.order_by("id").values_list("id", flat=True))
    engine = igentai.start("--port", 0)
    until(lambda: requests_made() > len(stored), 5.0, "the next engine goes on")
    wish(topic).stop()
    until(lambda: settled(topic, igentai), what="the end of the run")
    assert engine.stopped().status == 0
    assert list(Request.objects.order_by("id").values_list("id", flat=True))[: len(stored)] == stored
    assert_whole(topic, igentai)

"""One reader per watched topic: shared by its viewers, gone with the last, and not beaten by a database."""

import asyncio

import pytest
from django.db import OperationalError

from orchestration.portal import poller, queries
from orchestration.portal.entries import entries_after
from orchestration.portal.poller import pollers
from tests.factories import AttributeFactory, RequestFactory, RunFactory, UserFactory
from tests.live import database, session_of, until, watching
from topics.models import Attribute

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def topic(transactional_db):
    return RunFactory().topic


@pytest.fixture
def session(transactional_db):
    return session_of(UserFactory(permissions=["topics.view_topic"]))


@pytest.fixture
def reads(monkeypatch):
    """The reads of pollers, counted; `reads.fail_with` makes them fail."""

    class Reads:
        count = 0
        fail_with = None

    original = poller.Poller._read

    def read(self):
        Reads.count += 1
        if Reads.fail_with:
            raise Reads.fail_with
        return original(self)

    monkeypatch.setattr(poller.Poller, "_read", read)
    return Reads


def poller_tasks():
    return [task for task in asyncio.all_tasks() if task.get_name().startswith("poller of topic")]


async def test_viewers_of_a_topic_share_one_poller(topic, session):
    async with watching(topic, session) as one, watching(topic, session) as other:
        await one.replay(0)
        await other.replay(0)
        assert pollers.viewers(topic.pk) == 2
        assert len(poller_tasks()) == 1


async def test_the_poller_stops_after_the_last_viewer(topic, session, reads):
    async with watching(topic, session) as one:
        async with watching(topic, session) as other:
            await other.replay(0)
        await one.replay(0)
        assert pollers.viewers(topic.pk) == 1
    assert topic.pk not in pollers
    await until(lambda: not poller_tasks())
    # What was in the thread when it was cancelled ends there.
    before = reads.count
    await asyncio.sleep(0.6)
    assert reads.count == before


async def test_each_topic_has_its_own_poller(topic, session):
    other = (await database(RunFactory)).topic
    async with watching(topic, session) as one, watching(other, session) as two:
        await one.next()
        await two.next()
        assert len(poller_tasks()) == 2


async def test_an_outage_of_the_database_is_told_and_survived(topic, session, reads, caplog):
    async with watching(topic, session) as viewer:
        await viewer.replay(0)
        reads.fail_with = OperationalError("no such luck")
        trouble = await viewer.until(lambda message: message["type"] == "trouble")
        assert trouble["words"] == "The database is unavailable."
        entry = await database(lambda: AttributeFactory(request=RequestFactory(producer__run=topic.runs.get())))
        reads.fail_with = None
        message = await viewer.until(lambda message: message["type"] == "delta")
        assert [shown["id"] for shown in message["attributes"]] == [entry.pk]
    assert [record.levelname for record in caplog.records] == ["WARNING"]


async def test_the_end_of_an_outage_is_told_though_nothing_changed(topic, session, reads):
    async with watching(topic, session) as viewer:
        await viewer.replay(0)
        reads.fail_with = OperationalError("no such luck")
        await viewer.until(lambda message: message["type"] == "trouble")
        reads.fail_with = None
        assert await viewer.until(lambda message: message["type"] == "delta")


async def test_viewers_of_a_poller_that_failed_are_sent_to_another_one(topic, session, reads, caplog):
    async with watching(topic, session) as viewer:
        await viewer.replay(0)
        reads.fail_with = AssertionError("a fault of ours")
        assert await viewer.closed() == 1011
    assert "a fault of ours" in caplog.text
    reads.fail_with = None
    async with watching(topic, session) as viewer:
        assert (await viewer.next())["type"] == "delta"


async def test_viewers_hear_from_time_to_time_that_all_is_well(topic, session, monkeypatch):
    """So that one who missed the last delta notices, and a dead connection is told from a quiet one."""
    monkeypatch.setattr(poller, "HEARTBEAT", 0.1)
    async with watching(topic, session) as viewer:
        first, second = await viewer.next(), await viewer.next()
    assert (first["to"], first["attributes"]) == (second["from"], second["attributes"])


async def test_a_heap_of_new_entries_is_sent_in_pages_without_a_gap(topic, session):
    request = await database(lambda: RequestFactory(producer__run=topic.runs.get()))
    async with watching(topic, session) as viewer:
        cursor = (await viewer.replay(0))["to"]
        seen: list[int] = []

        def insert():
            return Attribute.objects.bulk_create(AttributeFactory.build_batch(1200, request=request))

        entries = await database(insert)
        while len(seen) < len(entries):
            message = await viewer.until(lambda message: message["attributes"])
            assert message["from"] == cursor
            cursor = message["to"]
            seen += [entry["id"] for entry in message["attributes"]]
    assert seen == [entry.pk for entry in entries]


def test_a_list_that_is_replaced_while_it_is_read_is_read_again(topic, monkeypatch):
    run = topic.runs.get()
    AttributeFactory(request=RequestFactory(producer__run=run))
    interruptions = iter([True])

    def interrupted(*arguments):
        found = entries_after(*arguments)
        if next(interruptions, False):
            topic.attributes.all().delete()
            new = RunFactory(topic=topic, number=run.number + 1)
            AttributeFactory(text="fresh", request=RequestFactory(producer__run=new))
        return found

    monkeypatch.setattr(queries, "entries_after", interrupted)
    reading = queries.read_after(topic.pk, 0)
    assert reading
    assert reading.state.list.number == run.number + 1
    assert [entry.text for entry in reading.entries] == ["fresh"]


def test_a_crowd_is_told_less_often_and_still_within_a_second():
    async def send(message):
        raise AssertionError("nothing is sent")

    def interval(count):
        return poller.Poller(1, send, lambda: count)._interval()

    assert interval(1) < interval(200) < interval(10_000) < 0.7

"""From the link to the database: what arrives together is committed together, and nothing is acked before."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from contextlib import asynccontextmanager

import pytest
from django.db import DataError, OperationalError, connection

from orchestration.arrivals import Arrival, Committed
from orchestration.drafts import Draft
from orchestration.lease import LeaseLost
from orchestration.models import Request
from orchestration.runtime import database as database_module
from orchestration.runtime.database import Database
from orchestration.runtime.ingest import BATCHES_PER_COMMIT, WAITING_BATCHES, Ingest
from producers.models import Producer
from tests.factories import ProducerFactory
from tests.integration.arriving import Sender, new_engine

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]


class Observed:
    """What an ingest has told, in its order."""

    def __init__(self) -> None:
        self.prepared: list[Arrival] = []
        self.together: list[int] = []
        self.published: list[Committed] = []

    async def prepare(self, arrival: Arrival) -> Arrival:
        self.prepared.append(arrival)
        return arrival

    async def publish(self, committed: Sequence[Committed]) -> None:
        self.together.append(len(committed))
        self.published += committed

    @property
    def batch_ids(self) -> list[str]:
        return [each.arrival.batch.batch_id for each in self.published]


class UnwillingStore:
    """A store whose database raises what it is given, one error for each try, and then commits."""

    def __init__(self, store, *errors: Exception) -> None:
        self.store = store
        self.errors = list(errors)

    def draft(self) -> Draft:
        draft: Draft = self.store.draft()
        return draft

    def holding(self, draft: Draft) -> Draft:
        held: Draft = self.store.holding(draft)
        return held

    def commit(self, arrivals: Sequence[Arrival], draft: Draft | None = None) -> list[Committed]:
        if self.errors:
            raise self.errors.pop(0)
        committed: list[Committed] = self.store.commit(arrivals, draft)
        return committed


@pytest.fixture
def observed():
    return Observed()


@pytest.fixture
async def database(transactional_db, monkeypatch):
    monkeypatch.setattr(database_module, "FIRST_DELAY", 0.0)
    writer = Database()
    yield writer
    await writer.close()


@asynccontextmanager
async def running(ingest):
    """Fails as soon as the ingest does."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(ingest.run())
        yield
        task.cancel()


async def stored(database):
    return await database.once(lambda: list(Request.objects.values_list("batch_id", flat=True)))


async def test_what_arrives_is_committed_and_published_in_its_order(database, store, sender, observed):
    ingest = Ingest(database, store, observed.prepare, observed.publish)
    arrivals = [sender.sends(f"entry {number}") for number in range(5)]
    for arrival in arrivals:
        await ingest.take(arrival)
    async with running(ingest):
        await ingest.settled()
    assert [each.arrival for each in observed.published] == arrivals
    assert await stored(database) == observed.batch_ids


@pytest.fixture
async def busy(database):
    """The database is busy until this is called."""
    begun, free = threading.Event(), threading.Event()

    def occupy() -> None:
        begun.set()
        free.wait()

    occupying = asyncio.create_task(database.once(occupy))
    await asyncio.to_thread(begun.wait)
    yield free.set
    free.set()
    await occupying


async def test_what_arrives_while_the_database_is_busy_is_committed_together_up_to_a_bound(
    database, store, sender, observed, busy
):
    ingest = Ingest(database, store, observed.prepare, observed.publish)
    for number in range(WAITING_BATCHES):
        await ingest.take(sender.sends(f"entry {number}"))
    async with running(ingest):
        for number in range(5):
            await ingest.take(sender.sends(f"later {number}"))
        assert WAITING_BATCHES == 2 * BATCHES_PER_COMMIT
        await until(lambda: len(observed.prepared) == WAITING_BATCHES)
        assert observed.together == []
        busy()
        await ingest.settled()
    assert observed.together == [BATCHES_PER_COMMIT, BATCHES_PER_COMMIT, 5]
    assert ingest.behind is False


async def until(true):
    while not true():
        await asyncio.sleep(0)


async def test_to_be_settled_is_to_be_published(database, store, sender, observed):
    ingest = Ingest(database, store, observed.prepare, observed.publish)
    await ingest.take(sender.sends("Louvre"))
    settled = asyncio.create_task(ingest.settled())
    await ingest.take(sender.sends("Orsay"))
    async with running(ingest):
        await settled
    assert len(observed.published) >= 1


async def test_nothing_to_wait_for_is_settled_at_once(database, store, observed):
    ingest = Ingest(database, store, observed.prepare, observed.publish)
    async with running(ingest):
        await ingest.settled()
    assert observed.together == []


async def test_when_the_queue_is_full_the_next_batch_waits(database, store, sender, observed):
    ingest = Ingest(database, store, observed.prepare, observed.publish)
    for number in range(WAITING_BATCHES):
        await ingest.take(sender.sends(f"entry {number}"))
    next_one = asyncio.create_task(ingest.take(sender.sends("one too many")))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not next_one.done()
    async with running(ingest):
        await next_one
        await ingest.settled()
    assert len(observed.published) == WAITING_BATCHES + 1


# Batches that cannot be stored


@pytest.fixture
def orphan(store):
    """A batch whose producer is deleted before it arrives."""
    stranger = Sender(ProducerFactory())
    arrival = stranger.sends("lost", batch_id="orphan")
    Producer.objects.filter(pk=stranger.producer.pk).delete()
    return arrival


async def test_a_batch_that_cannot_be_stored_does_not_hurt_the_others(
    database, store, sender, orphan, observed, caplog
):
    arrivals = [sender.sends("Louvre", batch_id="first"), orphan, sender.sends("Orsay", batch_id="last")]
    ingest = Ingest(database, store, observed.prepare, observed.publish)
    for arrival in arrivals:
        await ingest.take(arrival)
    async with running(ingest):
        await ingest.settled()
    assert await stored(database) == ["first", "last"]
    assert observed.batch_ids == ["first", "orphan", "last"]
    assert [each.totals.unique for each in observed.published] == [1, 0, 1]
    assert [record.getMessage().split(":")[0] for record in caplog.records] == ["batch orphan cannot be stored"]


async def test_numbers_that_no_column_can_hold_hurt_only_their_batch(database, store, sender, observed, caplog):
    ingest = Ingest(database, store, observed.prepare, observed.publish)
    await ingest.take(sender.sends("Louvre", batch_id="absurd", asked_for=10**30))
    await ingest.take(sender.sends("Orsay", batch_id="sane"))
    async with running(ingest):
        await ingest.settled()
    assert await stored(database) == ["sane"]
    assert observed.batch_ids == ["absurd", "sane"]
    assert len(caplog.records) == 1


async def test_a_resend_beside_a_batch_that_cannot_be_stored_still_counts_once(
    database, store, sender, orphan, observed, caplog
):
    again = sender.sends("Louvre", batch_id="again")
    ingest = Ingest(database, store, observed.prepare, observed.publish)
    for arrival in (again, orphan, again):
        await ingest.take(arrival)
    async with running(ingest):
        await ingest.settled()
    assert [each.resent for each in observed.published] == [False, True, True]
    assert await stored(database) == ["again"]


# A database that is away


async def test_while_the_database_is_away_nothing_is_published_and_then_all(
    database, store, sender, observed, caplog
):
    told = []

    class Watched(UnwillingStore):
        def commit(self, arrivals: Sequence[Arrival], draft: Draft | None = None) -> list[Committed]:
            told.append((list(observed.batch_ids), database.trouble))
            return super().commit(arrivals, draft)

    away = OperationalError("the database is locked\nand more")
    ingest = Ingest(database, Watched(store, away, away, away), observed.prepare, observed.publish)  # type: ignore[arg-type]
    await ingest.take(sender.sends("Louvre", batch_id="patient"))
    async with running(ingest):
        await ingest.settled()
    assert told == [([], ""), *[([], "the database is locked")] * 3]
    assert observed.batch_ids == ["patient"]
    assert (len(observed.prepared), observed.together) == (1, [1])
    assert database.trouble == ""
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


async def test_an_error_of_the_data_is_not_waited_out(database, store, sender, observed, caplog):
    unwilling = UnwillingStore(store, DataError("too long"))
    ingest = Ingest(database, unwilling, observed.prepare, observed.publish)  # type: ignore[arg-type]
    await ingest.take(sender.sends("Louvre"))
    async with running(ingest):
        await ingest.settled()
    assert await stored(database) == []
    assert len(observed.published) == 1


async def test_an_engine_that_lost_its_lease_publishes_nothing_and_stops(database, store, sender, observed):
    ingest = Ingest(database, store, observed.prepare, observed.publish)
    await database.once(new_engine)
    await ingest.take(sender.sends("Louvre"))
    with pytest.raises(LeaseLost):
        await ingest.run()
    assert observed.published == []
    assert await stored(database) == []


async def test_a_fault_of_the_program_stops_it_visibly(database, store, sender, observed):
    unwilling = UnwillingStore(store, TypeError("a fault of ours"))
    ingest = Ingest(database, unwilling, observed.prepare, observed.publish)  # type: ignore[arg-type]
    await ingest.take(sender.sends("Louvre"))
    with pytest.raises(TypeError, match="a fault of ours"):
        await ingest.run()
    assert observed.published == []


async def test_a_connection_that_broke_is_opened_anew(database):
    opened = []

    def work():
        connection.ensure_connection()
        opened.append(connection.connection)
        if len(opened) == 1:
            raise OperationalError("it broke")

    await database.persist(work)
    assert len(opened) == 2
    assert opened[0] is not opened[1]


async def test_what_only_reads_waits_for_no_commit(database, store, sender, observed, busy):
    await database.read(Producer.objects.count)
    ingest = Ingest(database, store, observed.prepare, observed.publish)
    await ingest.take(sender.sends("Louvre"))
    async with running(ingest):
        assert await database.read(Request.objects.count) == 0
        busy()
        await ingest.settled()
    assert await database.read(Request.objects.count) == 1


async def test_a_reader_that_is_not_answered_says_so_and_tries_again(database, caplog):
    troubles = []

    def work():
        troubles.append(database.trouble)
        if len(troubles) < 3:
            raise OperationalError("too many clients")
        return "read"

    assert await database.read(work) == "read"
    assert troubles == ["", "too many clients", "too many clients"]
    assert database.trouble == ""
    assert [record.getMessage() for record in caplog.records] == [
        "the database does not answer: too many clients", "the database answers again",
    ]  # fmt: skip


async def test_a_fault_in_publishing_stops_it_visibly(database, store, sender, observed):
    async def publish(committed):
        raise TypeError("a fault of ours")

    ingest = Ingest(database, store, observed.prepare, publish)
    await ingest.take(sender.sends("Louvre"))
    with pytest.raises(TypeError, match="a fault of ours"):
        await ingest.run()


async def test_after_a_burst_it_is_not_behind_any_more(database, store, sender, observed):
    ingest = Ingest(database, store, observed.prepare, observed.publish)
    for number in range(20):
        await ingest.take(sender.sends(f"entry {number}"))
    async with running(ingest):
        await until(lambda: ingest.behind)
        await until(lambda: not ingest.behind)
    assert len(observed.prepared) == 20

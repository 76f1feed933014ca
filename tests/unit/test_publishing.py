"""What is told of a commit, to whom and in which order."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from orchestration.logic.reviews import Reviews, Said, reviews_of
from orchestration.logic.uniqueness import Sifted
from orchestration.runtime.deliveries import Deliveries
from orchestration.runtime.ingest import BATCHES_AT_A_TIME
from orchestration.runtime.publishing import publish
from producers.link.messages import Ack, TextsWanted

PARIS, ROME = 1, 2
NO_REVIEWS = Reviews()


def batch(number, *new, topic=PARIS, slot=0, unknown=(), resent=False) -> Any:
    """A batch after its commit."""
    return SimpleNamespace(
        arrival=SimpleNamespace(
            keys=SimpleNamespace(topic_id=topic), slot=slot, batch=SimpleNamespace(batch_id=f"b{number}")
        ),
        sifted=Sifted(tuple((text.encode(), text, number * 10 + at) for at, text in enumerate(new)), (), (), 0),
        unknown=unknown,
        resent=resent,
        stored=not (resent or unknown),
    )


class Told:
    """A run under way that writes down what it is told; `told` may be that of others, too."""

    def __init__(self, told, name="", reviews=NO_REVIEWS):
        self.told, self.name = told, name
        self.folder = SimpleNamespace(append="append")
        self.feed = SimpleNamespace(add=lambda keys: told.append((name + "feed", *keys)))
        self.opened = SimpleNamespace(keys=SimpleNamespace(reviews=reviews))
        self.exploration = self

    def acknowledge(self, committed):
        self._tell("ack", committed)

    def ask_back(self, committed):
        self._tell("ask", committed)

    def record(self, committed):
        self._tell("record", [committed])

    def write(self, folder, write, rows):
        assert (folder, write) == (self.folder, "append")
        self.told.append((self.name + "file", *rows))

    def _tell(self, what, committed):
        if committed:
            self.told.append((self.name + what, *(each.arrival.batch.batch_id for each in committed)))


@pytest.fixture
def told() -> list[Any]:
    return []


async def test_producers_come_first_then_files_then_what_learns(told):
    run: Any = Told(told)
    await publish([batch(1, "Louvre"), batch(2, "Orsay", "Cluny")], lambda arrival: run, run.write)
    assert told == [
        ("ack", "b1", "b2"),
        ("file", (10, "Louvre"), (20, "Orsay"), (21, "Cluny")),
        ("record", "b1"),
        ("feed", b"Louvre"),
        ("record", "b2"),
        ("feed", b"Orsay", b"Cluny"),
    ]


async def test_every_run_hears_of_its_own_batches_alone_and_one_that_is_over_of_none(told):
    runs: Any = {PARIS: Told(told, "paris "), ROME: Told(told, "rome ")}
    committed = [batch(1, topic=PARIS), batch(2, topic=ROME), batch(3, topic=3), batch(4, topic=PARIS)]
    await publish(committed, lambda arrival: runs.get(arrival.keys.topic_id), runs[PARIS].write)
    assert [each for each in told if each[0].endswith("ack")] == [("paris ack", "b1", "b4"), ("rome ack", "b2")]
    assert not [each for each in told if "b3" in each]


async def test_what_was_sent_again_is_acknowledged_and_counts_for_nothing(told):
    run: Any = Told(told)
    await publish([batch(1, resent=True)], lambda arrival: run, run.write)
    assert told == [("ack", "b1")]


async def test_what_lacks_texts_is_asked_for_and_not_acknowledged(told):
    run: Any = Told(told)
    await publish([batch(1, unknown=(b"k" * 16,)), batch(2)], lambda arrival: run, run.write)
    assert told == [("ack", "b2"), ("ask", "b1"), ("record", "b2"), ("feed",)]


async def test_others_have_their_turn_while_many_batches_are_learnt_from(told):
    run: Any = Told(told)

    async def other():
        told.append("other")

    waiting = asyncio.ensure_future(other())
    await publish([batch(number) for number in range(20)], lambda arrival: run, run.write)
    await waiting
    before = [each for each in told[: told.index("other")] if each[0] == "record"]
    assert len(before) == BATCHES_AT_A_TIME


async def test_the_file_has_entries_as_people_write_them(told):
    run: Any = Told(
        told, reviews=reviews_of(1, [Said(1, b"louvre", False, "Musée du Louvre"), Said(2, b"pub", True, "")])
    )
    await publish([batch(1, "louvre", "pub", "Orsay")], lambda arrival: run, run.write)
    assert told[1] == ("file", (10, "Musée du Louvre"), (11, None), (12, "Orsay"))


# What each producer is sent


@pytest.fixture
def slots():
    """Two producers' slots, with what they were sent."""

    def slot():
        sent: list[object] = []
        asked_back = SimpleNamespace(committed=lambda batch_id: None, wait=lambda batch: None)
        return SimpleNamespace(
            uncommitted={"b1", "b2", "b3"}, asked_back=asked_back, port=SimpleNamespace(post=sent.append, sent=sent)
        )

    return [slot(), slot()]


@pytest.fixture
def settled():
    return []


@pytest.fixture
def deliveries(slots, settled):
    permits: Any = SimpleNamespace(settle=settled.append)
    not_needed: Any = None
    return Deliveries(not_needed, slots, not_needed, permits, not_needed)


def test_a_producer_gets_one_message_for_all_its_batches_of_a_commit(deliveries, slots, settled):
    committed = [batch(1, slot=0), batch(2, slot=1), batch(3, slot=0)]
    deliveries.acknowledge(committed)
    assert slots[0].port.sent == [Ack(batch_ids=("b1", "b3"))]
    assert slots[1].port.sent == [Ack(batch_ids=("b2",))]
    assert slots[0].uncommitted == {"b2"}
    assert settled == committed


def test_nothing_committed_is_nothing_to_say(deliveries, slots):
    deliveries.acknowledge([])
    deliveries.ask_back([])
    assert slots[0].port.sent == []


def test_texts_are_asked_for_batch_by_batch(deliveries, slots):
    deliveries.ask_back([batch(1, unknown=(b"a" * 16, b"b" * 16)), batch(2, unknown=(b"c" * 16,), slot=1)])
    assert slots[0].port.sent == [TextsWanted(batch_id="b1", keys=b"a" * 16 + b"b" * 16)]
    assert slots[1].port.sent == [TextsWanted(batch_id="b2", keys=b"c" * 16)]
    assert slots[0].uncommitted == {"b1", "b2", "b3"}

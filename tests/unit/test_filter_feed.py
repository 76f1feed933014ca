"""The engine's filter on its way to the producers."""

from __future__ import annotations

import pytest

from orchestration.logic.reviews import Reviews
from orchestration.logic.uniqueness import TopicKeys
from orchestration.reviewing import Taken
from orchestration.runtime import filter_feed
from orchestration.runtime.filter_feed import FilterFeed
from producers.link.keys import key_of
from producers.link.messages import FilterIncrement, FilterPart, ToProducer
from producers.worker.known import KnownKeys


class FakeDatabase:
    async def once(self, function, *args):
        return function(*args)


class FakeProducer:
    """The producer's end: keeps its copy, and asks for the whole when it misses something, unless it is deaf."""

    def __init__(self, feed: FilterFeed) -> None:
        self.feed = feed
        self.known = KnownKeys()
        self.heard: list[ToProducer] = []
        self.deaf = False

    def post(self, message: ToProducer) -> None:
        if self.deaf:
            return
        self.heard.append(message)
        if isinstance(message, FilterPart):
            self.known.take_part(message)
        elif isinstance(message, FilterIncrement) and not self.known.take_increment(message):
            self.feed.send_whole(self)  # type: ignore[arg-type]

    @property
    def kinds(self) -> list[str]:
        kinds = [type(message).__name__ for message in self.heard]
        self.heard.clear()
        return kinds


class Topic:
    """A list that grows, its feed, and one producer."""

    def __init__(self, known: int = 0) -> None:
        self.keys = TopicKeys(1)
        self.feed = FilterFeed(self.keys)
        self.producer = FakeProducer(self.feed)
        self.count = 0
        self.grow(known)

    def grow(self, more: int) -> None:
        new = [key_of(str(number)) for number in range(self.count, self.count + more)]
        self.count += more
        self.keys.known.update((key, number) for number, key in enumerate(new, self.count))
        self.feed.add(new)

    async def tell(self) -> None:
        await self.feed.feed(FakeDatabase(), lambda: [self.producer])  # type: ignore[arg-type, list-item]

    @property
    def all_known(self) -> bool:
        return all(key in self.producer.known for key in self.keys.known)


async def test_at_first_all_is_sent_and_then_what_is_new():
    topic = Topic(100)
    await topic.tell()
    assert topic.producer.kinds == ["FilterPart"]
    topic.grow(5)
    topic.grow(5)
    await topic.tell()
    await topic.tell()
    assert topic.producer.kinds == ["FilterIncrement"]
    assert topic.all_known


async def test_a_producer_that_comes_later_is_told_all():
    topic = Topic(100)
    await topic.tell()
    topic.grow(5)
    newcomer = FakeProducer(topic.feed)
    topic.feed.welcome(newcomer, started=False)  # type: ignore[arg-type]
    assert newcomer.kinds == ["FilterPart"]
    assert all(key in newcomer.known for key in topic.keys.known)


@pytest.mark.parametrize("missed", [0, 5])
async def test_a_producer_that_comes_back_is_told_all_if_it_missed_something(missed):
    topic = Topic(100)
    await topic.tell()
    topic.producer.deaf = True
    topic.grow(missed)
    await topic.tell()
    topic.producer.deaf = False
    topic.producer.heard.clear()
    topic.feed.welcome(topic.producer, started=True)  # type: ignore[arg-type]
    assert topic.producer.kinds == (["FilterIncrement", "FilterPart"] if missed else ["FilterIncrement"])
    assert topic.all_known


async def test_who_misses_something_gets_all_with_the_next_increment():
    topic = Topic(100)
    await topic.tell()
    topic.producer.deaf = True
    topic.grow(5)
    await topic.tell()
    topic.producer.deaf = False
    topic.grow(5)
    await topic.tell()
    assert topic.all_known


async def test_a_filter_that_is_full_is_replaced_by_a_larger_one(monkeypatch):
    monkeypatch.setattr(filter_feed, "capacity_for", lambda known: known + 50)
    topic = Topic(100)
    await topic.tell()
    topic.grow(50)
    await topic.tell()
    assert topic.producer.kinds == ["FilterPart", "FilterIncrement"]
    topic.grow(1)
    await topic.tell()
    assert topic.producer.kinds == ["FilterPart"]
    assert topic.all_known


async def test_with_the_list_its_filter_is_replaced():
    topic = Topic(1_000)
    await topic.tell()
    topic.keys.clear()
    topic.feed.renew()
    await topic.tell()
    assert not any(key_of(str(number)) in topic.producer.known for number in range(1_000))


async def test_what_people_reject_is_told_and_what_they_take_back_is_forgotten():
    topic = Topic(100)
    spam, egg = key_of("spam"), key_of("egg")
    topic.keys.review(Reviews(1, rejected={spam: -1}))
    await topic.tell()
    assert spam in topic.producer.known
    topic.keys.review(Reviews(2, rejected={spam: -1, egg: -2}))
    topic.feed.review(Taken(known=frozenset({egg}), forgotten=False))
    await topic.tell()
    assert topic.producer.kinds == ["FilterPart", "FilterIncrement"]
    assert egg in topic.producer.known
    topic.keys.review(Reviews(3))
    topic.feed.review(Taken(known=frozenset(), forgotten=True))
    await topic.tell()
    assert spam not in topic.producer.known
    assert topic.all_known


async def test_more_than_a_frame_may_hold_is_sent_as_a_new_filter(monkeypatch):
    monkeypatch.setattr(filter_feed, "MAX_NEW_KEYS", 10)
    topic = Topic(1)
    await topic.tell()
    topic.grow(10)
    await topic.tell()
    topic.grow(11)
    await topic.tell()
    assert topic.producer.kinds == ["FilterPart", "FilterIncrement", "FilterPart"]
    assert topic.all_known


async def test_before_its_filter_is_made_nothing_is_said():
    topic = Topic(3)
    topic.feed.welcome(topic.producer, started=False)  # type: ignore[arg-type]
    topic.feed.send_whole(topic.producer)  # type: ignore[arg-type]
    assert topic.producer.heard == []

"""Whatever the history of a list - batches, resends, crashes, new lists - its counts are the truth."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from orchestration.arrivals import Arrival
from orchestration.logic.uniqueness import TopicKeys
from orchestration.models import Run
from orchestration.opening import OpenedRun, open_run
from producers.link.keys import key_of
from producers.models import TopicProvider
from tests.factories import ProviderFactory, TopicFactory
from tests.integration.arriving import Sender, new_engine, present_epoch
from topics.models import Attribute, DesiredState, Topic

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def topic(transactional_db):
    topic = TopicFactory(desired_state=DesiredState.RUNNING, starts=1)
    TopicProvider.objects.create(topic=topic, provider=ProviderFactory(model="strong"))
    return topic


def seen(topic: Topic) -> dict[str, int]:
    return dict(topic.attributes.values_list("text", "times_seen"))


def opened(topic: Topic, start: int = 1) -> OpenedRun:
    found = open_run(present_epoch(), topic.pk, start, 2)
    assert found is not None
    return found


def test_a_repeat_is_counted_when_the_counts_are_written(topic):
    store, sender = new_engine(), sender_of(opened(topic))
    store.commit([sender.sends("Louvre", "Orsay"), sender.sends("LOUVRE", "louvre")])
    assert seen(topic) == {"Louvre": 1, "Orsay": 1}
    store.write_times_seen(sender.keys)
    assert seen(topic) == {"Louvre": 3, "Orsay": 1}
    store.write_times_seen(sender.keys)
    assert seen(topic) == {"Louvre": 3, "Orsay": 1}


def test_a_crash_before_the_counts_were_written_loses_none(topic):
    store, run = new_engine(), opened(topic)
    store.begin_list(run.run_id, run.keys)
    store.commit([sender_of(run).sends("Louvre")])
    store.write_times_seen(run.keys)
    store.commit([sender_of(run).sends("louvre")])
    after = opened(topic)
    assert sum(after.keys.seen.values()) == 1
    new_engine().write_times_seen(after.keys)
    assert seen(topic) == {"Louvre": 2}
    assert not opened(topic).keys.seen


def test_a_crash_of_an_earlier_run_is_made_good_by_the_one_that_continues_its_list(topic):
    store, run = new_engine(), opened(topic)
    store.begin_list(run.run_id, run.keys)
    store.commit([sender_of(run).sends("Louvre", "louvre")])
    stop_and_resume(topic)
    continued = opened(topic, 2)
    new_engine().write_times_seen(continued.keys)
    assert seen(topic) == {"Louvre": 2}
    assert not opened(topic, 2).keys.seen


def test_repeats_of_a_list_that_is_gone_are_not_counted_again(topic):
    store, run = new_engine(), opened(topic)
    store.begin_list(run.run_id, run.keys)
    store.commit([sender_of(run).sends("Louvre", "louvre")])
    Topic.objects.filter(pk=topic.pk).start_over()
    again = opened(topic, 2)
    store.begin_list(again.run_id, again.keys)
    store.commit([sender_of(again).sends("Louvre")])
    assert not opened(topic, 2).keys.seen


def test_requests_of_a_deleted_topic_do_not_hide_the_repeats_of_another(topic):
    store, run = new_engine(), opened(topic)
    store.begin_list(run.run_id, run.keys)
    store.commit([sender_of(run).sends("Louvre")])
    other = Sender()
    store.commit([other.sends("a"), other.sends("b")])
    store.write_times_seen(run.keys)
    other.run.topic.delete()
    after = opened(topic)
    new_engine().commit([sender_of(after).sends("louvre")])
    assert sum(opened(topic).keys.seen.values()) == 1


def stop_and_resume(topic: Topic) -> None:
    """One that is at work would just go on with the run that it has."""
    Topic.objects.filter(pk=topic.pk).stop()
    Topic.objects.filter(pk=topic.pk).resume()


def sender_of(run: OpenedRun) -> Sender:
    return Sender(run.producers[0], run.keys)


class History:
    """Random things happen to one topic; the model is what a reader of the batches would write down."""

    def __init__(self, topic: Topic, seed: int) -> None:
        self.random = random.Random(seed)
        self.topic = topic
        self.start = 1
        self.sent: list[Arrival] = []
        self.truth: Counter[bytes] = Counter()
        self.restart()
        self.begin_list()

    def restart(self) -> None:
        """The engine died, whatever it had in memory is gone, and another one goes on."""
        self.store = new_engine()
        self.run = opened(self.topic, self.start)

    def begin_list(self) -> None:
        self.store.begin_list(self.run.run_id, self.run.keys)
        self.truth.clear()
        self.sent.clear()

    def start_over(self) -> None:
        Topic.objects.filter(pk=self.topic.pk).start_over()
        self.start += 1
        self.run = opened(self.topic, self.start)
        self.begin_list()

    def resume(self) -> None:
        self.store.write_times_seen(self.run.keys)
        stop_and_resume(self.topic)
        self.start += 1
        self.run = opened(self.topic, self.start)
        self.sent.clear()

    def commit(self) -> None:
        fresh = [self.arrival() for _ in range(self.random.randint(1, 4))]
        again = self.random.sample(self.sent, min(len(self.sent), self.random.randint(0, 2)))
        arrivals = fresh + again
        self.random.shuffle(arrivals)
        self.store.commit(arrivals)
        for arrival in fresh:
            self.truth.update(map(key_of, arrival.batch.candidates))
        self.sent += fresh

    def arrival(self) -> Arrival:
        words = [self.random.choice("abcdefghij") for _ in range(self.random.randint(0, 6))]
        sender = Sender(self.random.choice(self.run.producers), self.run.keys)
        return sender.sends(*(self.random.choice((word, word.upper(), f"“{word}”")) for word in words))

    def write_times_seen(self) -> None:
        self.store.write_times_seen(self.run.keys)

    def go_on(self, steps: int) -> None:
        actions = [self.commit] * 6 + [self.write_times_seen, self.restart, self.resume, self.start_over]
        for _ in range(steps):
            self.random.choice(actions)()
        self.restart()
        self.store.write_times_seen(self.run.keys)


@pytest.mark.parametrize("seed", range(8))
def test_any_history_is_counted_as_a_reader_would(topic, seed):
    history = History(topic, seed)
    history.go_on(40)
    rows = Attribute.objects.filter(topic=topic).values_list("key", "times_seen")
    assert {bytes(key): times for key, times in rows} == dict(history.truth)
    runs = Run.objects.filter(topic=topic, list_number=newest_list(topic))
    assert sum(run.candidates for run in runs) == sum(history.truth.values())
    assert sum(run.unique for run in runs) == len(history.truth)


def newest_list(topic: Topic) -> int:
    run = Run.objects.filter(topic=topic).order_by("-number").first()
    assert run is not None
    return run.list_number


def test_a_topics_keys_in_memory_are_those_of_the_database(topic):
    history = History(topic, 99)
    history.go_on(30)
    rows = Attribute.objects.filter(topic=topic).values_list("key", "id")
    assert history.run.keys == TopicKeys(topic.pk, {bytes(key): number for key, number in rows}, Counter())

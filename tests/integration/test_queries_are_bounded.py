"""What the hot path asks of the database does not grow with what arrives."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orchestration import opening
from tests.factories import ProducerFactory, RunFactory, TopicFactory
from tests.integration.arriving import Sender, new_engine
from topics.models import DesiredState

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]


def queries_of(work):
    with CaptureQueriesContext(connection) as queries:
        work()
    return len(queries)


def arrivals(sender, count, entries=60):
    senders = [sender, *(sender.colleague() for _ in range(3))]
    return [
        senders[number % 4].sends(*(f"{number % 7} {index} {sender.keys.topic_id}" for index in range(entries)))
        for number in range(count)
    ]


def test_a_commit_of_thirty_batches_asks_no_more_than_one_of_one():
    store = new_engine()
    one, thirty = arrivals(Sender(), 1, entries=2), arrivals(Sender(), 30, entries=2)
    assert queries_of(lambda: store.commit(one)) == queries_of(lambda: store.commit(thirty))


def test_new_entries_are_written_many_at_a_time():
    store = new_engine()
    few, many = arrivals(Sender(), 30, entries=1), arrivals(Sender(), 30, entries=60)
    more = queries_of(lambda: store.commit(many)) - queries_of(lambda: store.commit(few))
    assert more <= 7 * 60 / 50


def test_a_commit_asks_only_a_few_things():
    store, sender = new_engine(), Sender()
    [arrival] = arrivals(sender, 1)
    # begin, fence, resends, requests, attributes, counts, commit
    assert queries_of(lambda: store.commit([arrival])) <= 7


def test_a_resend_writes_nothing():
    store, sender = new_engine(), Sender()
    [arrival] = arrivals(sender, 1)
    store.commit([arrival])
    with CaptureQueriesContext(connection) as queries:
        store.commit([arrival])
    assert not [each["sql"] for each in queries if each["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


@pytest.mark.parametrize("entries", [1, 500])
def test_the_counts_of_a_long_list_are_written_in_a_few_statements(entries):
    store, sender = new_engine(), Sender()
    store.commit(arrivals(sender, 1, entries) + arrivals(sender, 1, entries))
    assert queries_of(lambda: store.write_times_seen(sender.keys)) <= 7


def test_the_question_which_topics_should_run_does_not_grow_with_their_number():
    for _ in range(5):
        RunFactory(topic=TopicFactory(desired_state=DesiredState.RUNNING, starts=1))
    assert queries_of(lambda: opening.wanted_starts(None)) == 1


def test_the_state_of_many_producers_is_written_at_once():
    store, run = new_engine(), RunFactory()
    few, many = ([ProducerFactory(run=run, slot=first + slot) for slot in range(n)] for first, n in ((0, 1), (9, 20)))
    assert queries_of(lambda: store.record_producers(few)) == queries_of(lambda: store.record_producers(many))

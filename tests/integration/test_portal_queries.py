"""What the live page reads."""

from datetime import timedelta

import pytest
from django.utils import timezone

from orchestration.models import EngineLease, Run
from orchestration.portal import queries
from orchestration.portal.entries import Entry, entries_after, newest_entries, newest_id
from tests.factories import (
    AttributeFactory,
    ProducerFactory,
    ProviderFactory,
    RequestFactory,
    RunFactory,
    TopicFactory,
)

pytestmark = [pytest.mark.storage, pytest.mark.django_db]


@pytest.fixture
def run():
    return RunFactory()


def test_a_topic_that_does_not_exist_has_no_state():
    assert queries.read_after(404, 0) is None
    assert queries.read_newest(404, 10) is None


def test_a_topic_without_runs_has_an_empty_list():
    state = queries.page_state(TopicFactory().pk)
    assert state
    assert (state.run, state.list, state.producers) == (None, queries.ListState(0, 0), ())


def test_the_newest_run_counts_and_its_producers(run):
    ProducerFactory(run=run)
    newest = RunFactory(topic=run.topic, number=run.number + 1)
    producer = ProducerFactory(run=newest, slot=7)
    state = queries.page_state(run.topic.pk)
    assert state
    assert state.run
    assert state.run.number == newest.number
    assert [found.slot for found in state.producers] == [producer.slot]


def test_a_resumed_list_has_the_entries_of_all_its_runs(run):
    Run.objects.filter(pk=run.pk).update(unique=10, candidates=10)
    RunFactory(topic=run.topic, number=run.number + 1, list_number=run.list_number, unique=5, candidates=9)
    assert queries.list_state(run.topic.pk) == queries.ListState(number=run.list_number, entries=15)


def test_a_run_that_has_not_begun_a_list_leaves_the_earlier_one_in_place(run):
    Run.objects.filter(pk=run.pk).update(unique=10, candidates=10)
    RunFactory(topic=run.topic, number=run.number + 1, list_number=0, state=Run.State.CHECKING)
    assert queries.list_state(run.topic.pk) == queries.ListState(number=run.list_number, entries=10)


@pytest.mark.parametrize("vendor", [True, False])
def test_a_run_with_a_simulated_provider_is_told(run, vendor):
    Run.objects.filter(pk=run.pk).update(simulated=not vendor)
    state = queries.run_state(run.topic.pk)
    assert state
    assert state.simulated is not vendor


def test_entries_say_who_found_them_and_whether_that_was_simulated(run):
    request = RequestFactory(producer__run=run, provider=ProviderFactory(vendor=True, name="a model"))
    attribute = AttributeFactory(request=request)
    (entry,) = newest_entries(run.topic.pk, 10)
    assert entry == Entry(
        id=attribute.pk,
        text=attribute.text,
        provider="a model",
        simulated=False,
        slot=request.producer.slot,
        found_at=request.finished_at,
    )


def test_entries_come_in_the_order_in_which_they_were_found_and_the_newest_the_other_way(run):
    request = RequestFactory(producer__run=run)
    first, second, third = AttributeFactory.create_batch(3, request=request)
    AttributeFactory()
    topic = run.topic.pk
    assert [entry.id for entry in entries_after(topic, 0, 2)] == [first.pk, second.pk]
    assert [entry.id for entry in entries_after(topic, first.pk, 9)] == [second.pk, third.pk]
    assert [entry.id for entry in newest_entries(topic, 2)] == [third.pk, second.pk]
    assert newest_id(topic) == third.pk


def test_a_page_of_entries_is_one_query(run, django_assert_num_queries):
    for _ in range(3):
        AttributeFactory(request=RequestFactory(producer__run=run))
    with django_assert_num_queries(1):
        entries_after(run.topic.pk, 0, 500)


@pytest.mark.parametrize(
    ("seconds_ago", "released", "running"), [(1, False, True), (1, True, False), (21, False, False)]
)
def test_the_engine_runs_while_its_lease_is_fresh_and_not_released(seconds_ago, released, running):
    now = timezone.now()
    EngineLease.objects.update_or_create(
        pk=EngineLease.SINGLETON,
        defaults={"beat_at": now - timedelta(seconds=seconds_ago), "released": released},
    )
    assert queries.engine_is_running(now) is running


def test_without_a_lease_no_engine_runs():
    EngineLease.objects.all().delete()
    assert not queries.engine_is_running(timezone.now())

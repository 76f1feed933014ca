"""How a run begins or goes on: its rows, and what is rebuilt from the database."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from orchestration import lease, opening
from orchestration.logic.lifecycle import Limits
from orchestration.models import Run, RunFigures
from orchestration.opening import Wanted
from producers.link.keys import key_of
from producers.models import Producer, Provider, ProviderWeight, TopicProvider
from tests.factories import AttributeFactory, ProviderFactory, RequestFactory, RunFactory, TopicFactory
from tests.integration.arriving import NOON, Sender, new_engine, present_epoch
from topics.models import DesiredState, Topic

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]


def wanted_topic(**fields):
    topic = TopicFactory(**({"desired_state": DesiredState.RUNNING, "starts": 1} | fields))
    TopicProvider.objects.create(topic=topic, provider=ProviderFactory(model="strong"), weight=0.5)
    return topic


@pytest.fixture
def topic(transactional_db):
    return wanted_topic()


def opened(topic, start=1, producers=2):
    found = opening.open_run(present_epoch(), topic.pk, start, producers)
    assert found is not None
    return found


def asked(topic):
    return Topic.objects.filter(pk=topic.pk)


# Which runs are wanted


def test_topics_that_should_run_are_wanted_with_the_number_of_their_start(topic):
    TopicFactory(starts=3)
    other = wanted_topic(starts=7)
    assert opening.wanted_starts(None) == {topic.pk: Wanted(1), other.pk: Wanted(7)}
    assert opening.wanted_starts(other.pk) == {other.pk: Wanted(7)}


def test_a_run_that_ended_is_not_started_again_until_somebody_asks(topic):
    RunFactory(topic=topic, number=1, over=True)
    assert opening.wanted_starts(None) == {}
    asked(topic).resume()
    assert opening.wanted_starts(None) == {topic.pk: Wanted(2)}


def test_a_run_that_a_crash_interrupted_goes_on(topic):
    RunFactory(topic=topic, number=1)
    assert opening.wanted_starts(None) == {topic.pk: Wanted(1)}


def test_a_topic_that_was_stopped_is_not_wanted(topic):
    asked(topic).stop()
    assert opening.wanted_starts(None) == {}


# Runs that a crash left open


@pytest.mark.parametrize(
    ("fields", "reason"),
    [({"desired_state": DesiredState.STOPPED}, "stopped"), ({"starts": 2}, "superseded"), ({}, "")],
    ids=["stopped", "started again", "wanted"],
)
def test_a_run_that_nobody_wants_any_more_is_closed(topic, fields, reason):
    run = RunFactory(topic=topic, number=1)
    asked(topic).update(**fields)
    opening.close_unwanted_runs(present_epoch(), None, [])
    run.refresh_from_db()
    assert (run.stop_reason, run.state) == (reason, "ended" if reason else "running")
    assert (run.ended_at is not None) == bool(reason)


def test_a_run_under_way_and_other_topics_are_left_alone(topic):
    asked(topic).stop()
    running, other = RunFactory(topic=topic, number=1), RunFactory(topic__desired_state=DesiredState.STOPPED)
    opening.close_unwanted_runs(present_epoch(), None, [running.pk])
    opening.close_unwanted_runs(present_epoch(), topic.pk, [running.pk])
    assert Run.objects.active().filter(pk=running.pk).exists()
    assert not Run.objects.active().filter(pk=other.pk).exists()


def test_batch_mode_closes_only_runs_of_its_own_topic(topic):
    other = RunFactory(topic__desired_state=DesiredState.STOPPED)
    opening.close_unwanted_runs(present_epoch(), topic.pk, [])
    assert Run.objects.active().filter(pk=other.pk).exists()


def test_a_run_that_is_closed_takes_its_repeats_into_the_counts(topic):
    store, run = new_engine(), opened(topic)
    store.begin_list(run.run_id, run.keys)
    store.commit([Sender(run.producers[0], run.keys).sends("Louvre", "louvre")])
    asked(topic).stop()
    opening.close_unwanted_runs(present_epoch(), None, [])
    assert topic.attributes.get().times_seen == 2
    asked(topic).resume()
    assert not opened(topic, 2).keys.seen


# The rows of a run


def test_a_run_is_numbered_by_the_start_that_it_answers(topic):
    run = opened(topic, 4)
    row = Run.objects.get()
    assert (run.run_id, run.number) == (row.pk, row.number) == (row.pk, 4)
    assert (row.state, row.list_number, row.producer_count) == ("checking", 0, 2)


def test_a_run_that_has_ended_is_not_opened_again(topic):
    store, run = new_engine(), opened(topic)
    assert opened(topic).run_id == run.run_id
    store.end_run(run.run_id, 1.0, "target", "", failed=False)
    assert opening.open_run(present_epoch(), topic.pk, 1, 2) is None


def test_an_engine_that_lost_its_lease_opens_and_closes_nothing(topic):
    lost = present_epoch()
    new_engine()
    run = RunFactory(topic__desired_state=DesiredState.STOPPED)
    with pytest.raises(lease.LeaseLost):
        opening.open_run(lost, topic.pk, 1, 2)
    with pytest.raises(lease.LeaseLost):
        opening.close_unwanted_runs(lost, None, [])
    assert list(Run.objects.active()) == [run]


def test_a_run_keeps_the_limits_it_began_with(topic):
    asked(topic).update(target=7)
    assert opened(topic).limits == Limits(target=7)
    asked(topic).update(target=9)
    assert opened(topic).limits == Limits(target=7)


def test_the_command_lines_limits_take_the_place_of_the_topics(topic):
    asked(topic).update(target=7)
    run = opening.open_run(present_epoch(), topic.pk, 1, 2, Limits(minutes=3.0))
    assert run is not None
    assert run.limits == Limits(minutes=3.0)


def test_a_run_that_is_gone_on_with_takes_the_limits_that_are_stated_now(topic):
    opened(topic)
    run = opening.open_run(present_epoch(), topic.pk, 1, 2, Limits(iterations=1))
    assert run is not None
    assert run.limits == Limits(iterations=1)
    assert opened(topic).limits == Limits(iterations=1)


def test_a_budget_for_a_model_of_unknown_price_is_a_problem(topic):
    asked(topic).update(budget_usd=1)
    assert opened(topic).problem == ""
    TopicProvider.objects.create(topic=topic, provider=ProviderFactory(kind="openai", model="nobody-knows"))
    assert "needs a price" in opened(topic).problem


def test_a_list_that_was_begun_with_simulated_providers_stays_simulated(topic):
    first = opened(topic)
    assert first.simulated
    Run.objects.filter(pk=first.run_id).update(list_number=1, state="ended", ended_at=NOON)
    TopicProvider.objects.filter(topic=topic).update(provider=ProviderFactory(kind="openai", model="real"))
    asked(topic).resume()
    assert opened(topic, 2).simulated
    Run.objects.filter(number=2).update(state="ended", ended_at=NOON)
    asked(topic).start_over()
    assert not opened(topic, 3).simulated


def test_opening_a_run_again_makes_no_second_one(topic):
    first, again = opened(topic), opened(topic, producers=9)
    assert first.run_id == again.run_id
    assert len(again.producers) == Producer.objects.count() == 2


def test_a_topic_that_was_deleted_has_no_run(topic):
    number = topic.pk
    topic.delete()
    assert opening.open_run(present_epoch(), number, 1, 2) is None


def test_a_topic_decides_on_its_number_of_producers(topic):
    asked(topic).update(producer_count=4)
    assert len(opened(topic).producers) == 4


def test_each_producer_has_a_slot_a_part_and_a_prompt(topic):
    asked(topic).update(partition="alphabet", prompt="Only the tall ones.")
    first, second = opened(topic).producers
    assert (first.slot, second.slot) == (0, 1)
    assert first.partition == "names beginning with the letters A to F"
    assert first.partition != second.partition
    assert first.partition in first.prompt
    assert second.partition in second.prompt
    assert topic.name in first.prompt
    assert "Only the tall ones." in first.prompt


def test_each_producer_begins_with_the_weights_of_the_providers(topic):
    run = opened(topic)
    assert list(ProviderWeight.objects.values_list("producer__slot", "weight")) == [(0, 0.5), (1, 0.5)]
    [provider] = run.providers.values()
    assert provider.weight == 0.5
    assert run.simulated


def test_a_producer_that_failed_begins_afresh_in_the_next_life_of_its_run(topic):
    [first, _] = opened(topic).producers
    Producer.objects.filter(pk=first.pk).update(state="failed", detail="it died")
    assert (opened(topic).producers[0].state, opened(topic).producers[0].detail) == ("starting", "")


def test_limits_are_those_of_the_topic(topic):
    asked(topic).update(target=9, budget_usd=Decimal("1.5"), minutes=2.5, iterations=7)
    assert opened(topic).limits == Limits(9, Decimal("1.5"), 2.5, 7)


# Providers


def test_without_a_choice_of_its_own_a_topic_gets_every_real_provider_that_is_enabled(topic):
    TopicProvider.objects.all().delete()
    real = ProviderFactory(vendor=True, weight=0.3)
    ProviderFactory(vendor=True, enabled=False)
    run = opened(topic)
    assert {name: each.weight for name, each in run.providers.items()} == {real.name: 0.3}
    assert not run.simulated


def test_without_any_real_provider_a_topic_is_simulated():
    topic = TopicFactory(desired_state=DesiredState.RUNNING, starts=1)
    assert set(opened(topic).providers) == {"simulated-strong", "simulated-cheap", "simulated-flaky"}


def test_a_provider_whose_model_is_unknown_does_not_stop_the_engine(topic):
    """It is told to the producer, whose first request fails and says why."""
    Provider.objects.update(model="no such model")
    [provider] = opened(topic).providers.values()
    assert provider.rates is None


# Whose list it is


def list_of(run):
    return run.list_pending, run.has_earlier_list, Run.objects.get(pk=run.run_id).list_number


def with_a_list(topic):
    run = RunFactory(topic=topic, number=1, list_number=1, over=True)
    AttributeFactory(request=RequestFactory(producer__run=run), text="Louvre", key=key_of("Louvre"))
    return run


@pytest.mark.parametrize("replaces", [True, False])
def test_the_first_list_of_a_topic_is_pending(topic, replaces):
    asked(topic).update(replace_list=replaces)
    assert list_of(opened(topic)) == (True, False, 0)


def test_a_list_that_is_to_be_replaced_stands_until_an_answer_comes(topic):
    with_a_list(topic)
    asked(topic).start_over()
    run = opened(topic, 2)
    assert list_of(run) == (True, True, 0)
    assert not run.keys.known
    assert topic.attributes.count() == 1


def test_a_list_that_is_continued_keeps_its_number_and_its_keys(topic):
    with_a_list(topic)
    asked(topic).resume()
    run = opened(topic, 2)
    assert list_of(run) == (False, False, 1)
    assert list(run.keys.known) == [key_of("louvre")]


def test_what_is_continued_is_the_newest_list_that_ever_began(topic):
    with_a_list(topic)
    RunFactory(topic=topic, number=2, list_number=0, over=True)
    asked(topic).update(starts=3, replace_list=False)
    assert list_of(opened(topic, 3)) == (False, False, 1)


def test_a_run_that_was_to_replace_a_list_continues_it_where_people_want_it_kept_before_its_first_answer(topic):
    with_a_list(topic)
    asked(topic).start_over()
    assert list_of(opened(topic, 2)) == (True, True, 0)
    assert asked(topic).keep_list() == 1
    run = opened(topic, 2)
    assert list_of(run) == (False, False, 1)
    assert list(run.keys.known) == [key_of("louvre")]


def test_a_list_that_has_begun_to_replace_another_is_left_as_it_is(topic):
    with_a_list(topic)
    asked(topic).start_over()
    run = opened(topic, 2)
    new_engine().begin_list(run.run_id, run.keys)
    assert asked(topic).keep_list() == 0
    assert list_of(opened(topic, 2)) == (False, False, 2)


def test_a_run_whose_list_has_begun_goes_on_with_it_after_a_crash(topic):
    store, run = new_engine(), opened(topic)
    store.begin_list(run.run_id, run.keys)
    store.commit([Sender(run.producers[0], run.keys).sends("Louvre")])
    store.record_progress(run.run_id, 12.5, "running")
    again = opened(topic)
    assert list_of(again) == (False, False, 1)
    assert (list(again.keys.known), again.active_seconds) == ([key_of("Louvre")], 12.5)


# What is rebuilt


def test_a_run_that_goes_on_has_its_statistics(topic):
    store, run = new_engine(), opened(topic)
    store.begin_list(run.run_id, run.keys)
    store.commit([Sender(run.producers[0], run.keys).sends("Louvre", "Orsay")])
    assert (run.statistics.total.requests, opened(topic).statistics.total.candidates) == (0, 2)


def test_a_run_has_a_row_for_its_figures_once(topic):
    run = opened(topic)
    new_engine().record_figures(run.run_id, {"run": "so far"})
    opened(topic)
    assert RunFigures.objects.get(run=run.run_id).data == {"run": "so far"}


def test_what_is_reported_of_a_run_that_is_over_comes_from_the_database(topic):
    store, run = new_engine(), opened(topic)
    store.begin_list(run.run_id, run.keys)
    store.commit([Sender(run.producers[0], run.keys).sends("Louvre", "Orsay")])
    store.end_run(run.run_id, 61.5, "target", "it has two", failed=False)
    facts = opening.recorded_facts(Run.objects.get())
    assert (facts.topic, facts.folder, facts.run, facts.state) == (topic.name, topic.folder, 1, "ended")
    assert (facts.entries, facts.active_seconds, facts.active_producers) == (2, 61.5, 0)
    assert (facts.stop_reason, facts.stop_detail, facts.simulated) == ("target", "it has two", True)
    assert facts.weights == {run.providers.popitem()[0]: 0.5}


def test_the_end_of_a_run_is_recorded_once(topic):
    store, run = new_engine(), opened(topic)
    store.end_run(run.run_id, 5.0, "target", "", failed=False)
    store.end_run(run.run_id, 9.0, "no_producer", "", failed=True)
    store.record_progress(run.run_id, 99.0, "running")
    row = Run.objects.get()
    assert (row.state, row.stop_reason, row.active_seconds) == ("ended", "target", 5.0)
    assert row.ended_at is not None
    assert timezone.now() - row.ended_at < timedelta(minutes=1)

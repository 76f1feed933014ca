"""The mind of a run and the database: what is written of it, and what comes back after a restart."""

from __future__ import annotations

import pytest

from orchestration import opening
from orchestration.logic import parts
from orchestration.logic.decisions import Decision, DecisionKind
from orchestration.logic.tree import Node, PartState
from orchestration.minds import parts_of
from orchestration.models import Decision as DecisionRow
from orchestration.models import Run
from producers.models import Producer, ProviderWeight, TopicProvider
from tests.factories import ProviderFactory, ProviderWeightFactory, RunFactory, TopicFactory
from tests.integration.arriving import Sender, new_engine, present_epoch
from topics.models import DesiredState, TopicPartition

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]

MUSEUMS = parts.category("Museums")


@pytest.fixture
def topic(transactional_db):
    topic = TopicFactory(desired_state=DesiredState.RUNNING, starts=1, partition="alphabet")
    TopicProvider.objects.create(topic=topic, provider=ProviderFactory(name="a model", model="strong"))
    return topic


def opened(topic, start=1):
    run = opening.open_run(present_epoch(), topic.pk, start, 2)
    assert run is not None
    return run


def begun(topic):
    """A run whose list has begun, and one of its producers as a sender."""
    first = opened(topic)
    Run.objects.filter(pk=first.run_id).update(list_number=1, state="running")
    sender = Sender(Producer.objects.get(run=first.run_id, slot=0), first.keys)
    sender.provider = TopicProvider.objects.get().provider  # type: ignore[assignment]
    return sender


def found_in(mind):
    return {words: (node.requests, node.candidates, node.new) for words, node in mind.tree.nodes.items()}


# After a restart


def test_a_mind_is_rebuilt_from_the_requests_of_its_list(topic):
    sender = begun(topic)
    letters = "names beginning with the letters A to F"
    store = new_engine()
    store.commit([sender.sends("Louvre", "Orsay", "Rodin", probe=True, asked_for=60)])
    store.commit([sender.sends("Aquarium", "Louvre", partition=letters, asked_for=60)])
    store.commit([sender.sends("Museums", purpose="division", asked_for=12).without_candidates()])
    store.record_partitions(topic.pk, [Node(parts.range_part(_initials("a", "f")))])
    mind, estimates = (again := opened(topic)).mind, again.estimates
    assert found_in(mind)[""] == (1, 3, 3)
    assert found_in(mind)[letters] == (1, 2, 1)
    assert mind.yields.ordinal == 2
    assert (estimates.requests, estimates.sample.recorded) == (2, 1)
    assert estimates.contributions.of("a model").first == 4
    assert mind.entries == 4


def _initials(low, high):
    from orchestration.logic.alphabet import LATIN, Initials

    return Initials(LATIN, low, high)


def test_a_run_that_continues_a_list_has_learnt_from_the_runs_before(topic):
    sender = begun(topic)
    new_engine().commit([sender.sends("Louvre", "Orsay", asked_for=60)])
    Run.objects.update(state="ended", ended_at=sender.sends().finished_at)
    type(topic).objects.filter(pk=topic.pk).update(starts=2, replace_list=False)
    assert opened(topic, 2).mind.entries == 2


def test_a_new_list_begins_with_an_empty_mind_but_keeps_what_people_added(topic):
    TopicPartition.objects.create(topic=topic, words="old", data=parts.as_data(parts.category("Old")))
    kept = parts.as_data(MUSEUMS)
    TopicPartition.objects.create(topic=topic, words=MUSEUMS.words, data=kept, by_person=True)
    run = opened(topic)
    assert MUSEUMS.words in run.mind.tree.nodes
    assert parts.category("Old").words not in run.mind.tree.nodes
    assert run.estimates.requests == 0
    assert len(parts_of([run.run_id])[run.run_id]) == 2, "the earlier list stands, and what was made of it"
    new_engine().begin_list(run.run_id, run.keys)
    assert [row.part for row in parts_of([run.run_id])[run.run_id]] == [MUSEUMS]


def test_where_nobody_has_said_whom_to_prefer_the_price_does(topic):
    dear = ProviderFactory(name="dear", model="cheap", input_rate=50, output_rate=200)
    TopicProvider.objects.create(topic=topic, provider=dear)
    run = opened(topic)
    kept = {(row.producer.slot, row.provider.name): row.weight for row in ProviderWeight.objects.all()}
    assert all(shares["a model"] > 0.9 > 0.1 > shares["dear"] > 0 for shares in run.weights.values())
    assert kept == {(slot, name): weight for slot, shares in run.weights.items() for name, weight in shares.items()}
    assert {decision.kind for decision in run.decisions} == {DecisionKind.WEIGHTS}


def test_what_people_hold_fast_stays_when_a_run_goes_on(topic):
    TopicProvider.objects.create(topic=topic, provider=ProviderFactory(name="dear", input_rate=50, output_rate=200))
    opened(topic)
    ProviderWeight.objects.filter(provider__name="dear").update(weight=0.6, pinned=True)
    again = opened(topic)
    assert all(shares["dear"] == 0.6 for shares in again.weights.values())


# What is written


def test_decisions_are_kept_in_their_order_and_nothing_of_a_deleted_run(transactional_db):
    run, store = RunFactory(), new_engine()
    steps = [Decision(DecisionKind.SPLIT, f"part {number}", "open", "a; b", "it is rich") for number in range(3)]
    store.record_decisions(run.pk, steps)
    store.record_decisions(run.pk + 1, steps)
    assert [row.subject for row in DecisionRow.objects.filter(run=run)] == ["part 0", "part 1", "part 2"]
    assert DecisionRow.objects.count() == 3


def test_the_optimiser_leaves_pinned_weights_alone(transactional_db):
    weight = ProviderWeightFactory(weight=0.5)
    held = ProviderWeightFactory(producer=weight.producer, weight=0.7, pinned=True)
    shares = {weight.provider.name: 0.1, held.provider.name: 0.9}
    store = new_engine()
    store.record_weights(weight.producer.run_id, {weight.producer.slot: shares}, {})
    assert dict(ProviderWeight.objects.values_list("pk", "weight")) == {weight.pk: 0.1, held.pk: 0.7}
    store.pin_weights(weight.producer.run_id, [(weight.producer.slot, weight.provider.name)])
    assert ProviderWeight.objects.filter(pinned=True).count() == 2


def test_the_optimiser_does_not_write_over_what_people_have_changed_since_its_last_step(transactional_db):
    weight = ProviderWeightFactory(weight=0.5)
    run_id, slot, name = weight.producer.run_id, weight.producer.slot, weight.provider.name
    store = new_engine()
    store.record_weights(run_id, {slot: {name: 0.4}}, {(slot, name): 0.5})
    ProviderWeight.objects.update(weight=0.9)
    store.record_weights(run_id, {slot: {name: 0.3}}, {(slot, name): 0.4})
    assert ProviderWeight.objects.get().weight == 0.9


def test_what_becomes_of_parts_is_kept_and_what_people_want_stays(topic):
    store, node = new_engine(), Node(MUSEUMS)
    store.record_partitions(topic.pk, [node])
    TopicPartition.objects.update(left_out=True)
    node.state = PartState.RETIRED
    store.record_partitions(topic.pk, [node, Node(parts.category("Bars"), parent=MUSEUMS.words)])
    store.record_partitions(topic.pk + 1, [node])
    rows = {row.words: (row.state, row.left_out, row.parent) for row in TopicPartition.objects.all()}
    assert rows == {
        MUSEUMS.words: ("retired", True, ""),
        "entries of the category Bars": ("open", False, MUSEUMS.words),
    }

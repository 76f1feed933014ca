"""What changes slowly on a live page: read once for all who look, sent only when it has changed."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orchestration.models import ProviderHealth, RunFigures
from orchestration.portal import protocol, queries
from orchestration.portal.panels import newest_decisions, provider_states, read_panels
from orchestration.portal.sections import changed, marks_of, section_texts
from producers.models import Producer
from tests.factories import (
    AttributeFactory,
    DecisionFactory,
    ProducerFactory,
    ProviderFactory,
    ProviderWeightFactory,
    RequestFactory,
    RunFactory,
    RunFiguresFactory,
    TopicFactory,
)
from topics.models import TopicPartition

pytestmark = [pytest.mark.storage, pytest.mark.django_db]


@pytest.fixture
def run():
    return RunFactory()


def a_busy_run(producers=20, providers=5):
    run = RunFactory(budget_usd=1, target=100)
    asked = [ProviderFactory(name=f"provider {number} of some vendor") for number in range(providers)]
    for slot in range(producers):
        producer = ProducerFactory(run=run, slot=slot, partition="names beginning with the letters A to F")
        for provider in asked:
            ProviderWeightFactory(producer=producer, provider=provider, weight=1 / providers)
    RunFiguresFactory(run=run)
    DecisionFactory.create_batch(12, run=run)
    return run


def sections_of(run):
    reading = queries.read_after(run.topic_id, 0)
    assert reading
    return reading, section_texts(reading)


def test_a_topic_without_runs_has_nothing_to_show():
    panels = read_panels(TopicFactory().pk)
    assert (panels.providers, panels.decisions, dict(panels.figures)) == ((), (), {})


def test_a_provider_comes_with_its_weights_and_its_health(run):
    provider = ProviderFactory(name="a", vendor=True)
    for slot, pinned in ((1, True), (0, False)):
        producer = ProducerFactory(run=run, slot=slot)
        ProviderWeightFactory(producer=producer, provider=provider, weight=0.25, pinned=pinned)
    until = timezone.now() + timedelta(seconds=30)
    ProviderHealth.objects.create(
        provider=provider, state="paused", detail="too many requests", paused_until=until, updated_at=timezone.now()
    )
    ProviderWeightFactory(producer=ProducerFactory(), provider=provider)  # of another run
    [shown] = provider_states(run.pk)
    assert [(each.slot, each.weight, each.pinned) for each in shown.weights] == [(0, 0.25, False), (1, 0.25, True)]
    assert (shown.health, shown.detail, shown.paused_until) == ("paused", "too many requests", until)


def test_decisions_come_newest_first_page_by_page_and_by_kind(run):
    first, second, third = (DecisionFactory(run=run, kind=kind) for kind in ("weights", "split", "weights"))
    DecisionFactory()
    assert [each.id for each in newest_decisions(run.pk, 2)] == [third.pk, second.pk]
    assert [each.id for each in newest_decisions(run.pk, 2, before=second.pk)] == [first.pk]
    assert [each.id for each in newest_decisions(run.pk, 9, kind="weights")] == [third.pk, first.pk]


def test_figures_are_read_again_only_when_they_have_changed(run):
    figures = RunFiguresFactory(run=run, data={"run": {"unique": 1}})
    assert read_panels(run.topic_id).figures == {"run": {"unique": 1}}
    RunFigures.objects.filter(pk=figures.pk).update(data={"run": {"unique": 2}})
    assert read_panels(run.topic_id).figures == {"run": {"unique": 1}}
    RunFigures.objects.filter(pk=figures.pk).update(updated_at=timezone.now())
    assert read_panels(run.topic_id).figures == {"run": {"unique": 2}}


def test_a_change_of_the_parts_is_told(run):
    part = TopicPartition.objects.create(topic=run.topic, words="A to F")
    marks = {read_panels(run.topic_id).parts}
    for change in ({"left_out": True}, {"left_out": False, "state": "split"}, {"state": "retired"}):
        TopicPartition.objects.filter(pk=part.pk).update(**change)
        marks.add(read_panels(run.topic_id).parts)
    assert len(marks) == 4


def test_only_what_has_changed_is_sent(run):
    producer = ProducerFactory(run=run, slot=0)
    _, before = sections_of(run)
    Producer.objects.filter(pk=producer.pk).update(last_seen_at=timezone.now())
    _, after = sections_of(run)
    assert set(changed(after, marks_of(after), marks_of(before))) == {"seen"}


def test_a_moment_of_a_large_run_is_a_small_message():
    """20 producers and 5 providers: everything once, afterwards what has changed."""
    run = a_busy_run()
    reading, sections = sections_of(run)
    marks = marks_of(sections)
    whole = protocol.delta(reading, 0, sections, marks)
    Producer.objects.filter(run=run).update(last_seen_at=timezone.now())
    run.unique = run.candidates = 5
    run.save()
    AttributeFactory.create_batch(5, request=RequestFactory(producer=run.producers.first(), provider__name="a"))
    later, sections = sections_of(run)
    news = changed(sections, marks_of(sections), marks)
    usual = protocol.delta(later, 0, news, marks_of(sections))
    assert {"figures", "seen"} <= set(news) <= {"figures", "seen", "estimates", "stops"}
    assert len(whole) < 12_000
    assert len(usual) < 3_000
    assert set(json.loads(whole)) - set(json.loads(usual)) == {
        *("head", "producers", "providers", "yields"),
        *("decisions", "parts", "reviews"),
    }


@pytest.mark.parametrize("size", [1, 20])
def test_what_is_asked_of_the_database_does_not_grow_with_the_run(size):
    run = a_busy_run(producers=size, providers=2)
    AttributeFactory.create_batch(size, request=RequestFactory(producer=run.producers.first()))
    with CaptureQueriesContext(connection) as captured:
        queries.read_after(run.topic_id, 0)
    # topic, run, list, producers, lease, entries, list; run, figures twice, providers, decisions, parts
    assert len(captured) <= 13


def test_a_viewer_that_is_far_behind_is_shown_the_newest_entries(run, monkeypatch):
    monkeypatch.setattr("orchestration.portal.entries.FAR_BEHIND", 5)
    entries = AttributeFactory.create_batch(9, request=RequestFactory(producer__run=run))
    reading = queries.read_after(run.topic_id, 0, limit=3)
    assert reading
    assert [entry.id for entry in reading.entries] == [entry.pk for entry in entries[-3:]]
    assert reading.skipped == 6
    near = queries.read_after(run.topic_id, entries[4].pk, limit=3)
    assert near
    assert [entry.id for entry in near.entries] == [entry.pk for entry in entries[5:8]]
    assert near.skipped == 0

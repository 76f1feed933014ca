"""How long lists are, without what people rejected: wherever many are told, with a fixed number of queries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from igentai_site.api.status import status_of
from orchestration.home import facts
from orchestration.jobs.notices import tell_of_runs
from orchestration.list_lengths import lists_of
from orchestration.models import Notification, Run
from tests.factories import (
    AttributeFactory,
    ProducerFactory,
    RequestFactory,
    ReviewFactory,
    RunFactory,
    TopicFactory,
    TopicWatcherFactory,
    UserFactory,
)
from tests.integration.test_api_metrics import scrape
from topics.models import Topic
from topics.rejected import PresentList, rejected_of_each

pytestmark = [pytest.mark.storage, pytest.mark.django_db]


def a_list(name: str, rejected: int = 2, **fields) -> Run:
    """A run whose list has three entries, of which people have rejected so many; two other lists came before it."""
    topic = TopicFactory(name=name, starts=3, desired_state="running")
    RunFactory(topic=topic, number=1, over=True, unique=40)
    run = RunFactory(topic=topic, number=3, unique=3, candidates=5, target=10, **fields)
    request = RequestFactory(producer=ProducerFactory(run=run), unique=3, candidates=5)
    for entry in AttributeFactory.create_batch(3, request=request)[:rejected]:
        reject(entry)
    return run


def reject(entry) -> None:
    ReviewFactory(attribute=entry)
    Topic.objects.filter(pk=entry.topic_id).update(reviews=F("reviews") + 1)


def shown(client, name: str, *arguments) -> str:
    client.force_login(UserFactory(admin=True))
    html: str = client.get(reverse(name, args=arguments)).content.decode()
    return html


def test_what_was_rejected_of_a_list_that_is_gone_takes_nothing_from_the_present_one():
    run = a_list("Rivers")
    ReviewFactory(topic=run.topic, key=b"k" * 16, found="gone")
    found = [(each.number, each.entries) for each in lists_of(Run.objects.filter(topic=run.topic))]
    assert found == [(1, 40), (3, 1)]


def test_lists_are_counted_with_two_queries_and_then_with_one(django_assert_num_queries):
    for number in range(5):
        a_list(f"Topic {number}", rejected=number % 3)
    with django_assert_num_queries(2):
        found = lists_of(Run.objects.all())
    assert [each.entries for each in found if each.number == 3] == [3, 2, 1, 3, 2]
    with django_assert_num_queries(1):
        assert lists_of(Run.objects.all()) == found
    reject(Topic.objects.earliest("pk").attributes.earliest("pk"))
    assert [each.entries for each in lists_of(Run.objects.all()) if each.number == 3] == [2, 2, 1, 3, 2]


def test_not_everything_is_remembered(monkeypatch):
    monkeypatch.setattr("topics.rejected.MOST_KNOWN", 1)
    runs = [a_list("Rivers"), a_list("Lakes", rejected=1)]
    asked = [PresentList(run.topic_id, 2, 3) for run in runs]
    for _ in range(2):
        assert [rejected_of_each([each])[each.topic_id] for each in asked] == [2, 1]


def test_the_home_page_tells_what_counts():
    cache.clear()
    a_list("Rivers")
    checking = RunFactory(list_number=0, state=Run.State.CHECKING)
    assert {run.topic: run.entries for run in facts.running()} == {"Rivers": 1, checking.topic.name: None}


def test_the_list_of_topics_and_the_page_of_one_tell_what_counts(client):
    run = a_list("Rivers")
    TopicFactory(name="Never started")
    html = shown(client, "admin:topics_topic_changelist")
    assert 'class="field-entries_found">1</td>' in html
    assert 'class="field-entries_found">0</td>' in html
    assert "The list has 1 entry." in shown(client, "admin:topics_topic_change", run.topic.pk)


def test_a_notification_tells_what_counts():
    run = a_list("Rivers", over=True)
    TopicWatcherFactory(topic=run.topic, since=run.started_at - timedelta(hours=1))
    tell_of_runs(timezone.now())
    words = Notification.objects.filter(run=run).get().words
    assert "1 entry in the list, 3 newly found" in words


def test_the_status_and_the_metrics_tell_what_counts():
    run = a_list("Rivers")
    status = status_of(run.topic.pk)
    assert status is not None
    assert status.present_list.entries == 1
    samples = scrape()
    assert samples["igentai_list_entries", "Rivers"] == 1
    assert samples["igentai_entries_total", "Rivers"] == 43  # a counter never goes back

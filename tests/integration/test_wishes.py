"""What people can want of topics, and what the engine then finds wanted."""

import pytest

from tests.factories import RunFactory, TopicFactory
from topics.models import Topic

pytestmark = [pytest.mark.storage, pytest.mark.django_db]


def starts(topic):
    topic.refresh_from_db()
    return topic.starts


def test_a_button_pressed_twice_starts_once():
    topic = TopicFactory()
    assert Topic.objects.start_over() == 1
    assert Topic.objects.start_over() == 0
    RunFactory(topic=topic, number=1, list_number=0)
    Topic.objects.start_over()
    assert starts(topic) == 1


def test_a_list_that_has_begun_can_be_started_over():
    topic = TopicFactory()
    Topic.objects.start_over()
    RunFactory(topic=topic, number=1, list_number=1)
    Topic.objects.start_over()
    assert starts(topic) == 2


def test_a_stopped_or_resumed_topic_can_be_started_over():
    topic = TopicFactory()
    Topic.objects.resume()
    Topic.objects.start_over()
    assert (starts(topic), topic.replace_list) == (2, True)
    Topic.objects.stop()
    Topic.objects.start_over()
    assert starts(topic) == 3


def test_a_topic_is_under_way_until_its_run_ends_by_itself():
    topic = TopicFactory()
    assert not Topic.objects.under_way().exists()
    Topic.objects.start_over()
    assert Topic.objects.under_way().get() == topic
    RunFactory(topic=topic, number=1, over=True)
    assert not Topic.objects.under_way().exists()


@pytest.mark.parametrize(
    ("typed", "kept"), [("  Paris\t attractions ", "Paris attractions"), ("Cafe\u0301s", "Cafés")]
)
def test_a_name_is_kept_in_one_form(typed, kept):
    topic = Topic(name=typed)
    topic.full_clean()
    assert topic.name == kept

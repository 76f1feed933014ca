"""What people can want of topics, and what the engine then finds wanted."""

import pytest
from django.utils import timezone

from tests.factories import RunFactory, TopicFactory
from topics.models import DesiredState, Topic

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


def under_way():
    """A topic at work."""
    topic = TopicFactory()
    Topic.objects.filter(pk=topic.pk).start_over()
    RunFactory(topic=topic, number=1)
    return topic


def test_a_paused_topic_stays_under_way_and_goes_on_with_the_same_run():
    topic = under_way()
    assert Topic.objects.pause() == 1
    assert Topic.objects.under_way().get() == Topic.objects.paused().get() == topic
    assert not Topic.objects.running().exists()
    assert Topic.objects.resume() == 1
    assert (starts(topic), topic.desired_state) == (1, DesiredState.RUNNING)


def test_only_what_runs_can_be_paused():
    TopicFactory()
    over = under_way()
    over.runs.update(state="ended", ended_at=timezone.now())
    assert Topic.objects.pause() == 0
    topic = under_way()
    assert (Topic.objects.pause(), Topic.objects.pause()) == (1, 0)
    assert Topic.objects.paused().get() == topic


def test_resuming_several_starts_only_those_that_are_not_paused():
    paused, stopped = under_way(), under_way()
    Topic.objects.filter(pk=paused.pk).pause()
    Topic.objects.filter(pk=stopped.pk).stop()
    assert Topic.objects.resume() == 2
    assert (starts(paused), starts(stopped)) == (1, 2)
    assert (paused.replace_list, stopped.replace_list) == (True, False)


def test_resuming_twice_starts_once():
    topic = TopicFactory()
    assert (Topic.objects.resume(), Topic.objects.resume()) == (1, 0)
    RunFactory(topic=topic, number=1, list_number=1)
    assert Topic.objects.resume() == 0
    assert starts(topic) == 1


def test_what_is_at_work_is_not_resumed_but_a_list_that_is_about_to_go_is_kept():
    at_work, about_to_go = under_way(), TopicFactory()
    Topic.objects.filter(pk=about_to_go.pk).start_over()
    assert Topic.objects.resume() == 1
    assert (starts(at_work), starts(about_to_go)) == (1, 2)
    assert not about_to_go.replace_list


def test_a_paused_topic_whose_run_ended_meanwhile_is_resumed_with_a_new_one():
    topic = under_way()
    Topic.objects.pause()
    topic.runs.update(state="ended", ended_at=timezone.now())
    assert Topic.objects.resume() == 1
    assert starts(topic) == 2


def test_a_paused_topic_can_be_stopped_and_started_over():
    topic = under_way()
    Topic.objects.pause()
    Topic.objects.stop()
    assert not Topic.objects.wanted().exists()
    Topic.objects.start_over()
    Topic.objects.pause()  # before its new list has begun
    assert Topic.objects.start_over() == 1
    assert (starts(topic), topic.desired_state) == (3, DesiredState.RUNNING)


@pytest.mark.parametrize(
    ("typed", "kept"), [("  Paris\t attractions ", "Paris attractions"), ("Cafe\u0301s", "Cafés")]
)
def test_a_name_is_kept_in_one_form(typed, kept):
    topic = Topic(name=typed)
    topic.full_clean()
    assert topic.name == kept

"""Schedules start topics: each time once, in the name of who asked, with the list going on; or say why not."""

from datetime import UTC, datetime, time, timedelta
from threading import Thread

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.db.models.signals import post_save
from django.urls import reverse

from orchestration.jobs.schedules import start_due_topics
from orchestration.models import Notification
from tests.factories import (
    AttributeFactory,
    ReviewFactory,
    RunFactory,
    TopicFactory,
    TopicScheduleFactory,
    UserFactory,
)
from topics.models import DesiredState, Topic, TopicSchedule, TopicWatcher

pytestmark = [pytest.mark.storage, pytest.mark.django_db]

NIGHT = datetime(2026, 11, 28, 2, 30, tzinfo=UTC)
EVENING = NIGHT - timedelta(hours=8)


def schedule(**fields):
    return TopicScheduleFactory(**{"considered_until": EVENING, **fields})


def outcome(row):
    row.refresh_from_db()
    return row.outcome


def started(row):
    row.topic.refresh_from_db()
    return row.topic.starts


def test_at_its_time_a_topic_goes_on_with_its_list():
    row = schedule()
    assert start_due_topics(NIGHT - timedelta(seconds=1)) == 0
    assert start_due_topics(NIGHT) == 1
    assert (started(row), row.topic.desired_state, row.topic.replace_list) == (1, DesiredState.RUNNING, False)
    assert outcome(row) == "28 Nov 2026 02:30 UTC: started"


def test_looking_again_starts_nothing_until_the_next_night():
    row = schedule()
    assert start_due_topics(NIGHT) == 1
    RunFactory(topic=row.topic, number=1, over=True)
    assert [start_due_topics(NIGHT + timedelta(minutes=minutes)) for minutes in (0, 1, 60, 1439)] == [0] * 4
    assert start_due_topics(NIGHT + timedelta(days=1)) == 1
    assert started(row) == 2


def test_three_missed_nights_start_it_once_and_say_that_it_was_late():
    row = schedule(considered_until=NIGHT - timedelta(days=3))
    assert start_due_topics(NIGHT + timedelta(hours=5)) == 1
    assert start_due_topics(NIGHT + timedelta(hours=5)) == 0
    assert "started, late, at 28 Nov 07:30" in outcome(row)


def test_who_asked_is_in_the_history_and_is_told_of_the_end():
    row = schedule()
    start_due_topics(NIGHT)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (row.asked_by, str(row.topic.pk))
    assert entry.change_message == "Asked to resume, by its schedule, 02:30 UTC, daily"
    assert TopicWatcher.objects.get().user == row.asked_by


def under_way(row):
    Topic.objects.filter(pk=row.topic.pk).start_over()


def paused(row):
    Topic.objects.filter(pk=row.topic.pk).update(desired_state=DesiredState.PAUSED)


def reached(row):
    AttributeFactory(request__producer__run__topic=row.topic)
    Topic.objects.filter(pk=row.topic.pk).update(target=1)


def dismissed(row):
    row.asked_by.is_active = False
    row.asked_by.save()


def without_the_right(row):
    row.asked_by.user_permissions.clear()


def nobody(row):
    row.asked_by.delete()


@pytest.mark.parametrize(
    ("hinder", "words"),
    [
        (under_way, "it was under way already"),
        (paused, "it is paused"),
        (reached, "its target of 1 entries is reached"),
        (dismissed, "may not start topics any more"),
        (without_the_right, "may not start topics any more"),
        (nobody, "may not start topics any more"),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_it_is_not_started_when(hinder, words):
    row = schedule()
    hinder(row)
    before = started(row)
    assert start_due_topics(NIGHT) == 0
    assert started(row) == before
    assert words in outcome(row)
    assert not LogEntry.objects.exists()


def test_what_people_rejected_does_not_count_for_the_target():
    attribute = AttributeFactory()
    Topic.objects.update(target=1)
    ReviewFactory(attribute=attribute)
    ReviewFactory(topic=attribute.topic, key=b"gone", found="not in the list any more")
    schedule(topic=attribute.topic)
    assert start_due_topics(NIGHT) == 1


def test_a_reached_target_is_told_once_and_not_every_night():
    row = schedule()
    reached(row)
    for days in range(3):
        start_due_topics(NIGHT + timedelta(days=days))
    told = Notification.objects.get()
    assert (told.user, told.kind) == (row.asked_by, "schedule")
    assert "starts nothing, as its target of 1 entries is reached" in told.words


def test_disabled_and_other_days_start_nothing():
    schedule(enabled=False)
    schedule(days="0")  # the night is a Saturday's
    assert start_due_topics(NIGHT) == 0


@pytest.mark.django_db(transaction=True)
def test_two_that_look_at_the_same_moment_start_it_once():
    row = schedule()
    counts = []

    def look():
        counts.append(start_due_topics(NIGHT))
        connection.close()

    threads = [Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(counts) == [0, 1]
    assert started(row) == 1


def test_a_topic_that_is_deleted_meanwhile_is_passed_over_and_keeps_no_other_waiting():
    rows = [schedule(), schedule(), schedule()]

    def delete(**kwargs):
        Topic.objects.filter(pk=rows[1].topic.pk).delete()

    post_save.connect(delete, sender=LogEntry)  # which the first start writes
    try:
        assert start_due_topics(NIGHT) == 2
    finally:
        post_save.disconnect(delete, sender=LogEntry)
    assert [started(rows[0]), started(rows[2])] == [1, 1]


def test_many_schedules_that_are_not_due_cost_one_query(django_assert_num_queries):
    for _ in range(3):
        schedule(considered_until=NIGHT)
    with django_assert_num_queries(1):
        start_due_topics(NIGHT + timedelta(hours=1))


# On the topic's page


def page(topic):
    return reverse("admin:topics_topic_change", args=[topic.pk])


def posted(client, topic, **changes):
    """Post the form as the page shows it, with changes."""
    form = client.get(page(topic)).context
    data = {name: value for name, value in form["adminform"].form.initial.items() if value is not None}
    for inline in form["inline_admin_formsets"]:
        management = inline.formset.management_form
        data |= {management.add_prefix(name): management[name].value() for name in management.fields}
    return client.post(page(topic), {**data, **changes})


def test_who_may_change_topics_schedules_them(client):
    user = UserFactory(permissions=["topics.change_topic", "topics.view_topic"])
    client.force_login(user)
    topic = TopicFactory()
    new = {"schedules-TOTAL_FORMS": 1, "schedules-0-at": "02:30", "schedules-0-days": ["5", "6"]}
    response = posted(client, topic, **new, **{"schedules-0-enabled": "on"})
    assert response.status_code == 302, response.context["errors"]
    row = TopicSchedule.objects.get()
    assert (row.topic, row.at, row.days, row.asked_by) == (topic, time(2, 30), "56", user)
    assert LogEntry.objects.get().get_change_message() == "Added schedule “02:30 UTC, Sat, Sun”."
    assert "02:30 UTC, Sat, Sun" in client.get(page(topic)).content.decode()


def test_a_change_is_in_the_name_of_who_makes_it_and_makes_no_time_missed(client):
    row = schedule(considered_until=NIGHT - timedelta(days=9))
    user = UserFactory(admin=True)
    client.force_login(user)
    change = {"schedules-0-id": row.pk, "schedules-0-topic": row.topic.pk, "schedules-0-at": "00:01"}
    response = posted(
        client, row.topic, **change, **{"schedules-0-days": list("0123456"), "schedules-0-enabled": "on"}
    )
    assert response.status_code == 302, response.context["errors"]
    row.refresh_from_db()
    assert (row.asked_by, row.at) == (user, time(0, 1))
    assert row.considered_until > NIGHT - timedelta(days=9)


def test_a_schedule_needs_a_day(client):
    client.force_login(UserFactory(admin=True))
    topic = TopicFactory()
    response = posted(client, topic, **{"schedules-TOTAL_FORMS": 1, "schedules-0-at": "02:30"})
    assert response.status_code == 200
    assert not TopicSchedule.objects.exists()


@pytest.mark.parametrize("filled", [{}, {"schedules-0-days": list("0123456"), "schedules-0-enabled": "on"}])
def test_a_row_without_a_time_is_refused_and_not_dropped(client, filled):
    client.force_login(UserFactory(admin=True))
    topic = TopicFactory()
    response = posted(client, topic, **{"schedules-TOTAL_FORMS": 1, **filled})
    assert "Say a time of the day" in response.content.decode()
    assert not TopicSchedule.objects.exists()


def test_who_may_only_look_sees_them_and_changes_none(client):
    row = schedule(outcome="28 Nov 2026 02:30 UTC: started")
    client.force_login(UserFactory(permissions=["topics.view_topic"]))
    shown = client.get(page(row.topic)).content.decode()
    assert "02:30 UTC, daily" in shown
    assert "28 Nov 2026 02:30 UTC: started" in shown
    assert 'name="schedules-0-at"' not in shown
    assert client.post(page(row.topic), {"schedules-TOTAL_FORMS": 1}).status_code == 403

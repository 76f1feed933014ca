"""What is done again and again, signs of life, what is tidied away, and what nobody may touch in the admin."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Success
from django_q.tasks import async_task

from orchestration.jobs import canary, periodic, tasks
from orchestration.jobs.broker import Broker
from orchestration.jobs.health import Sign, forget_what_was_busy, jobs_trouble, last_sign, record
from orchestration.jobs.periodic import PERIODIC, PREFIX, Periodic, exists, plan
from orchestration.models import JobsHealth, Notification
from tests.factories import NotificationFactory, UserFactory

pytestmark = [pytest.mark.storage, pytest.mark.django_db]


# What is done again and again


def planned():
    return dict(Schedule.objects.values_list("name", "func"))


def test_each_task_that_there_is_has_one_schedule_however_often_it_is_planned():
    plan()
    expected = {PREFIX + each.name: each.function for each in PERIODIC if exists(each.function)}
    assert planned() == expected
    later = timezone.now() + timedelta(hours=1)
    Schedule.objects.update(next_run=later)
    Schedule.objects.create(name=f"{PREFIX}notifications", func="doubled")
    Schedule.objects.create(name=f"{PREFIX}no longer known", func="os.system")
    Schedule.objects.create(name="somebody's own", func="theirs")
    plan()
    assert planned() == {**expected, "somebody's own": "theirs"}
    assert Schedule.objects.count() == len(expected) + 1
    assert Schedule.objects.filter(next_run=later).count() == len(expected)


def test_every_task_of_our_own_exists_and_has_a_limit_that_django_q_allows(settings):
    for each in PERIODIC:
        assert each.seconds <= settings.Q_CLUSTER["timeout"]
        if each.function.startswith("orchestration."):
            assert exists(each.function)


def test_what_another_part_does_not_have_is_left_out(monkeypatch):
    missing = (Periodic("a", "topics.nowhere.task", 1), Periodic("b", "topics.models.no_such_task", 1))
    monkeypatch.setattr(periodic, "PERIODIC", missing)
    plan()
    assert not Schedule.objects.exists()


# Signs of life


@pytest.fixture
def health():
    return JobsHealth.objects.create()


def queued(function):
    return [row for row in OrmQ.objects.all() if row.func() == function]


def test_a_canary_is_sent_when_the_one_before_has_come_through(health):
    asker, broker = canary.Asker(20), Broker()
    for now in (0, 1, 100):
        asker.turn(now, broker)
    [sent] = queued(canary.TASK)
    assert sent.task["args"] == (1,)
    JobsHealth.objects.update(canary=1)
    asker.turn(15, broker)  # not before its time
    assert len(queued(canary.TASK)) == 1
    asker.turn(101, broker)
    assert [row.task["args"] for row in queued(canary.TASK)] == [(1,), (2,)]


def test_a_new_cluster_does_not_wait_for_the_canary_of_the_last(health):
    for _ in range(2):
        canary.Asker(20).turn(0, Broker())
    assert len(queued(canary.TASK)) == 2


@pytest.mark.django_db(transaction=True)  # the scheduler closes connections that are too old
def test_the_guards_turn_runs_what_is_scheduled(health):
    plan()
    Broker().set_stat("", "", 3)
    assert len(queued("orchestration.jobs.tasks.notify")) == 1
    assert len(queued(canary.TASK)) == 1


def test_a_canary_that_comes_through_is_a_sign_and_a_failed_one_is_not(health):
    canary._result_is_kept({"func": canary.TASK, "success": False, "result": "no"})
    canary._result_is_kept({"func": "another.task", "success": True, "result": 3})
    assert last_sign() == Sign(0, 0)
    canary._result_is_kept({"func": canary.TASK, "success": True, "result": 3})
    health.refresh_from_db()
    assert (health.signs, health.canary) == (1, 3)
    assert health.heard_at


def test_a_long_task_asks_for_patience_until_it_is_over(health, settings):
    canary._task_begins({"func": tasks.__name__ + ".notify"})
    assert last_sign() == Sign(0, 0)
    canary._task_begins({"func": "topics.exports.tasks.make"})
    assert last_sign() == Sign(1, settings.Q_CLUSTER["timeout"])
    canary._task_is_over({"func": "topics.exports.tasks.make"})
    assert last_sign() == Sign(2, 0)


def test_a_new_life_is_not_busy_with_what_the_last_one_was_killed_at(health):
    canary._task_begins({"func": "topics.exports.tasks.make"})
    forget_what_was_busy()
    assert last_sign() == Sign(1, 0)


def test_without_a_row_there_was_no_sign():
    assert last_sign() == Sign(0, 0)


def test_what_the_engine_records_leaves_the_signs_alone(health):
    canary._result_is_kept({"func": canary.TASK, "success": True, "result": 3})
    record("backing_off", "x" * 900, 2)
    health.refresh_from_db()
    assert (health.state, health.restarts, health.canary, len(health.detail)) == ("backing_off", 2, 3, 500)
    assert "about to be started again" in jobs_trouble()


# What is tidied away


def failed(number, stopped):
    Failure.objects.create(
        id=f"{number:032}", name="x", func="x", success=False, started=stopped, stopped=stopped, result="Traceback"
    )


def test_what_is_too_old_goes_and_the_rest_stays():
    now = timezone.now()
    kept = NotificationFactory(read_at=now)
    NotificationFactory(read_at=now - timedelta(days=91))
    NotificationFactory(created_at=now - timedelta(days=366))
    failed(1, now)
    failed(2, now - timedelta(days=31))
    assert tasks.tidy() == 3
    assert list(Notification.objects.all()) == [kept]
    assert Failure.objects.get().id.endswith("1")


def test_failures_are_bounded_in_number(monkeypatch):
    monkeypatch.setattr("orchestration.jobs.tidying.MOST_FAILURES", 2)
    for number in range(4):
        failed(number, timezone.now() + timedelta(seconds=number))
    tasks.tidy()
    assert sorted(int(pk) for pk in Failure.objects.values_list("pk", flat=True)) == [2, 3]


def test_a_task_that_can_never_be_done_is_given_up_after_a_day(monkeypatch):
    async_task("a.task")
    tasks.tidy()
    assert OrmQ.objects.exists()
    OrmQ.objects.create(key="igentai", payload="forged", lock=timezone.now())
    tasks.tidy()
    assert OrmQ.objects.count() == 1
    tomorrow = timezone.now() + timedelta(days=1, minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: tomorrow)
    tasks.tidy()
    assert not OrmQ.objects.exists()


# In the admin


def test_nobody_touches_the_queue_or_the_schedules_in_the_admin(client):
    assert not [model for model in (OrmQ, Schedule, Success) if admin.site.is_registered(model)]
    failed(1, timezone.now())
    client.force_login(UserFactory(admin=True))
    page = reverse("admin:django_q_failure_change", args=[f"{1:032}"])
    assert "Traceback" in client.get(page).content.decode()
    assert client.post(page, {}).status_code == 403
    listed = client.get(reverse("admin:django_q_failure_changelist")).content.decode()
    assert "Traceback" in listed
    assert "resubmit" not in listed

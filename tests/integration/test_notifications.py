"""Who watches a topic is told how its runs end, once, in the portal and by mail."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone
from django_q.models import OrmQ

from igentai_site.mail import Mail
from orchestration.jobs import tasks
from orchestration.jobs.mailing import MOST_ATTEMPTS, send_mails
from orchestration.jobs.notices import tell_of_runs
from orchestration.models import MailPreference, Notification, Run, RunFigures
from tests.factories import (
    NotificationFactory,
    RunFactory,
    RunFiguresFactory,
    TopicWatcherFactory,
)
from topics.commands import COMMANDS, carry_out
from topics.models import Topic, TopicWatcher

pytestmark = [pytest.mark.storage, pytest.mark.django_db]

HOUR = timedelta(hours=1)


def over(watcher, **fields):
    return RunFactory(topic=watcher.topic, over=True, **fields)


def told():
    return list(Notification.objects.order_by("pk").values_list("kind", flat=True))


def test_the_end_of_a_run_is_told_once():
    watcher = TopicWatcherFactory(topic__name="Zoo")
    run = over(watcher, number=1, unique=7, stop_detail="the list has the 7 entries that were asked for")
    RunFiguresFactory(run=run, data={"estimates": {"coverage": {"estimate": 0.5, "low": 0.4, "high": 0.6}}})
    assert [tell_of_runs(timezone.now()) for _ in range(3)] == [1, 0, 0]
    notification = Notification.objects.get()
    assert (notification.user, notification.run, notification.kind) == (watcher.user, run, "ended")
    assert "7 entries in the list, 7 newly found; $0.00; coverage about 50% (40% to 60%)" in notification.words


def test_a_failure_and_a_cap_that_is_near_are_told_and_then_the_end():
    watcher = TopicWatcherFactory()
    over(watcher, state=Run.State.FAILED)
    run = RunFactory(topic=watcher.topic, warning="four fifths of the budget are spent")
    RunFactory(topic=watcher.topic)  # without a warning
    tell_of_runs(timezone.now())
    assert told() == ["failed", "warning"]
    Run.objects.filter(pk=run.pk).update(state=Run.State.ENDED, ended_at=timezone.now())
    tell_of_runs(timezone.now())
    assert told() == ["failed", "warning", "ended"]


def test_what_ended_before_somebody_watched_is_no_news():
    watcher = TopicWatcherFactory(since=timezone.now() + HOUR)
    over(watcher)
    assert tell_of_runs(timezone.now()) == 0


def test_who_does_not_want_it_is_not_told_and_stays_so_when_starting_again():
    watcher = TopicWatcherFactory(muted=True)
    carry_out(COMMANDS["resume"], Topic.objects.all(), watcher.user)
    over(watcher)
    assert tell_of_runs(timezone.now()) == 0


def test_a_run_that_a_new_start_took_over_is_no_news():
    over(TopicWatcherFactory(), stop_reason="superseded")
    assert tell_of_runs(timezone.now()) == 0


@pytest.mark.parametrize(("name", "watched"), [("start_over", True), ("resume", True), ("stop", False)])
def test_who_starts_a_topic_watches_it(name, watched):
    watcher = TopicWatcherFactory()
    other = TopicWatcherFactory().user
    carry_out(COMMANDS[name], Topic.objects.filter(pk=watcher.topic.pk), other)
    assert TopicWatcher.objects.filter(topic=watcher.topic, user=other).exists() is watched


def test_each_who_watches_is_told_and_many_runs_take_no_more_queries(django_assert_max_num_queries):
    first = TopicWatcherFactory()
    TopicWatcherFactory(topic=first.topic)
    for _ in range(5):
        over(first)
    with django_assert_max_num_queries(8):
        assert tell_of_runs(timezone.now()) == 10
    assert RunFigures.objects.count() == 0


# Mail


@pytest.fixture
def mailing(settings):
    settings.MAIL = Mail(configured=True)
    settings.PORTAL_URL = "https://igentai.example"


def to_mail(**fields):
    return NotificationFactory(mail_wanted=True, user__email="ada@example.org", **fields)


def test_who_has_an_address_gets_mail_unless_they_do_not_want_it(mailing):
    for email, preference in (
        ("ada@example.org", None),
        ("bob@example.org", False),
        ("eve@example.org", True),
        ("", None),
    ):
        watcher = TopicWatcherFactory(user__email=email)
        over(watcher)
        if preference is not None:
            MailPreference.objects.create(user=watcher.user, mail=preference)
    tell_of_runs(timezone.now())
    wanted = Notification.objects.filter(mail_wanted=True).values_list("user__email", flat=True)
    assert sorted(wanted) == ["ada@example.org", "eve@example.org"]


def test_without_mail_settings_the_portal_alone_tells():
    over(TopicWatcherFactory(user__email="ada@example.org"))
    assert tasks.notify() == 1
    assert not Notification.objects.get().mail_wanted
    assert not OrmQ.objects.exists()


def test_what_is_to_be_mailed_is_mailed_in_a_task_of_its_own(mailing):
    over(TopicWatcherFactory(user__email="ada@example.org"))
    tasks.notify()
    assert OrmQ.objects.get().func() == "orchestration.jobs.tasks.mail"
    assert [tasks.mail(), tasks.mail()] == [1, 0]
    assert len(mail.outbox) == 1


def test_a_mail_is_plain_text_whatever_the_topic_is_called(mailing):
    name = "<img src=x onerror=alert(1)>\r\nBcc: eve@example.org"
    notification = to_mail(run__topic__name=name, words=f"Run 1 of “{name}” has ended.")
    assert send_mails(timezone.now()) == 1
    [sent] = mail.outbox
    assert sent.to == ["ada@example.org"]
    assert sent.recipients() == ["ada@example.org"]
    assert "\n" not in sent.subject
    assert sent.message().get_content_type() == "text/plain"
    assert f"https://igentai.example/topics/{notification.run.topic_id}/live/" in sent.body


class Refusing(EmailBackend):
    """A server that refuses some, or is not there at all."""

    error: Exception | None = None
    refused = ""

    def send_messages(self, messages):
        if self.error:
            raise self.error
        if messages[0].to == [self.refused]:
            raise SMTPRecipientsRefused({self.refused: (550, b"no such user")})
        return super().send_messages(messages)


@pytest.fixture
def server(monkeypatch, mailing):
    monkeypatch.setattr("orchestration.jobs.mailing.get_connection", Refusing)
    monkeypatch.setattr(Refusing, "error", None)
    return lambda **state: [monkeypatch.setattr(Refusing, name, value) for name, value in state.items()]


def test_a_server_that_is_away_is_tried_again_later_and_not_for_ever(server):
    server(error=SMTPServerDisconnected("gone"))
    notification, other = to_mail(), to_mail()
    now = timezone.now()
    assert send_mails(now) == 0
    notification.refresh_from_db()
    other.refresh_from_db()
    assert (notification.mail_attempts, notification.mailed_at, notification.mail_error) == (1, None, "gone")
    assert other.mail_attempts == 0
    assert notification.mail_after > now
    for _ in range(20):
        now += timedelta(hours=3)
        send_mails(now)
    notification.refresh_from_db()
    assert notification.mail_attempts == MOST_ATTEMPTS
    server(error=None)
    send_mails(now + timedelta(hours=3))
    assert len(mail.outbox) == 0


def test_a_server_that_comes_back_gets_it_once(server):
    server(error=ConnectionRefusedError("no"))
    to_mail()
    send_mails(timezone.now())
    server(error=None)
    assert [send_mails(timezone.now() + HOUR) for _ in range(2)] == [1, 0]
    assert len(mail.outbox) == 1


def test_one_address_that_is_refused_keeps_nobody_else_from_their_mail(server):
    to_mail()
    server(refused="ada@example.org")
    NotificationFactory(mail_wanted=True, user__email="bob@example.org")
    assert send_mails(timezone.now()) == 1
    assert mail.outbox[0].to == ["bob@example.org"]


def test_a_mail_that_was_cut_off_is_not_sent_twice(mailing, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*args):
        raise Killed

    to_mail()
    monkeypatch.setattr("orchestration.jobs.mailing._message", die)
    with pytest.raises(Killed):
        send_mails(timezone.now())
    monkeypatch.undo()
    assert send_mails(timezone.now() + HOUR) == 0


def test_who_may_not_look_any_more_gets_no_mail(mailing):
    dismissed, demoted = to_mail(), to_mail()
    dismissed.user.is_active = False
    dismissed.user.save()
    demoted.user.user_permissions.remove(Permission.objects.get(codename="view_topic"))
    assert send_mails(timezone.now()) == 0
    assert not Notification.objects.filter(mail_wanted=True).exists()

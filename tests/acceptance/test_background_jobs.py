"""Background jobs beside the engine: alive again after whatever is done to them, and never orphans."""

import os
import signal
from datetime import UTC, datetime, timedelta

import pytest
from django_q.models import Schedule

from orchestration.models import JobsHealth, Notification
from tests.acceptance.support import free_port, steady_provider, until
from tests.factories import TopicFactory, TopicScheduleFactory
from topics.models import Topic

pytestmark = pytest.mark.django_db(transaction=True)

SERVER = "orchestration.jobs.server"
PROCESSES = 6  # leader, guard, two workers, monitor, pusher


def health():
    return JobsHealth.objects.filter(pk=JobsHealth.SINGLETON).first() or JobsHealth()


def working(restarts):
    """It has been restarted so often at least (a slow machine may add to it), and a canary came through it since."""
    now = health()
    return now.state == "running" and now.restarts >= restarts


def guard_of(igentai):
    """The child of the leader, which is the child of the engine."""
    ours = {process.pid: process for process in igentai.processes(SERVER)}
    [leader] = [process for process in ours.values() if process.ppid() not in ours]
    [guard] = [process for process in ours.values() if process.ppid() == leader.pid]
    return guard


def start(igentai, **environ):
    engine = igentai.start("--port", free_port(), environ={"IGENTAI_JOBS_SILENCE": "3", **environ})
    until(lambda: working(0), what="the background jobs work")
    assert len(igentai.processes(SERVER)) == PROCESSES
    return engine


def test_dead_and_stuck_jobs_are_restarted_and_nothing_survives_the_engine(igentai):
    engine = start(igentai)
    os.kill(guard_of(igentai).pid, signal.SIGKILL)
    until(lambda: working(1), what="they work again after the guard was killed")
    assert "the guard of the cluster has died" in engine.stderr
    assert len(igentai.processes(SERVER)) == PROCESSES
    restarts = health().restarts
    guard_of(igentai).suspend()
    until(lambda: working(restarts + 1), what="they work again after the guard was stopped")
    assert "background jobs stuck: no sign of life" in engine.stderr
    assert engine.running
    guard_of(igentai).suspend()  # what is stopped must die, too
    engine.kill()
    until(lambda: not igentai.processes(), 2.0, "no orphan is left")


@pytest.mark.storage
def test_a_topic_starts_at_its_time_and_who_asked_is_told_and_mailed(igentai, tmp_path):
    provider = steady_provider()
    topic = TopicFactory(name="Zoo", target=20, producer_count=1, request_size=20)
    topic.chosen_providers.create(provider=provider)
    past = datetime.now(UTC) - timedelta(days=1)
    row = TopicScheduleFactory(topic=topic, considered_until=past, asked_by__email="ada@example.org")
    engine = start(igentai, EMAIL_URL=f"file://{tmp_path}/mail", IGENTAI_URL="https://igentai.example")
    run_all_scheduled()
    until(lambda: topic.runs.filter(ended_at__isnull=False).exists(), what="the scheduled run is over")
    told = until(told_after_another_look, what="who asked is told")
    assert (told.user, told.kind) == (row.asked_by, "ended")
    [mail] = until(lambda: [each for each in (tmp_path / "mail").glob("*.log") if each.read_text()], what="the mail")
    assert "Subject: [igentai] Zoo: run 1 has ended" in mail.read_text()
    assert "To: ada@example.org" in mail.read_text()
    assert Topic.objects.get().starts == 1
    assert engine.stopped(signal.SIGINT).status == 0
    assert not igentai.processes()
    assert health().state == "stopped"


def run_all_scheduled():
    """Have the minute of every schedule come now."""
    Schedule.objects.update(next_run=datetime.now(UTC))


def told_after_another_look():
    run_all_scheduled()
    return Notification.objects.select_related("user").first()

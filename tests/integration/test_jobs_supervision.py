"""What the engine makes of a cluster's silence, with the processes left out."""

import asyncio
from types import SimpleNamespace

import pytest

from orchestration.jobs import health
from orchestration.logic.silence import START_SECONDS
from orchestration.models import JobsHealth
from orchestration.runtime import jobs as jobs_module
from orchestration.runtime.database import Database
from orchestration.runtime.jobs import Jobs
from orchestration.runtime.supervisor import ChildState
from tests.live import database, until

pytestmark = pytest.mark.django_db(transaction=True)


class Child:
    """A supervised process whose life a test tells."""

    def __init__(self, name, command):
        self.state, self.detail, self.restarts, self.started_at, self.pid = ChildState.STARTING, "", 0, 1.0, None
        self.killed = []

    async def run(self):
        self.state = ChildState.FAILED

    async def stop(self, ask=None):
        self.state = ChildState.STOPPED

    def mark_running(self):
        self.state = ChildState.RUNNING

    def kill(self, reason):
        self.killed.append(reason)


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(jobs_module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


@pytest.fixture
def jobs(monkeypatch, clock):
    monkeypatch.setattr(jobs_module, "Supervised", Child)
    return Jobs(Database(), silence_seconds=20.0)


def sing():
    JobsHealth.objects.get_or_create(pk=1)
    JobsHealth.objects.filter(pk=1).update(signs=health.last_sign().number + 1)


async def pass_by(jobs, clock, seconds):
    for _ in range(int(seconds / jobs.look_seconds)):
        clock[0] += jobs.look_seconds
        await jobs.look()


async def test_a_cluster_that_sings_runs_and_one_that_falls_silent_is_killed(jobs, clock):
    await jobs.look()
    await database(sing)
    await pass_by(jobs, clock, 2)
    assert jobs._child.state == ChildState.RUNNING
    assert (await database(JobsHealth.objects.get)).state == "running"
    await pass_by(jobs, clock, 18)
    assert not jobs._child.killed
    await pass_by(jobs, clock, 6)
    assert jobs._child.killed == ["stuck: no sign of life for 22 s"]


async def test_the_time_in_which_nobody_could_look_does_not_count(jobs, clock):
    await jobs.look()
    await database(sing)
    await pass_by(jobs, clock, 2)
    clock[0] += 3600
    await jobs.look()
    assert not jobs._child.killed


async def test_a_new_life_has_time_to_start_and_no_busyness_of_the_last(jobs, clock):
    await jobs.look()
    await database(sing)
    await pass_by(jobs, clock, 2)
    await database(lambda: JobsHealth.objects.update(busy_seconds=900))
    jobs._child.started_at, jobs._child.state = 2.0, ChildState.STARTING
    await pass_by(jobs, clock, START_SECONDS + 20)
    assert not jobs._child.killed
    await pass_by(jobs, clock, 8)
    assert len(jobs._child.killed) == 1


async def test_while_it_is_about_to_be_started_again_nobody_listens(jobs, clock):
    jobs._child.state, jobs._child.detail = ChildState.BACKING_OFF, "ended by signal 9"
    await pass_by(jobs, clock, 200)
    assert not jobs._child.killed
    assert "ended by signal 9" in await database(health.jobs_trouble)


async def test_one_that_was_given_up_gets_another_chance(jobs, monkeypatch):
    monkeypatch.setattr(jobs_module, "SECOND_CHANCE_SECONDS", 0.01)
    first = jobs._child
    running = asyncio.create_task(jobs.run())
    await until(lambda: jobs._child is not first)
    await jobs.stop()
    await running

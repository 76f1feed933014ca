"""The engine as a service: it does what people want in the database, beside its portal."""

import os
import signal
import socket
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from orchestration.models import EngineLease, Run
from tests.acceptance.support import (
    Igentai,
    free_port,
    newest_run,
    requests_made,
    settled,
    steady_provider,
    texts,
    until,
    wanted_topic,
    wish,
)
from tests.acceptance.wholeness import assert_whole
from tests.factories import TopicFactory

pytestmark = pytest.mark.django_db(transaction=True)


def portal_answers(port: int) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/admin/login/", timeout=2) as page:
        return bool(page.status == 200)
    return False


def at_work(topic) -> bool:
    topic.refresh_from_db()
    run = newest_run(topic)
    return run is not None and run.number == topic.starts and run.requests > 0


@pytest.mark.storage
def test_topics_start_stop_resume_and_start_over_as_people_want(igentai):
    provider = steady_provider()
    one, other = (wanted_topic(provider, producer_count=1, request_size=20) for _ in range(2))
    idle = TopicFactory()
    engine = igentai.start("--port", 0)
    until(lambda: at_work(one) and at_work(other), what="both topics at work")
    wish(one).stop()
    until(lambda: settled(one, igentai), what="the one is stopped")
    assert newest_run(one).stop_reason == "stopped"
    assert newest_run(other).ended_at is None
    first = texts(one)
    assert_whole(one, igentai)

    wish(one).resume()
    until(lambda: at_work(one), what="the one goes on")
    wish(one).stop()
    until(lambda: settled(one, igentai), what="the one is stopped again")
    assert texts(one)[: len(first)] == first
    assert_whole(one, igentai)

    wish(one).start_over()
    until(lambda: at_work(one), what="the one begins anew")
    wish(one).start_over()
    until(lambda: at_work(one), what="a start supersedes the run under way")
    assert one.runs.get(number=3).stop_reason == "superseded"
    assert engine.stopped().status == 0
    assert_whole(one, igentai)
    assert_whole(other, igentai)
    assert newest_run(one).state == newest_run(other).state == "waiting"
    assert not idle.runs.exists()


@pytest.mark.storage
def test_a_budget_that_is_set_while_a_run_is_under_way_ends_it(igentai):
    topic = wanted_topic(steady_provider(), producer_count=1, request_size=20)
    engine = igentai.start("--port", 0)
    until(lambda: at_work(topic), what="the topic is at work")
    wish(topic).update(budget_usd="0.0001")
    until(lambda: settled(topic, igentai), what="the run is over")
    assert (newest_run(topic).stop_reason, float(newest_run(topic).budget_usd)) == ("budget", 0.0001)
    assert engine.stopped().status == 0


@pytest.mark.storage
def test_a_restarted_engine_goes_on_with_what_should_run_and_with_nothing_else(igentai):
    provider = steady_provider()
    endless = wanted_topic(provider, producer_count=1, request_size=20)
    finished = wanted_topic(provider, producer_count=1, request_size=20, target=20)
    engine = igentai.start("--port", 0)
    until(lambda: settled(finished, igentai) and at_work(endless), what="one run over, one at work")
    assert engine.stopped().status == 0
    made = finished.runs.get().requests, endless.runs.get().requests
    engine = igentai.start("--port", 0)
    until(lambda: endless.runs.get().requests > made[1], 5.0, "the endless one goes on")
    assert engine.stopped().status == 0
    assert finished.runs.get().requests == made[0]
    assert endless.runs.get().requests > made[1]
    for topic in (endless, finished):
        assert_whole(topic, igentai)


@pytest.mark.storage
def test_a_second_engine_on_the_same_database_ends_at_once_and_names_the_owner(igentai):
    engine = igentai.start("--port", 0)
    until(lambda: EngineLease.objects.filter(pid=engine.pid).exists(), what="the lease")
    second = igentai.explore("--port", 0, seconds=10)
    assert second.status == 1
    assert f"process {engine.pid} on {socket.gethostname()}" in second.stderr
    assert "Traceback" not in second.stderr
    assert engine.running
    assert engine.stopped().status == 0


def test_a_second_engine_says_where_the_first_ones_portal_is_before_anything_else(igentai):
    port = free_port()
    engine = igentai.start("--port", port)
    until(lambda: portal_answers(port), what="the portal")
    for second in [igentai.start("--port", number) for number in (port, free_port())]:
        ended = second.ended()
        assert (ended.status, ended.stdout) == (1, "")
        assert f"already running: process {engine.pid} on {socket.gethostname()}" in ended.stderr
        assert f"with its portal at http://127.0.0.1:{port}/;" in ended.stderr
        with pytest.raises(ProcessLookupError):
            os.killpg(second.pid, 0)  # nothing is left of it
    assert engine.running
    assert engine.stopped().status == 0


@pytest.mark.storage
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["INT", "TERM"])
def test_signals_end_everything_in_good_order_however_often_they_come(igentai, number):
    topic = wanted_topic(steady_provider(), producer_count=2, request_size=20)
    port = free_port()
    engine = igentai.start("--port", port)
    until(lambda: portal_answers(port) and at_work(topic), what="portal and producers")
    engine.send(number)
    engine.send(number)
    until(lambda: newest_run(topic).state == "waiting" or not engine.running, 10.0, "the end has begun")
    engine.send(number)
    over = engine.ended(10.0)
    assert over.status == 0, over.stderr
    assert "Traceback" not in over.stderr
    assert not igentai.processes()
    assert EngineLease.objects.get().released
    assert_whole(topic, igentai)


@pytest.mark.parametrize("moment", ["listening to signals", "owning the database", "starting producers"])
def test_a_signal_during_the_start_is_obeyed(igentai, moment):
    topic = wanted_topic(steady_provider(), producer_count=3, request_size=20)
    engine = igentai.start("--port", free_port())
    match moment:
        case "listening to signals":
            until(lambda: catches(engine.pid, signal.SIGTERM), what=moment)
        case "owning the database":
            until(lambda: EngineLease.objects.filter(pid=engine.pid).exists(), what=moment)
        case "starting producers":
            until(igentai.workers, what=moment)
    over = engine.stopped()
    assert over.status == 0, over.stderr
    assert "Traceback" not in over.stderr
    assert not igentai.processes()
    assert newest_run(topic) is None or newest_run(topic).ended_at is None


def catches(pid: int, number: int) -> bool:
    """Whether the process has a handler of its own for this signal."""
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return bool(int(status["SigCgt"], 16) >> (number - 1) & 1)


def test_a_stop_before_batch_mode_has_begun_leaves_nothing_wanted(igentai):
    steady_provider()
    engine = igentai.start("--topic", "Zoo", "--provider", "fast", "-n", 2, "--json")
    until(lambda: Run.objects.exists() or not engine.running, what="the run")
    assert engine.stopped().status == 0
    assert Run.objects.get().topic.desired_state == "stopped"


def test_a_port_that_is_taken_is_a_clear_error(igentai):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for flags in (("--port", port), ("--port", 0, "--link", f"127.0.0.1:{port}")):
            over = igentai.explore(*flags, seconds=10)
            assert over.status == 1
            assert str(port) in over.stderr
            assert "Traceback" not in over.stderr
    assert EngineLease.objects.filter(released=False).count() == 0


def test_a_killed_portal_comes_back_and_the_exploring_never_stops(igentai):
    topic = wanted_topic(steady_provider(), producer_count=1, request_size=20)
    port = free_port()
    engine = igentai.start("--port", port)
    until(lambda: portal_answers(port) and at_work(topic), what="portal and producers")
    portal = portal_of(igentai)
    made = requests_made()
    os.kill(portal.pid, signal.SIGKILL)
    until(lambda: requests_made() > made, what="ingest goes on without a portal")
    until(lambda: portal_answers(port), 5.0, "the portal is back")
    assert portal_of(igentai).pid != portal.pid
    assert engine.stopped().status == 0
    assert_whole(topic, igentai)


def portal_of(igentai: Igentai):
    [portal] = igentai.processes("orchestration.portal.server")
    return portal


def test_the_portal_dies_with_a_killed_engine(igentai):
    port = free_port()
    engine = igentai.start("--port", port)
    until(lambda: portal_answers(port), what="the portal")
    engine.kill()
    until(lambda: not igentai.processes(), 2.0, "no orphan is left")

"""Producers die, hang and cannot start (faults 2 to 6): the others work on, and the supervisor brings them back."""

import asyncio
import os
import signal
import sys
import time
from contextlib import suppress

import psutil  # type: ignore[import-untyped]
import pytest

from orchestration.logic import lifecycle
from orchestration.runtime import supervisor
from orchestration.runtime.link_server import Port
from orchestration.runtime.new_lives import NewLives
from orchestration.runtime.slots import Slot
from orchestration.runtime.supervisor import ChildState, Command, Supervised
from producers.models import Producer
from tests.acceptance.support import (
    fast_provider,
    producers_of,
    requests_made,
    settled,
    steady_provider,
    until,
    wanted_topic,
    wish,
)
from tests.acceptance.wholeness import assert_whole

PIDS = "import os, sys; print(os.getpid(), file=open(sys.argv[1], 'a')); "


@pytest.mark.django_db(transaction=True)
def test_killed_and_hung_producers_are_replaced_while_the_others_work_on(igentai):
    topic = wanted_topic(steady_provider(), producer_count=3, request_size=20)
    engine = igentai.start("--port", 0)
    until(lambda: len(working(topic)) == 3, what="three producers at work")
    killed, hung, other = (producers_of(topic)[slot].pid or 0 for slot in range(3))
    os.kill(hung, signal.SIGSTOP)
    stopped_at = time.monotonic()
    os.kill(killed, signal.SIGKILL)
    killed_at = time.monotonic()
    until(lambda: len(igentai.workers()) == 3 and killed not in pids(igentai), 2.5, "the killed one is back")
    until(lambda: producers_of(topic)[0].state == "running", 5.0 - since(killed_at), "it works again")
    until(lambda: hung not in pids(igentai), 12.0, "the hung one is given up")
    assert since(stopped_at) > 6.0, "it was given up before it had missed three heartbeats"
    until(lambda: restarts(topic) == [1, 1, 0] and len(working(topic)) == 3, 5.0, "all at work again")
    made = requests_made()
    until(lambda: requests_made() > made, what="more commits")
    assert producers_of(topic)[2].pid == other
    wish(topic).stop()
    until(lambda: settled(topic, igentai), what="the end of the run")
    assert engine.stopped().status == 0
    assert_whole(topic, igentai)


def working(topic) -> list[int]:
    return [row.pid for row in producers_of(topic).values() if row.state == "running" and row.pid]


def restarts(topic) -> list[int]:
    return [row.restarts for _, row in sorted(producers_of(topic).items())]


def pids(igentai) -> set[int]:
    return {process.pid for process in igentai.workers()}


def since(moment: float) -> float:
    return time.monotonic() - moment


@pytest.mark.django_db(transaction=True)
def test_producers_that_can_never_start_fail_the_run_visibly(igentai, tmp_path):
    """Every life ends at once; after five the run says so instead of trying for ever."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import sys\nif 'producers.worker' in ' '.join(sys.orig_argv):\n    sys.exit('no disk, no memory, no luck')\n"
    )
    fast_provider()
    ended = igentai.explore(
        *("--topic", "Zoo", "--provider", "fast", "-n", 2, "--json"),
        environ={"PYTHONPATH": str(broken)},
        seconds=45,
    )
    assert ended.status == 1
    assert ended.summary["stop_reason"] == "no_producer"
    assert "no luck" in ended.stderr
    assert len(ended.stderr.splitlines()) < 40


# ------------------------------------------------------------------------- the supervisor, with tiny children


def python(code: str, *arguments: str) -> Command:
    return Command((sys.executable, "-c", code, *arguments))


async def eventually(true, seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)


def alive(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    return False


@pytest.fixture
def short_times(monkeypatch):
    monkeypatch.setattr(supervisor, "ASK_SECONDS", 0.3)
    monkeypatch.setattr(supervisor, "TERM_SECONDS", 0.3)
    monkeypatch.setattr(supervisor, "restart_delay", lambda lives, draw: 0.01)


async def test_five_short_lives_are_the_end_and_the_last_words_are_kept(short_times):
    born = []

    def command() -> Command:
        born.append(True)
        return python("raise SystemExit('bad argument')")

    child = Supervised("child", command)
    async with asyncio.timeout(10):
        await child.run()
    assert len(born) == lifecycle.MOST_SHORT_LIVES == 5
    assert child.state == ChildState.FAILED
    assert "bad argument" in child.detail


async def test_a_command_that_does_not_exist_fails_like_one_that_dies(short_times):
    child = Supervised("child", lambda: Command(("/no/such/program",)))
    async with asyncio.timeout(10):
        await child.run()
    assert child.state == ChildState.FAILED
    assert "cannot be started" in child.detail


async def test_a_flood_of_output_in_one_line_blocks_nobody_and_is_not_kept(short_times):
    code = "import os\nfor _ in range(160): os.write(1, b'x' * 65536)\nraise SystemExit(3)"
    child = Supervised("child", lambda: python(code))
    async with asyncio.timeout(20):
        await child.run()
    assert child.state == ChildState.FAILED
    assert "status 3" in child.detail
    assert len(child.detail) < 1_000


async def test_a_child_that_ignores_every_request_is_killed_with_its_grandchildren(short_times, tmp_path):
    seen = tmp_path / "pids"
    stubborn = PIDS + "import signal, time; signal.signal(15, signal.SIG_IGN); "
    grandchild = stubborn + "time.sleep(60)"
    code = f"{stubborn}import subprocess; subprocess.Popen([sys.executable, '-c', {grandchild!r}, sys.argv[1]]); "
    child = Supervised("child", lambda: python(code + "time.sleep(60)", str(seen)))
    running = asyncio.create_task(child.run())
    await eventually(lambda: seen.exists() and len(seen.read_text().split()) == 2)
    asked = []
    await child.stop(lambda: asked.append(True))
    async with asyncio.timeout(5):
        await running
    assert asked == [True]
    assert child.state == ChildState.STOPPED
    await eventually(lambda: not any(alive(int(pid)) for pid in seen.read_text().split()), 2)


async def test_a_grandchild_that_outlives_its_parent_goes_with_the_group(short_times, tmp_path):
    seen = tmp_path / "pids"
    grandchild = PIDS + "import time; time.sleep(60)"
    code = (
        "import subprocess, sys, time, os\n"
        f"subprocess.Popen([sys.executable, '-c', {grandchild!r}, sys.argv[1]])\n"
        "while not os.path.exists(sys.argv[1]): time.sleep(0.01)"
    )
    child = Supervised("child", lambda: python(code, str(seen)))
    async with asyncio.timeout(20):
        await child.run()
    await eventually(lambda: not any(alive(int(pid)) for pid in seen.read_text().split()), 2)


async def test_a_stop_while_it_waits_for_the_next_life_ends_at_once(monkeypatch):
    monkeypatch.setattr(supervisor, "restart_delay", lambda lives, draw: 60.0)
    child = Supervised("child", lambda: python("raise SystemExit(1)"))
    running = asyncio.create_task(child.run())
    await eventually(lambda: child.state == ChildState.BACKING_OFF)
    await child.stop()
    async with asyncio.timeout(2):
        await running
    assert child.state == ChildState.STOPPED


async def test_a_restart_ends_the_life_in_good_order_and_begins_the_next_at_once(short_times, tmp_path, monkeypatch):
    monkeypatch.setattr(supervisor, "restart_delay", lambda lives, draw: 60.0)
    seen, asked = tmp_path / "pids", []
    child = Supervised("child", lambda: python(PIDS + "import time; time.sleep(60)", str(seen)))
    living = asyncio.create_task(child.run())
    for life in (1, 2, 3):
        await eventually(lambda life=life: seen.exists() and len(seen.read_text().split()) == life)
        # A child may be at work before we have heard that it was born.
        await eventually(lambda: child.pid is not None)
        if life < 3:
            await child.restart(lambda: asked.append(child.pid))
    first, second, third = map(int, seen.read_text().split())
    assert asked == [first, second]
    assert not alive(first)
    assert not alive(second)
    assert (child.pid, child.restarts) == (third, 1)
    await child.stop()
    await living
    assert not alive(third)


async def test_a_restart_need_not_wait_for_a_back_off_and_gives_new_lives_to_one_that_failed(
    short_times, monkeypatch
):
    born: list[int] = []

    def command() -> Command:
        born.append(len(born))
        return python("raise SystemExit(1)" if len(born) < 7 else "import time; time.sleep(60)")

    child = Supervised("child", command)
    await child.run()
    assert str(child.state) == "failed"
    await child.restart()
    monkeypatch.setattr(supervisor, "restart_delay", lambda lives, draw: 60.0)
    living = asyncio.create_task(child.run())
    await eventually(lambda: str(child.state) == "backing_off")
    await child.restart()
    await eventually(lambda: child.pid is not None and len(born) == 7)
    await child.stop()
    await living
    assert str(child.state) == "stopped"


async def test_a_stop_during_a_restart_leaves_nobody(short_times, tmp_path):
    seen = tmp_path / "pids"
    child = Supervised("child", lambda: python(PIDS + "import time; time.sleep(60)", str(seen)))
    living = asyncio.create_task(child.run())
    await eventually(lambda: seen.exists() and seen.read_text().strip() != "")
    restarting = asyncio.create_task(child.restart(lambda: None))
    await asyncio.sleep(0)
    await child.stop()
    await asyncio.gather(living, restarting)
    assert child.state == ChildState.STOPPED
    assert not any(alive(int(pid)) for pid in seen.read_text().split())


async def test_one_that_has_failed_gets_new_lives_when_people_ask_and_none_that_they_have_had(short_times):
    born: list[int] = []

    def command() -> Command:
        born.append(len(born))
        return python("raise SystemExit(1)" if len(born) <= 5 else "import time; time.sleep(60)")

    child = Supervised("child", command)
    slot = Slot(Producer(slot=0, restarts_asked=3), Port(never), child)
    living = [asyncio.create_task(child.run())]
    lives = NewLives([slot], living)
    await eventually(living[0].done)
    lives.give({0: 3})
    await lives.settled()
    assert len(born) == 5
    for _ in range(3):  # seen again and again, answered once
        lives.give({0: 4})
        await lives.settled()
    await eventually(lambda: child.pid is not None)
    lives.give({0: 4})
    await lives.settled()
    assert len(born) == 6
    await child.stop()
    await asyncio.gather(*living)


async def never(port: Port, message: object) -> None:
    raise AssertionError("nobody is connected")

"""The engine is killed at any moment (fault 1): nothing that was committed is lost, nothing is counted twice."""

import os
import random
import time

import pytest

from orchestration.models import Run
from tests.acceptance.support import (
    PATIENCE,
    Igentai,
    fast_provider,
    newest_run,
    requests_made,
    settled,
    steady_provider,
    texts,
    until,
    wanted_topic,
    wish,
)
from tests.acceptance.wholeness import assert_counted_once, assert_whole

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]

ROUNDS = int(os.environ.get("IGENTAI_KILL_ROUNDS", "6"))
ORPHAN_SECONDS = 2.0


@pytest.mark.timeout(60 + 15 * ROUNDS)
def test_an_engine_that_is_killed_under_load_loses_nothing_and_leaves_no_orphan(igentai):
    topic = wanted_topic(steady_provider(), producer_count=3, request_size=20)
    for _ in range(ROUNDS):
        if Run.objects.exists() and not Run.objects.active().exists():
            wish(topic).start_over()  # the world was told in full; the next rounds need load again
        kill_at_a_random_moment(igentai)
    finish(igentai, topic)
    assert_whole(topic, igentai)


def kill_at_a_random_moment(igentai: Igentai) -> None:
    engine, made = igentai.start("--port", 0), requests_made()
    if random.random() < 0.2:
        time.sleep(random.uniform(0.3, 1.5))  # somewhere in its start
    else:
        until(lambda: requests_made() > made, what="commits")
        time.sleep(random.uniform(0.0, 1.0))  # the moment is meant to be any
    engine.kill()
    until(lambda: not igentai.processes(), ORPHAN_SECONDS, "no orphan is left")


def finish(igentai: Igentai, topic) -> None:
    engine, made = igentai.start("--port", 0), requests_made()
    until(lambda: requests_made() > made or newest_run(topic).ended_at, 5.0, "the first commit after a restart")
    wish(topic).stop()
    until(lambda: settled(topic, igentai), what="the run has ended")
    assert engine.stopped().status == 0


def test_a_run_that_a_kill_left_open_is_closed_in_good_order_when_nobody_wants_it_any_more(igentai):
    topic = wanted_topic(fast_provider(world_size=300), producer_count=2, request_size=20)
    engine = igentai.start("--port", 0)
    until(lambda: newest_run(topic) and newest_run(topic).candidates > topic.attributes.count() + 50, what="repeats")
    engine.kill()
    wish(topic).stop()
    engine = igentai.start("--port", 0)
    until(lambda: settled(topic, igentai), what="the run is closed")
    assert engine.stopped().status == 0
    assert newest_run(topic).stop_reason == "stopped"
    assert_whole(topic, igentai)


@pytest.mark.parametrize("flag", [(), ("--resume",)], ids=["the same command", "with --resume"])
def test_batch_mode_that_was_killed_goes_on_within_its_budget(igentai, flag):
    steady_provider()
    arguments = ("--topic", "Load", "--provider", "fast", "-n", 2, "--request-size", 20, "--json")
    limited = (*arguments, "--budget", "0.15", "--rate", "fast=1/100")
    engine = igentai.start(*limited)
    until(lambda: requests_made() > 2, what="commits")
    engine.kill()
    until(lambda: not igentai.processes(), ORPHAN_SECONDS, "no orphan is left")
    topic = Run.objects.get().topic
    before = texts(topic)
    summary = igentai.explore(*limited, *flag).summary
    assert texts(topic)[: len(before)] == before
    assert (summary["stop_reason"], Run.objects.count()) == ("budget", 1)
    assert summary["unique"] == summary["new"] == len(texts(topic))
    assert summary["cost_usd"] + summary["lost_usd"] <= 0.15
    assert_whole(topic, igentai)


@pytest.mark.parametrize("damage", ["missing", "cut short", "altered", "too long"])
def test_files_that_were_damaged_meanwhile_are_made_again(igentai, damage):
    fast_provider()
    arguments = ("--topic", "Load", "--provider", "fast", "-n", 1, "--iterations", 3, "--json")
    assert igentai.explore(*arguments).status == 0
    topic = Run.objects.get().topic
    path = igentai.outputs / topic.folder / "output.txt"
    whole = path.read_bytes()
    match damage:
        case "missing":
            path.unlink()
        case "cut short":
            path.write_bytes(whole[: len(whole) // 2])
        case "altered":
            path.write_bytes(b"X" + whole[1:])
        case "too long":
            path.write_bytes(whole + b"never committed\n")
    engine = igentai.start("--port", 0)
    until(lambda: path.exists() and path.read_bytes() == whole, PATIENCE, "the file is the database's again")
    assert engine.stopped().status == 0
    assert_counted_once(topic)

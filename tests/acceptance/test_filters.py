"""The filter in real processes: one that errs in half of what it says, and still the list is exact."""

from __future__ import annotations

import os
import signal

import pytest

from orchestration.models import Request
from orchestration.runtime import filter_feed
from producers.link import filters
from tests.acceptance.proxy import Proxy
from tests.acceptance.support import newest_run, producers_of, settled, steady_provider, wanted_topic
from tests.acceptance.test_link_faults import asked, engine_behind_proxy, eventually, run
from tests.acceptance.wholeness import assert_whole

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.storage]


@pytest.fixture(autouse=True)
def erring(monkeypatch):
    """The engine's filters; the producers are processes of their own, and take what they get."""
    monkeypatch.setattr(filters, "ERROR_RATE", 0.5)
    monkeypatch.setattr(filter_feed, "capacity_for", lambda known: known + 100)


def asked_back() -> int:
    return sum(Request.objects.values_list("filter_asked_back", flat=True))


def asks_for_texts(frame: bytes) -> bool:
    return frame.startswith(b'{"type":"texts_wanted"')


async def lose_words(proxy: Proxy) -> None:
    """From here on no producer hears which texts are wanted; returns when some have not heard it."""
    proxy.swallow = asks_for_texts
    before = len(proxy.frames_to_producers)
    await eventually(lambda: sum(map(asks_for_texts, proxy.frames_to_producers[before:])) > 5, "texts are asked for")


def test_what_it_takes_for_known_by_mistake_is_asked_for_over_any_connection(igentai):
    topic = wanted_topic(steady_provider(), iterations=60, request_size=20, producer_count=2)

    async def scenario() -> None:
        async with engine_behind_proxy(igentai.outputs) as (_, proxy):
            await eventually(lambda: asked_back() > 20, "texts are asked for, and come")
            await lose_words(proxy)
            proxy.swallow = lambda frame: False
            proxy.reset()
            await eventually(lambda: settled(topic, igentai), "every request made, in spite of all")

    run(scenario())
    assert_exact(topic, igentai)
    assert newest_run(topic).rejected == 0


def test_what_only_a_producer_knew_that_died_is_all_that_is_lost_with_it(igentai):
    topic = wanted_topic(steady_provider(), iterations=60, request_size=20, producer_count=2)

    async def scenario() -> None:
        async with engine_behind_proxy(igentai.outputs) as (_, proxy):
            await eventually(lambda: asked_back() > 20, "texts are asked for, and come")
            await lose_words(proxy)
            producer = (await asked(lambda: producers_of(topic)))[0]
            os.kill(producer.pid, signal.SIGKILL)
            proxy.swallow = lambda frame: False
            proxy.reset()
            await eventually(lambda: settled(topic, igentai), "every request made, in spite of all")

    run(scenario())
    assert_exact(topic, igentai)
    assert newest_run(topic).lost_usd == 0


def assert_exact(topic, igentai) -> None:
    over = newest_run(topic)
    assert (over.stop_reason, over.requests) == ("iterations", 120)
    assert_whole(topic, igentai)
    effects = igentai.read(topic, "metrics.json")["filter"]
    assert effects["asked_back"] == asked_back() > 20
    assert effects["checked"] >= effects["probable_repeats"] > effects["asked_back"]

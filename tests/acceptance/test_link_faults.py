"""The link between engine and producers under fire (faults 11, 13, 15): real workers, a real socket in between."""

import asyncio
import os
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from orchestration.models import Request
from orchestration.runtime.engine import Engine, Options
from orchestration.runtime.serial_thread import SerialThread
from producers.link.messages import MAX_FRAME_BYTES
from producers.link.outbox import Outbox
from tests.acceptance.proxy import Proxy
from tests.acceptance.support import (
    free_port,
    newest_run,
    requests_made,
    settled,
    steady_provider,
    until,
    wanted_topic,
)
from tests.acceptance.wholeness import assert_whole

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 60.0


@asynccontextmanager
async def engine_behind_proxy(outputs) -> AsyncIterator[tuple[Engine, Proxy]]:
    """An engine in this process, whose workers reach it only through a proxy."""
    port = free_port()
    engine = Engine(Options(producers=2, outputs=outputs, link_port=port))
    async with Proxy("127.0.0.1", port) as proxy:
        start = engine.link.start

        async def start_behind_proxy(host: str, number: int) -> None:
            await start(host, number)
            engine.link.url = proxy.url

        engine.link.start = start_behind_proxy  # type: ignore[method-assign]
        running = asyncio.create_task(engine.run())
        try:
            yield engine, proxy
        finally:
            engine.stop()
            async with asyncio.timeout(12):
                await running
            await close_connections(engine)


async def close_connections(engine: Engine) -> None:
    threads = [each for each in vars(engine).values() if isinstance(each, SerialThread)]
    await engine.database.close()
    for thread in threads:
        await thread.call(connections.close_all)


async def asked(question):
    """The answer of a function that asks the database: in a thread, as the event loop must not."""

    def ask():
        try:
            return question()
        finally:
            connections.close_all()

    return await sync_to_async(ask, thread_sensitive=False)()


async def eventually(true, what: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            while not await asked(true):
                await asyncio.sleep(0.02)
    except TimeoutError:
        pytest.fail(f"not within {PATIENCE:g} s: {what}")


def run(scenario) -> None:
    """Run the scenario on an event loop of its own, so that the test itself may use the database."""
    asyncio.run(scenario)


@pytest.mark.storage
def test_connections_that_break_in_the_middle_of_a_frame_lose_and_repeat_nothing(igentai):
    topic = wanted_topic(steady_provider(), iterations=60, request_size=20, producer_count=2)

    async def scenario() -> None:
        async with engine_behind_proxy(igentai.outputs) as (_, proxy):
            for cut in range(1, 5):
                await eventually(lambda cut=cut: requests_made() > 10 * cut, "commits")
                proxy.cut_after = random.randrange(3_000)
                await eventually(lambda cut=cut: proxy.cuts == cut, "a cut")
            await eventually(lambda: settled(topic, igentai), "every request made, in spite of all")
            assert proxy.cuts == 4

    run(scenario())
    assert newest_run(topic).stop_reason == "iterations"
    assert newest_run(topic).requests == 120
    assert not any(producer.restarts for producer in newest_run(topic).producers.all())
    assert_whole(topic, igentai)


@pytest.mark.storage
def test_acknowledgements_that_get_lost_lead_to_resends_that_count_once(igentai):
    topic = wanted_topic(steady_provider(), iterations=40, request_size=20, producer_count=2)

    async def scenario() -> None:
        async with engine_behind_proxy(igentai.outputs) as (_, proxy):
            proxy.swallow = lambda frame: frame.startswith(b'{"type":"ack"')
            # Each producer keeps so many batches, and asks no more until it hears of them; what it had asked then
            # still comes, so that only the moment counts at which all is acknowledged.
            await eventually(lambda: requests_made() >= 2 * Outbox().capacity, "the producers' outboxes are full")
            await eventually(lambda: stored_ids() == proxy.acknowledged(), "all is acknowledged, in vain")
            proxy.swallow = lambda frame: False
            proxy.reset()
            await eventually(lambda: settled(topic, igentai), "every request made")
            assert await asked(stored_ids) == proxy.acknowledged()
            assert proxy.connections == 4

    run(scenario())
    assert newest_run(topic).requests == 80
    assert_whole(topic, igentai)


def stored_ids() -> set[str]:
    return set(Request.objects.values_list("batch_id", flat=True))


def test_an_impostor_with_a_stolen_token_cannot_harm_the_run(igentai):
    """Rubbish and oversize frames from one that has got in end its connection; the producer comes back."""
    topic = wanted_topic(steady_provider(), request_size=20, producer_count=1)
    rubbish = [b"\xff" * 100, b"[]", b'{"type":"ack"}', b"[" * 100_000, b'"' + b"x" * MAX_FRAME_BYTES + b'"']

    async def scenario() -> None:
        async with engine_behind_proxy(igentai.outputs) as (engine, proxy):
            for frame in rubbish:
                made = await asked(requests_made)
                await eventually(lambda made=made: requests_made() > made, "commits")
                [port] = engine.link._ports
                headers = {"Authorization": f"Bearer {port.token}"}
                async with connect(proxy.url, additional_headers=headers, proxy=None) as link:
                    with suppress(ConnectionClosed):
                        await link.send(frame, text=not frame.startswith(b"\xff"))
                        async for _ in link:
                            pass
                    assert link.close_code in (1001, 1006, 1007, 1008, 1009)
            made = await asked(requests_made)
            await eventually(lambda: requests_made() > made, "commits go on")

    run(scenario())
    assert newest_run(topic).producers.get().restarts == 0
    assert_whole(topic, igentai)


def test_strangers_on_the_port_are_refused_and_harm_nothing(igentai):
    topic = wanted_topic(steady_provider(), request_size=20, producer_count=1)
    port = free_port()
    engine = igentai.start("--port", 0, "--link", f"127.0.0.1:{port}")
    until(lambda: requests_made() > 3, what="commits")

    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer guess"}):
        with pytest.raises(InvalidStatus) as refused:
            asyncio.run(knock(port, headers))
        assert refused.value.response.status_code == 401
    for data in (os.urandom(4096), b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 100_000, b"\x16\x03\x01\x02\x00", b""):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as stranger, suppress(OSError):
            stranger.sendall(data)
            stranger.shutdown(socket.SHUT_WR)
            while stranger.recv(65_536):
                pass
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(50)]
    made = requests_made()
    until(lambda: requests_made() > made + 20, what="commits go on")
    for each in silent:
        each.close()
    over = engine.stopped()
    assert over.status == 0
    assert "Traceback" not in over.stderr
    assert_whole(topic, igentai)


async def knock(port: int, headers: dict[str, str]) -> None:
    async with connect(f"ws://127.0.0.1:{port}", additional_headers=headers, proxy=None):
        pass

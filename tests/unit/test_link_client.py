"""A producer's end of the link, against a real server on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response

from producers.link import client as client_module
from producers.link.client import LinkClient, TokenRefused
from producers.link.codec import decode_for_engine, encode
from producers.link.messages import (
    Ack,
    AttributeBatch,
    GenerationMetadata,
    Heartbeat,
    Hello,
    Stop,
    ToEngine,
    ToProducer,
)
from producers.link.outbox import Outbox

PATIENCE = 5.0


class FakeEngine:
    """Lets one producer in by its token; the test plays the rest."""

    def __init__(self) -> None:
        self.connections: asyncio.Queue[ServerConnection] = asyncio.Queue()
        self.server: Server

    async def serve(self, connection: ServerConnection) -> None:
        await self.connections.put(connection)
        await connection.wait_closed()

    def admit(self, connection: ServerConnection, request: Request) -> Response | None:
        if request.headers.get("Authorization") == "Bearer token":
            return None
        return connection.respond(401, "who are you?\n")

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{next(iter(self.server.sockets)).getsockname()[1]}"

    async def next(self) -> ServerConnection:
        async with asyncio.timeout(PATIENCE):
            return await self.connections.get()


async def heard(connection: ServerConnection) -> ToEngine:
    async with asyncio.timeout(PATIENCE):
        return decode_for_engine(await connection.recv())


@pytest.fixture
async def engine(monkeypatch) -> AsyncIterator[FakeEngine]:
    monkeypatch.setattr(client_module, "FIRST_DELAY", 0.0)
    fake = FakeEngine()
    async with serve(fake.serve, "127.0.0.1", 0, process_request=fake.admit, close_timeout=1) as fake.server:
        yield fake


@asynccontextmanager
async def linked(engine: FakeEngine, token: str = "token"):  # noqa: S107 - a made-up one
    link = LinkClient(engine.url, token, Outbox(capacity=2))
    received: list[ToProducer] = []
    task = asyncio.create_task(link.run(received.append))
    try:
        yield link, received
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(true):
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0)


def batch(number: int) -> AttributeBatch:
    metadata = GenerationMetadata(
        provider="a", prompt_hash="", outcome="complete", started_at=0.0, response_time_ms=1
    )
    return AttributeBatch(batch_id=str(number), candidates=("Louvre",), keys=bytes(16), metadata=metadata)


async def test_it_introduces_itself_first(engine):
    async with linked(engine):
        hello = await heard(await engine.next())
        assert isinstance(hello, Hello)
        assert not hello.started


async def test_a_batch_is_kept_until_it_is_acknowledged(engine):
    async with linked(engine) as (link, received):
        connection = await engine.next()
        await heard(connection)
        link.send_batch(batch(1))
        link.send_batch(batch(2))
        assert link.full
        assert [await heard(connection), await heard(connection)] == [batch(1), batch(2)]
        await connection.send(encode(Ack(batch_ids=("1",))), text=True)
        await until(lambda: received)
        assert received == [Ack(batch_ids=("1",))]
        assert (link.unacknowledged, link.full) == (1, False)


async def test_after_a_reconnect_it_sends_again_what_was_not_acknowledged_with_the_same_ids(engine):
    async with linked(engine) as (link, received):
        connection = await engine.next()
        await heard(connection)
        for number in (1, 2):
            link.send_batch(batch(number))
            await heard(connection)
        await connection.send(encode(Ack(batch_ids=("1",))), text=True)
        await until(lambda: received)
        await connection.close()
        assert [await heard(again := await engine.next()), await heard(again)][1] == batch(2)


async def test_a_batch_made_without_a_connection_is_sent_with_the_next_one(engine):
    link = LinkClient(engine.url, "token", Outbox())
    link.send_batch(batch(1))
    task = asyncio.create_task(link.run(lambda message: None))
    connection = await engine.next()
    assert isinstance(await heard(connection), Hello)
    assert await heard(connection) == batch(1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_what_was_about_the_moment_is_not_sent_later(engine):
    async with linked(engine) as (link, _):
        link.send(Heartbeat(in_flight=9, unacknowledged=9))
        connection = await engine.next()
        await heard(connection)
        link.send(Heartbeat(in_flight=1, unacknowledged=0))
        assert await heard(connection) == Heartbeat(in_flight=1, unacknowledged=0)


async def test_a_reconnect_says_that_a_topic_has_begun(engine):
    async with linked(engine) as (link, _):
        connection = await engine.next()
        await heard(connection)
        link.started = True
        await connection.close()
        hello = await heard(await engine.next())
        assert isinstance(hello, Hello)
        assert hello.started


async def test_a_frame_that_is_no_message_ends_the_connection_only(engine):
    async with linked(engine) as (_, received):
        connection = await engine.next()
        await connection.send("rubbish")
        again = await engine.next()
        await again.send(encode(Stop(reason="enough")), text=True)
        await until(lambda: received)
        assert received == [Stop(reason="enough")]


async def test_a_token_that_is_refused_is_the_end(engine):
    link = LinkClient(engine.url, "another", Outbox())
    with pytest.raises(TokenRefused):
        await link.run(lambda message: None)


async def test_an_engine_that_is_not_there_yet_is_waited_for(engine, monkeypatch):
    tries = []
    real = connect

    def try_to_connect(*args, **kwargs):
        tries.append(args)
        if len(tries) < 3:
            raise OSError("nobody listens")
        return real(*args, **kwargs)

    monkeypatch.setattr(client_module, "connect", try_to_connect)
    async with linked(engine):
        await heard(await engine.next())
    assert len(tries) == 3

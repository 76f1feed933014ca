"""Viewers of live pages, as tests play them: over the real ASGI application, without a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.db import connections
from django.test import Client

# Here, not in a test: it configures logging anew, and the handlers of a test would be lost.
from igentai_site.asgi import application
from orchestration.portal.threads import VIEWERS, in_thread

T = TypeVar("T")
PATIENCE = 20.0


async def database(work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Do the work in a thread of its own, as another process would, and leave no connection open."""
    return await in_thread(VIEWERS, work, *args, **kwargs)


def session_of(user: Any) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


class Viewer:
    """A browser's end of the WebSocket."""

    def __init__(self, path: str, session: str = "", origin: str = "http://localhost:8000") -> None:
        headers = [(b"host", b"localhost:8000"), (b"origin", origin.encode())]
        if session:
            headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={session}".encode()))
        self.socket = WebsocketCommunicator(application, path, headers=headers)
        self.received = 0

    async def connect(self) -> bool:
        accepted, _ = await self.socket.connect(timeout=PATIENCE)
        # Channels' own middleware would do so, but Channels' communicator keeps it from that.
        await sync_to_async(connections.close_all)()
        return bool(accepted)

    async def send(self, **message: Any) -> None:
        await self.socket.send_to(text_data=json.dumps(message))

    async def next(self) -> dict[str, Any]:
        """The next message, which is echoed as painted."""
        message: dict[str, Any] = json.loads(await self.socket.receive_from(timeout=PATIENCE))
        self.received += 1
        await self.send(type="painted", messages=self.received)
        return message

    async def until(self, wanted: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """The first of the messages to come that is `wanted`."""
        while True:
            message = await self.next()
            if wanted(message):
                return message

    async def replay(self, cursor: int) -> dict[str, Any]:
        await self.send(type="replay", cursor=cursor)
        return await self.until(lambda message: message.get("replay"))

    async def closed(self) -> int:
        """The code with which the server closes, whatever it sends before."""
        async with asyncio.timeout(PATIENCE):
            while True:
                message = await self.socket.receive_output(timeout=PATIENCE)
                if message["type"] == "websocket.close":
                    return int(message["code"])

    async def leave(self) -> None:
        await self.socket.disconnect(timeout=PATIENCE)


@asynccontextmanager
async def watching(topic: Any, session: str = "") -> AsyncIterator[Viewer]:
    viewer = Viewer(f"/ws/topics/{topic.pk}/", session)
    assert await viewer.connect()
    try:
        yield viewer
    finally:
        await viewer.leave()


async def until(true: Callable[[], Any]) -> None:
    """Wait for a condition of this process."""
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.01)

"""Viewers of one topic that finds 20 entries a second: how late each sees them, and what daphne takes for it."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

import msgspec

from bench.table import Row
from tests.postgres import PostgresServer

VIEWERS = (1, 50, 200)
SECONDS, WARM_UP, LONGEST_WAIT = 15.0, 3.0, 15.0
GOAL = "p95 at most 1 s with 200"
LOCAL = "127.0.0.1"


class Entry(msgspec.Struct):
    id: int


class Message(msgspec.Struct, rename={"start": "from"}):
    attributes: list[Entry] = []
    start: int = 0
    to: int = 0


@dataclass
class Seen:
    """What one crowd saw: seconds from commit to socket, what was missing, daphne's share of a core."""

    delays: list[float] = field(default_factory=list)
    missing: int = 0
    processor: float = 0.0

    @property
    def p50(self) -> float:
        return quantiles(self.delays, n=20)[9]

    @property
    def p95(self) -> float:
        return quantiles(self.delays, n=20)[18]


def measure(folder: Path) -> list[Row]:
    """Rows for each database, each crowd beside a single viewer."""
    rows = _rows("SQLite", f"sqlite:///{folder / 'viewers.sqlite3'}")
    with PostgresServer(fsync=True, parent=folder.parent) as server:
        return rows + _rows("PostgreSQL", server.create_database("viewers"))


def _rows(database: str, url: str) -> list[Row]:
    with _world(url) as (world, told), _portal(url) as (portal, port):
        seen = {count: asyncio.run(_watched(count, world, told, portal, port)) for count in VIEWERS}
    alone = seen[VIEWERS[0]]
    return [_row(database, count, each, alone) for count, each in seen.items()]


def _row(database: str, count: int, seen: Seen, alone: Seen) -> Row:
    assert not seen.missing, f"{seen.missing} entries did not arrive"
    viewers = "1 viewer" if count == 1 else f"{count} viewers"
    return Row(
        f"live page, {viewers}, {database}",
        f"p50 {seen.p50:.2f} s, p95 {seen.p95:.2f} s; daphne {seen.processor:.0%} of a core",
        f"p95 {alone.p95:.2f} s, {alone.processor:.0%}, 1 viewer",
        f"{seen.p95 / alone.p95:.1f}",
        GOAL if count == VIEWERS[-1] else "",
    )


async def _watched(count: int, world: Any, told: dict[str, Any], portal: int, port: int) -> Seen:
    import psutil  # type: ignore[import-untyped]

    process = psutil.Process(portal)
    arrivals: list[dict[int, float]] = [{} for _ in range(count)]
    there = [asyncio.Event() for _ in arrivals]
    viewers = [asyncio.create_task(_view(told, port, *each)) for each in zip(arrivals, there, strict=True)]
    try:
        await asyncio.gather(*(each.wait() for each in there))
        await asyncio.sleep(WARM_UP)
        before, began = sum(process.cpu_times()[:2]), time.monotonic()
        committed = await asyncio.to_thread(_find, world, SECONDS)
        await _until_all_have(arrivals, max(committed))
        used = (sum(process.cpu_times()[:2]) - before) / (time.monotonic() - began)
    finally:
        for task in viewers:
            task.cancel()
        ended = await asyncio.gather(*viewers, return_exceptions=True)
    assert all(isinstance(each, asyncio.CancelledError) for each in ended), ended[:3]
    delays = [at - committed[id_] for seen in arrivals for id_, at in seen.items() if id_ in committed]
    return Seen(delays, len(committed) * count - len(delays), used)


async def _until_all_have(arrivals: list[dict[int, float]], last: int) -> None:
    deadline = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < deadline and not all(last in seen for seen in arrivals):
        await asyncio.sleep(0.05)


async def _view(told: dict[str, Any], port: int, arrivals: dict[int, float], there: asyncio.Event) -> None:
    """One viewer, as the page is one: it asks from where it is, and says what it has painted."""
    from websockets.asyncio.client import connect

    headers = {"Cookie": f"sessionid={told['session']}"}
    address = f"ws://{LOCAL}:{port}/ws/topics/{told['topic']}/"
    origin: Any = f"http://{LOCAL}:{port}"
    decoder = msgspec.json.Decoder(Message)
    async with connect(
        address, origin=origin, additional_headers=headers, compression=None, proxy=None
    ) as connection:
        await connection.send(json.dumps({"type": "replay", "cursor": 0}))
        received, cursor, said = 0, 0, 0.0
        async for text in connection:
            now = time.monotonic()
            received += 1
            there.set()
            message = decoder.decode(text)
            for entry in message.attributes:
                arrivals.setdefault(entry.id, now)
            if cursor and message.start > cursor:
                await connection.send(json.dumps({"type": "replay", "cursor": cursor}))
            else:
                cursor = max(cursor, message.to)
            if now - said >= 1:
                said = now
                await connection.send(json.dumps({"type": "painted", "messages": received}))


def _find(world: Any, seconds: float) -> dict[int, float]:
    world.stdin.write(f"{seconds}\n")
    world.stdin.flush()
    return {int(id_): at for id_, at in json.loads(world.stdout.readline()).items()}


@contextmanager
def _world(url: str) -> Iterator[tuple[Any, dict[str, Any]]]:
    with subprocess.Popen(
        [sys.executable, "-m", "bench.viewers_world"],
        env={**os.environ, "DATABASE_URL": url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())
        assert process.stdin is not None
        process.stdin.close()


@contextmanager
def _portal(url: str) -> Iterator[tuple[int, int]]:
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "orchestration.portal.server", "--port", str(port)]
    process = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url}, stdin=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield process.pid, port
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection((LOCAL, port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the portal did not start")

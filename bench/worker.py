"""A producer process: how soon it is ready, and how large it is after a hundred requests."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from statistics import median
from typing import Any

import msgspec
import psutil  # type: ignore[import-untyped]

from bench.table import Row
from producers.link.messages import (
    Ack,
    Ask,
    AttributeBatch,
    GenerationConfig,
    Hello,
    Permit,
    ProviderSpec,
    StartTopic,
)
from producers.worker.configuration import WorkerConfig
from tests.fakes.replies import Streamed, always
from tests.fakes.server import ScriptedServer

REQUESTS = 100
ROUNDS = 5
MEBIBYTE = 1024 * 1024
ANSWER = "\n".join(f"Entry number {number}" for number in range(100)) + "\n"
SIMULATED = ProviderSpec(name="simulated", kind="simulated", model="strong", options={"latency": 0, "errors": 0})


def measure() -> list[Row]:
    """Time to the first message on the link, and resident memory; beside an interpreter that does nothing."""
    floor_seconds, floor_size = _interpreter()
    simulated = [asyncio.run(_life(SIMULATED, {})) for _ in range(ROUNDS)]
    with ScriptedServer(always(Streamed((ANSWER,)))) as server:
        environ = {"OPENAI_BASE_URL": server.base_url}
        spec = ProviderSpec(name="openai", kind="openai", model="any")
        real = [asyncio.run(_life(spec, environ)) for _ in range(ROUNDS)]
    ready = median(each[0] for each in simulated + real)
    rows = [
        Row(
            "producer process, ready",
            f"{ready:.2f} s",
            f"{floor_seconds:.2f} s, python -c pass",
            f"{ready / floor_seconds:.0f}",
            "under 0.4 s",
        )
    ]
    return rows + [_size_row(name, lives, floor_size) for name, lives in (("simulated", simulated), ("openai", real))]


def _size_row(name: str, lives: Sequence[tuple[float, float]], floor: float) -> Row:
    size = median(each[1] for each in lives)
    return Row(
        f"producer process after {REQUESTS} requests, {name}",
        f"{size:.0f} MB",
        f"{floor:.0f} MB, python -c pass",
        f"{size / floor:.1f}",
        "under 45 MB",
    )


def _interpreter() -> tuple[float, float]:
    seconds = []
    for _ in range(ROUNDS):
        began = time.monotonic()
        subprocess.run([sys.executable, "-c", "pass"], check=True)
        seconds.append(time.monotonic() - began)
    with subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as idle:
        assert idle.stdout is not None
        idle.stdout.readline()
        size = psutil.Process(idle.pid).memory_info().rss / MEBIBYTE
        idle.kill()
    return median(seconds), size


async def _life(spec: ProviderSpec, environ: dict[str, str]) -> tuple[float, float]:
    """Seconds from the spawn to Hello, and megabytes resident after the requests, of one process."""
    from orchestration.runtime.link_server import LinkServer, Port

    link = LinkServer()
    await link.start("127.0.0.1", 0)
    hello, done = asyncio.Event(), asyncio.Event()
    batches: list[str] = []

    async def receive(port: Port, message: Any) -> None:
        if isinstance(message, Hello):
            hello.set()
        elif isinstance(message, Ask):
            port.post(Permit(ask_id=message.ask_id, request_size=message.request_size))
        elif isinstance(message, AttributeBatch):
            batches.append(message.batch_id)
            port.post(Ack(batch_ids=(message.batch_id,)))
            if len(batches) >= REQUESTS:
                done.set()

    port = link.open_port(receive)
    config = WorkerConfig(link_url=link.url, token=port.token, parent_pid=os.getpid())
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "producers.worker", stdin=asyncio.subprocess.PIPE, env={**os.environ, **environ}
    )
    assert process.stdin is not None
    process.stdin.write(msgspec.json.encode(config) + b"\n")
    await hello.wait()
    seconds = time.monotonic() - began
    port.post(_start(spec))
    await done.wait()
    size = psutil.Process(process.pid).memory_info().rss / MEBIBYTE
    process.kill()
    await process.wait()
    await link.stop()
    return seconds, size


def _start(spec: ProviderSpec) -> StartTopic:
    return StartTopic(
        topic="Regions of the world",
        prompt="Name regions.",
        providers=(spec,),
        provider_weights={spec.name: 1.0},
        generation=GenerationConfig(),
    )

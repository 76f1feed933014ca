"""`python -m bench.producer CORPUS`: a producer process that asks nobody and pushes what it was given.

Everything is ready before it connects. It starts when all producers are there, sends as fast as acknowledgements
allow, over the product's own link, and writes down when it sent the first batch and saw the last one committed.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from producers.link.client import LinkClient
from producers.link.messages import Ack, AttributeBatch, GenerationMetadata, Heartbeat, Status, Stop, ToProducer
from producers.link.outbox import Outbox
from producers.worker.configuration import WorkerConfig
from producers.worker.orphan import die_with_parent


class Corpus(msgspec.Struct):
    """What one producer sends; `ready` are the files by which all producers see each other, `report` its own."""

    slot: int
    provider: str
    batches: list[list[str]]
    ready: list[str]
    report: str


class Report(msgspec.Struct):
    """Monotonic times, the same clock in every process of a machine."""

    first_sent: float
    last_acknowledged: float


class Pusher:
    """Sends its batches through `link` and watches the acknowledgements and the end."""

    def __init__(self, link: LinkClient, batches: Sequence[AttributeBatch]) -> None:
        self._link = link
        self._batches = batches
        self._changed = asyncio.Event()
        self.started = asyncio.Event()
        self.stopped = asyncio.Event()

    def receive(self, message: ToProducer) -> None:
        if isinstance(message, Ack):
            self._changed.set()
        elif isinstance(message, Stop):
            self.stopped.set()
        else:
            self.started.set()

    async def push(self) -> Report:
        began = time.monotonic()
        for batch in self._batches:
            await self._until(lambda: not self._link.full)
            self._link.send_batch(batch)
        await self._until(lambda: not self._link.unacknowledged)
        return Report(began, time.monotonic())

    async def _until(self, true: Callable[[], bool]) -> None:
        while not true():
            self._changed.clear()
            await self._changed.wait()


async def work(config: WorkerConfig, corpus: Corpus) -> None:
    link = LinkClient(config.link_url, config.token, Outbox())
    pusher = Pusher(link, [_batch(corpus, number, each) for number, each in enumerate(corpus.batches)])
    background = [asyncio.create_task(link.run(pusher.receive)), asyncio.create_task(_beat(link))]
    await pusher.started.wait()
    link.started = True
    await _meet(corpus)
    report = await pusher.push()
    Path(corpus.report).write_bytes(msgspec.json.encode(report))
    link.send(Status(state="done"))
    await asyncio.wait([*background, asyncio.create_task(pusher.stopped.wait())], return_when=asyncio.FIRST_COMPLETED)


async def _meet(corpus: Corpus) -> None:
    Path(corpus.ready[corpus.slot]).touch()
    while not all(Path(name).exists() for name in corpus.ready):
        await asyncio.sleep(0.02)


async def _beat(link: LinkClient) -> None:
    while True:
        link.send(Heartbeat(in_flight=0, unacknowledged=link.unacknowledged))
        await asyncio.sleep(3)


def _batch(corpus: Corpus, number: int, candidates: list[str]) -> AttributeBatch:
    metadata = GenerationMetadata(
        provider=corpus.provider,
        prompt_hash="0" * 32,
        outcome="complete",
        started_at=time.time(),
        response_time_ms=2_000,
        tokens_in=400,
        tokens_out=500,
        asked_for=len(candidates),
        finish_reason="stop",
    )
    return AttributeBatch(batch_id=f"{corpus.slot}-{number}", candidates=tuple(candidates), metadata=metadata)


def main() -> None:
    with open(0, "rb", buffering=0, closefd=False) as source:
        config = msgspec.json.decode(source.readline(), type=WorkerConfig)
    die_with_parent(config.parent_pid)
    corpus = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Corpus)
    asyncio.run(work(config, corpus))


if __name__ == "__main__":
    main()

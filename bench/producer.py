"""`python -m bench.producer CORPUS`: a producer process that asks nobody and pushes what it was given.

Its answers are ready before it connects. It starts when all producers are there and have the filter of known keys.
From there it does what the product's producers do with an answer that has arrived, by their code: keys, filter check,
batch, link, outbox, texts that are asked for. It sends as fast as acknowledgements allow, and writes down when it
began the first batch and saw the last one committed.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from producers.link.client import LinkClient
from producers.link.keys import parted
from producers.link.messages import (
    Ack,
    FilterIncrement,
    FilterPart,
    FilterUse,
    FilterWanted,
    GenerationMetadata,
    Heartbeat,
    Status,
    Stop,
    TextsWanted,
    ToProducer,
)
from producers.link.outbox import Outbox
from producers.worker.configuration import WorkerConfig
from producers.worker.known import KnownKeys
from producers.worker.orphan import die_with_parent
from producers.worker.repeats import Listening, Unconfirmed

PATIENCE = 1_000_000  # whatever repeats, these answers are not cut


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
    processor_seconds: float
    probable: int


class Pusher:
    """Makes batches of its answers, sends them through `link` and watches the acknowledgements and the end."""

    def __init__(self, link: LinkClient, corpus: Corpus) -> None:
        self._link = link
        self._corpus = corpus
        self._metadata = _metadata(corpus)
        self._known = KnownKeys()
        self._unconfirmed = Unconfirmed()
        self._probable = 0
        self._changed = asyncio.Event()
        self.started = asyncio.Event()
        self.stopped = asyncio.Event()

    def receive(self, message: ToProducer) -> None:
        if isinstance(message, Ack):
            self._unconfirmed.confirm(message.batch_ids)
            self._changed.set()
        elif isinstance(message, FilterPart):
            self._known.take_part(message)
            if message.part == message.parts - 1:
                self.started.set()
        elif isinstance(message, FilterIncrement):
            if not self._known.take_increment(message):
                self._link.send(FilterWanted())
        elif isinstance(message, TextsWanted):
            self._spell_out(message)
        elif isinstance(message, Stop):
            self.stopped.set()

    async def push(self) -> Report:
        began, worked = time.monotonic(), time.process_time()
        for number, answer in enumerate(self._corpus.batches):
            await self._until(lambda: not self._link.full)
            self._send(f"{self._corpus.slot}-{number}", answer)
        await self._until(lambda: not self._link.unacknowledged)
        worked = time.process_time() - worked
        return Report(began, time.monotonic(), worked, self._probable)

    def _send(self, batch_id: str, answer: list[str]) -> None:
        listening = Listening(self._known, len(answer), PATIENCE)
        listening.hear(answer)
        batch = self._unconfirmed.batch(batch_id, listening, self._metadata, FilterUse())
        self._probable += batch.filter.probable if batch.filter else 0
        self._link.send_batch(batch)

    def _spell_out(self, wanted: TextsWanted) -> None:
        batch = self._link.unacknowledged_batch(wanted.batch_id)
        assert batch is not None
        self._link.send_batch(self._unconfirmed.spelled_out(batch, frozenset(parted(wanted.keys))))

    async def _until(self, true: Callable[[], bool]) -> None:
        while not true():
            self._changed.clear()
            await self._changed.wait()


async def work(config: WorkerConfig, corpus: Corpus) -> None:
    link = LinkClient(config.link_url, config.token, Outbox())
    pusher = Pusher(link, corpus)
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


def _metadata(corpus: Corpus) -> GenerationMetadata:
    return GenerationMetadata(
        provider=corpus.provider,
        prompt_hash="0" * 32,
        outcome="complete",
        started_at=time.time(),
        response_time_ms=2_000,
        tokens_in=400,
        tokens_out=500,
        asked_for=60,
        finish_reason="stop",
    )


def main() -> None:
    with open(0, "rb", buffering=0, closefd=False) as source:
        config = msgspec.json.decode(source.readline(), type=WorkerConfig)
    die_with_parent(config.parent_pid)
    corpus = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Corpus)
    asyncio.run(work(config, corpus))


if __name__ == "__main__":
    main()

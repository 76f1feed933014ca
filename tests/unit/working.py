"""A worker on a bench: fake providers that answer when the test says so, and a link that keeps everything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from producers.link.messages import (
    Ack,
    Ask,
    AttributeBatch,
    GenerationConfig,
    Permit,
    ProviderSpec,
    Refusal,
    StartTopic,
    Status,
    Stop,
    ToEngine,
    ToProducer,
)
from producers.link.outbox import Outbox
from producers.providers.base import Event, Finished, Question, TextDelta, Usage
from producers.providers.errors import ProviderError
from producers.worker.worker import Worker

PATIENCE = 5.0
DONE = Finished("stop", complete=True)


class FakeProvider:
    """Notes each question and holds its answer back until the test gives one."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.questions: list[Question] = []
        self.open: list[asyncio.Future[ProviderError | None]] = []
        self.closed = False

    async def stream(self, question: Question) -> AsyncGenerator[Event, None]:
        self.questions.append(question)
        held: asyncio.Future[ProviderError | None] = asyncio.get_running_loop().create_future()
        self.open.append(held)
        yield TextDelta(f"- entry {question.ordinal}\n- part")
        error = await held
        if error is not None:
            raise error
        yield TextDelta(" two\n")
        yield Usage(10, 5)
        yield DONE

    def finish(self, error: ProviderError | None = None) -> None:
        """The oldest request that is under way ends."""
        self.open.pop(0).set_result(error)

    async def close(self) -> None:
        self.closed = True


class FakeLink:
    """A connected link; the test says what is acknowledged. What is asked for is permitted, or as `answer` says."""

    def __init__(self, capacity: int = 16) -> None:
        self.outbox = Outbox(capacity)
        self.sent: list[ToEngine] = []
        self.asks: list[Ask] = []
        self.started = False
        self.receive: Callable[[ToProducer], None] = lambda message: None
        self.answer: Callable[[Ask], ToProducer | None] = self.permit

    def permit(self, ask: Ask) -> Permit:
        return Permit(ask_id=ask.ask_id, request_size=ask.request_size)

    @property
    def full(self) -> bool:
        return self.outbox.full

    @property
    def unacknowledged(self) -> int:
        return len(self.outbox)

    def send(self, message: ToEngine) -> None:
        if not isinstance(message, Ask):
            self.sent.append(message)
            return
        self.asks.append(message)
        if (answer := self.answer(message)) is not None:
            asyncio.get_running_loop().call_soon(self.receive, answer)

    def unacknowledged_batch(self, batch_id: str) -> AttributeBatch | None:
        return self.outbox.get(batch_id)

    def send_batch(self, batch: AttributeBatch) -> None:
        self.outbox.add(batch)
        self.sent.append(batch)

    @property
    def batches(self) -> list[AttributeBatch]:
        return [message for message in self.sent if isinstance(message, AttributeBatch)]

    @property
    def states(self) -> list[str]:
        return [message.state for message in self.sent if isinstance(message, Status)]


class Bench:
    """A worker at work, with the ends of it that a test pulls."""

    def __init__(self, worker: Worker, link: FakeLink, providers: Mapping[str, FakeProvider]) -> None:
        self.worker, self.link, self.providers = worker, link, providers
        self.tell = worker.receive
        link.receive = worker.receive

    def __getitem__(self, name: str) -> FakeProvider:
        return self.providers[name]

    def ack(self) -> None:
        """Everything that was sent is committed."""
        ids = tuple(batch.batch_id for batch in self.link.outbox.pending)
        self.link.outbox.acknowledge(ids)
        self.tell(Ack(batch_ids=ids))

    async def until(self, true: Callable[[], Any]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not true():
                await asyncio.sleep(0)

    async def rest(self) -> None:
        """Let it do all that it can do without anything happening."""
        for _ in range(50):
            await asyncio.sleep(0)

    async def asked(self, name: str, times: int) -> Question:
        await self.until(lambda: len(self[name].questions) >= times)
        await self.rest()
        assert len(self[name].questions) == times
        return self[name].questions[-1]


def refusing(bench: Bench, name: str, seconds: float | None, reason: str = "not now") -> None:
    """From now on the engine refuses this provider."""

    def answer(ask: Ask):
        if ask.provider != name:
            return bench.link.permit(ask)
        return Refusal(ask_id=ask.ask_id, provider=name, seconds=seconds, reason=reason)

    bench.link.answer = answer


@asynccontextmanager
async def working(providers, capacity=16):
    link = FakeLink(capacity)
    worker = Worker(link, {})  # type: ignore[arg-type]
    task = asyncio.create_task(worker.run())
    bench = Bench(worker, link, providers)
    try:
        yield bench
    finally:
        bench.tell(Stop())
        async with asyncio.timeout(PATIENCE):
            while not task.done():
                bench.ack()
                await asyncio.sleep(0)
        if not task.cancelled() and task.exception() is not None:
            raise task.exception()  # type: ignore[misc]


def start(*names: str, wrong: tuple[str, ...] = (), weights: dict[str, float] | None = None, **generation: Any):
    named = names or (() if wrong else ("a",))
    specs = [ProviderSpec(name=name, kind="simulated", model="m") for name in named]
    specs += [ProviderSpec(name=name, kind="simulated", model="wrong") for name in wrong]
    return StartTopic(
        topic="museums",
        prompt="Name museums.",
        providers=tuple(specs),
        provider_weights=weights or {spec.name: 1.0 for spec in specs},
        generation=GenerationConfig(**{"in_flight": 1, **generation}),
        exclusions=("Louvre",),
    )

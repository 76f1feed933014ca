"""The producer: picks a provider, asks, hands over what came, and takes new configuration at any moment."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress

from producers.link.client import LinkClient
from producers.link.messages import (
    AttributeBatch,
    Heartbeat,
    ProviderSpec,
    StartTopic,
    Status,
    Stop,
    ToProducer,
    UpdateConfiguration,
)
from producers.providers.base import Provider, Question
from producers.providers.errors import BadAnswer, Misconfigured
from producers.providers.registry import make_provider
from producers.worker.asking import Answer, ask, metadata_of
from producers.worker.configuration import Assignment, assignment_of, updated
from producers.worker.health import Health, after_failure, after_success
from producers.worker.routing import Choice, choose, wanted

FOREVER = float("inf")
MINIMUM_WAIT = 0.01
LAST_WORDS_SECONDS = 3.0


class Worker:
    """One producer process's work, over a link that someone else keeps.

    Messages change the assignment at any moment; requests under way finish as they began. It asks only while
    the outbox has room, so an engine that cannot commit stops the spending.
    """

    def __init__(self, link: LinkClient, environ: Mapping[str, str] = os.environ) -> None:
        self._link = link
        self._environ = environ
        self._assignment: Assignment | None = None
        self._providers: dict[str, Provider] = {}
        self._health: dict[str, Health] = {}
        self._last: str | None = None
        self._ordinal = 0
        self._life = secrets.token_hex(6)
        self._numbers = itertools.count()
        self._requests: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._stopping = False
        self._said = ("", "")
        self._crash: BaseException | None = None

    def receive(self, message: ToProducer) -> None:
        """Take a message of the engine; it takes effect with the next request."""
        if isinstance(message, StartTopic):
            self._start(message)
        elif isinstance(message, UpdateConfiguration) and self._assignment is not None:
            self._assignment = updated(self._assignment, message)
            self._said = ("", "")
        elif isinstance(message, Stop):
            self._stopping = True
        self._changed.set()

    async def run(self) -> None:
        """Work until a Stop; then cut what is in flight, hand over what arrived, and return.

        A fault of this program in a request stops the worker visibly: the engine starts another.
        """
        while not self._stopping:
            if self._crash is not None:
                raise self._crash
            self._changed.clear()
            wait = self._ask_next()
            if wait is not None:
                await self._until_changed(wait)
        await self._finish()

    async def beat(self, seconds: float) -> None:
        """Tell the engine every `seconds` that this producer is alive."""
        while True:
            self._link.send(Heartbeat(in_flight=len(self._requests), unacknowledged=self._link.unacknowledged))
            await asyncio.sleep(seconds)

    def _start(self, message: StartTopic) -> None:
        self._assignment = assignment_of(message)
        self._link.started = True
        self._providers = {}
        self._health = {spec.name: self._try_provider(spec) for spec in message.providers}
        self._last = None
        self._ordinal = 0

    def _try_provider(self, spec: ProviderSpec) -> Health:
        try:
            self._providers[spec.name] = make_provider(spec, self._environ)
        except Misconfigured as error:
            return Health(out=str(error))
        return Health()

    def _ask_next(self) -> float | None:
        """Begin a request and return None; or, when none may begin now, how long to wait for a change."""
        assignment = self._assignment
        if assignment is None or self._link.full or len(self._requests) >= assignment.generation.in_flight:
            return FOREVER
        left = assignment.generation.requests_left
        if left is not None and self._ordinal >= left:
            return self._wait_when_spent()
        now = time.monotonic()
        name = self._choose(assignment, now)
        if name is None:
            return self._wait_for_a_provider(assignment, now)
        self._begin(assignment, name)
        return None

    def _wait_when_spent(self) -> float:
        if not self._requests and not self._link.unacknowledged:
            self._say("done")
        return FOREVER

    def _wait_for_a_provider(self, assignment: Assignment, now: float) -> float:
        asked = [self._health[name] for name in wanted(self._health, assignment.provider_weights)]
        pauses = [health.paused_until - now for health in asked if not health.out]
        if not pauses:
            reasons = (f"{name}: {health.out}" for name, health in self._health.items() if health.out)
            self._say("out", "; ".join(reasons))
            return FOREVER
        self._say("paused", "every provider asked for a pause or failed a moment ago")
        return max(min(pauses), MINIMUM_WAIT)

    def _choose(self, assignment: Assignment, now: float) -> str | None:
        usable = [name for name, health in self._health.items() if health.usable(now)]
        draw = random.random()  # noqa: S311 - a share of requests, not a secret
        choice = Choice(usable, assignment.provider_weights, self._last, draw)
        return choose(assignment.generation.routing, choice)

    def _begin(self, assignment: Assignment, name: str) -> None:
        question = Question(
            topic=assignment.topic,
            prompt=assignment.prompt,
            count=assignment.generation.request_size,
            exclusions=assignment.exclusions,
            partition=assignment.generation.partition,
            seed=assignment.generation.seed,
            ordinal=self._ordinal,
        )
        self._ordinal += 1
        self._last = name
        self._say("asking")
        task = asyncio.create_task(self._request(self._providers[name], name, question))
        self._requests.add(task)
        task.add_done_callback(self._request_done)

    async def _request(self, provider: Provider, name: str, question: Question) -> None:
        answer = await ask(provider, name, question)
        self._judge(name, answer)
        batch_id = f"{self._life}-{next(self._numbers)}"
        self._link.send_batch(
            AttributeBatch(batch_id=batch_id, candidates=tuple(answer.candidates), metadata=metadata_of(answer))
        )

    def _request_done(self, task: asyncio.Task[None]) -> None:
        self._requests.discard(task)
        self._changed.set()
        if not task.cancelled() and task.exception() is not None:
            self._crash = task.exception()

    def _judge(self, name: str, answer: Answer) -> None:
        health = self._health.get(name)
        if health is None or answer.stopped:
            return
        error = answer.error or (None if answer.finished else BadAnswer("the answer was cut off"))
        if error is None:
            self._health[name] = after_success(health)
        else:
            self._health[name] = after_failure(health, error, time.monotonic())

    def _say(self, state: str, detail: str = "") -> None:
        if (state, detail) != self._said:
            self._said = (state, detail)
            self._link.send(Status(state=state, detail=detail[:500]))

    async def _until_changed(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(None if seconds == FOREVER else seconds):
                await self._changed.wait()

    async def _finish(self) -> None:
        for task in self._requests:
            task.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                while self._requests or self._link.unacknowledged:
                    self._changed.clear()
                    await self._changed.wait()
        for provider in self._providers.values():
            await provider.close()

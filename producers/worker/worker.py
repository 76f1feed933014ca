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
from dataclasses import replace

import msgspec

from producers.link.client import LinkClient
from producers.link.keys import parted
from producers.link.messages import (
    BLIND,
    FRAME_BYTES,
    Ack,
    Ask,
    Divide,
    FilterIncrement,
    FilterPart,
    FilterWanted,
    Heartbeat,
    Permit,
    Probe,
    ProviderSpec,
    Refusal,
    StartTopic,
    Status,
    Stop,
    TextsWanted,
    ToProducer,
    Unusable,
    Unused,
    UpdateConfiguration,
)
from producers.providers.base import Provider, Question
from producers.providers.errors import Misconfigured
from producers.providers.registry import make_provider
from producers.worker.asking import ask, filter_use_of, metadata_of
from producers.worker.configuration import Assignment, assignment_of, division_for, question_for, updated
from producers.worker.health import Health, refused
from producers.worker.known import KnownKeys
from producers.worker.repeats import Listening, Unconfirmed
from producers.worker.routing import PATIENT, Choice, choose, wanted

FOREVER = float("inf")
MINIMUM_WAIT = 0.01
LAST_WORDS_SECONDS = 3.0


class Worker:
    """One producer process's work, over a link that someone else keeps.

    Messages change the assignment at any moment; requests under way finish as they began. Each request needs the
    engine's permit: there the limits, the health and the money of all producers come together. It asks only while
    the outbox has room, so an engine that cannot commit stops the spending.
    """

    def __init__(self, link: LinkClient, environ: Mapping[str, str] = os.environ) -> None:
        self._link = link
        self._environ = environ
        self._assignment: Assignment | None = None
        self._providers: dict[str, Provider] = {}
        self._health: dict[str, Health] = {}
        self._last: str | None = None
        self._division = ""
        self._probes: list[str] = []
        self._ordinal = 0
        self._life = secrets.token_hex(6)
        self._numbers = itertools.count()
        self._asks: dict[str, tuple[str, Question]] = {}
        self._accepted: set[str] = set()  # permits that were used, until the engine has their batches
        self._known = KnownKeys()
        self._unconfirmed = Unconfirmed()
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
            self._ask_again()
        elif isinstance(message, Ack):
            self._accepted.difference_update(message.batch_ids)
            self._unconfirmed.confirm(message.batch_ids)
        elif isinstance(message, FilterPart):
            self._known.take_part(message)
        elif isinstance(message, FilterIncrement):
            if not self._known.take_increment(message):
                self._link.send(FilterWanted())
        elif isinstance(message, Divide):
            self._division = message.prompt
        elif isinstance(message, Probe):
            self._probes.append(message.provider)
        elif isinstance(message, TextsWanted):
            self._spell_out(message)
        elif isinstance(message, Permit):
            self._permitted(message)
        elif isinstance(message, Refusal):
            self._refused(message)
        elif isinstance(message, Stop):
            self._stopping = True
            self._asks.clear()
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
        self._known = KnownKeys()
        self._providers = {}
        self._health = {spec.name: self._try_provider(spec) for spec in message.providers}
        self._last = None
        self._division = ""
        self._probes = []
        self._ordinal = 0
        self._asks.clear()

    def _try_provider(self, spec: ProviderSpec) -> Health:
        try:
            self._providers[spec.name] = make_provider(spec, self._environ)
        except Misconfigured as error:
            self._link.send(Unusable(provider=spec.name, reason=str(error)[:300]))
            return Health(out=str(error))
        return Health()

    def _ask_next(self) -> float | None:
        """Begin a request and return None; or, when none may begin now, how long to wait for a change."""
        assignment = self._assignment
        if assignment is None or self._link.full or self._under_way >= assignment.generation.in_flight:
            return FOREVER
        left = assignment.generation.requests_left
        if left is not None and self._ordinal + len(self._asks) >= left:
            return self._wait_when_spent()
        now = time.monotonic()
        if (probed := self._next_probe(now)) is not None:
            self._ask(probed, question_for(assignment, probed, blind=True))
            return None
        name = self._choose(assignment, now)
        if name is None:
            return self._wait_for_a_provider(assignment, now)
        self._ask_for(assignment, name)
        return None

    def _next_probe(self, now: float) -> str | None:
        """The first of the providers to be probed that can be asked now; those that are out are given up."""
        self._probes = [name for name in self._probes if name in self._health and not self._health[name].out]
        usable = [name for name in self._probes if self._health[name].usable(now)]
        if not usable:
            return None
        self._probes.remove(usable[0])
        return usable[0]

    def _wait_when_spent(self) -> float:
        if not self._under_way and not self._link.unacknowledged:
            self._say("done")
        return FOREVER

    @property
    def _under_way(self) -> int:
        return len(self._requests) + len(self._asks)

    def _wait_for_a_provider(self, assignment: Assignment, now: float) -> float:
        asked = [self._health[name] for name in wanted(self._health, assignment.provider_weights)]
        pauses = [health.paused_until - now for health in asked if not health.out]
        if not pauses:
            reasons = (f"{name}: {health.out}" for name, health in self._health.items() if health.out)
            self._say("out", "; ".join(reasons))
            return FOREVER
        if not self._under_way:
            self._say("paused", "; ".join(dict.fromkeys(health.reason for health in asked if health.reason)))
        return max(min(pauses), MINIMUM_WAIT)

    def _choose(self, assignment: Assignment, now: float) -> str | None:
        routing = assignment.generation.routing
        patient = routing in PATIENT
        usable = [name for name, health in self._health.items() if health.usable(now) or (patient and health.busy)]
        draw = random.random()  # noqa: S311 - a share of requests, not a secret
        name = choose(routing, Choice(usable, assignment.provider_weights, self._last, draw))
        return name if name is not None and self._health[name].usable(now) else None

    def _ask_for(self, assignment: Assignment, name: str) -> None:
        if self._division:
            question, self._division = division_for(assignment, self._division), ""
        else:
            question = question_for(assignment, name)
        self._last = name
        self._ask(name, question)

    def _ask(self, name: str, question: Question) -> None:
        ask_id = f"{self._life}-{next(self._numbers)}"
        self._asks[ask_id] = name, question
        self._send_ask(ask_id)

    def _send_ask(self, ask_id: str) -> None:
        name, question = self._asks[ask_id]
        size = len(question.text.encode(errors="replace")) + FRAME_BYTES
        self._link.send(Ask(ask_id=ask_id, provider=name, request_size=question.count, bytes_in=size))

    def _ask_again(self) -> None:
        # This may be the first word after a reconnect, when what was asked or answered is lost; twice does no harm.
        for ask_id in self._asks:
            self._send_ask(ask_id)

    def _permitted(self, permit: Permit) -> None:
        if permit.ask_id not in self._asks:
            if permit.ask_id not in self._accepted:  # nobody would ever use it
                self._link.send(Unused(ask_id=permit.ask_id))
            return
        self._accepted.add(permit.ask_id)
        name, question = self._asks.pop(permit.ask_id)
        question = replace(
            question, count=permit.request_size, max_tokens_out=permit.max_tokens_out, ordinal=self._ordinal
        )
        self._ordinal += 1
        self._say("asking")
        task = asyncio.create_task(self._request(permit.ask_id, self._providers[name], name, question))
        self._requests.add(task)
        task.add_done_callback(self._request_done)

    def _refused(self, refusal: Refusal) -> None:
        if (asked := self._asks.pop(refusal.ask_id, None)) is not None:
            if asked[1].purpose == "division":
                self._division = asked[1].prompt  # another provider may be asked
            elif asked[1].style == BLIND:
                self._probes.append(refusal.provider)
            self._health[refusal.provider] = refused(refusal, time.monotonic())

    async def _request(self, ask_id: str, provider: Provider, name: str, question: Question) -> None:
        answer = await ask(provider, name, question, self._listening(name, question))
        metadata = msgspec.structs.replace(metadata_of(answer), ask_id=ask_id)
        use = filter_use_of(answer, metadata)
        self._link.send_batch(self._unconfirmed.batch(ask_id, answer.listening, metadata, use))

    def _listening(self, name: str, question: Question) -> Listening:
        if question.purpose == "division":  # categories are no entries, whatever they are called
            return Listening(frozenset(), question.count, None)
        # A blind probe measures what a model says by itself: it is heard to the end.
        assignment = None if question.probe else self._assignment
        patience = assignment.patience.get(name) if assignment else None
        return Listening(self._known, question.count, patience)

    def _spell_out(self, wanted: TextsWanted) -> None:
        batch = self._link.unacknowledged_batch(wanted.batch_id)
        if batch is not None:  # else it was of an earlier life, or committed before
            self._link.send_batch(self._unconfirmed.spelled_out(batch, frozenset(parted(wanted.keys))))

    def _request_done(self, task: asyncio.Task[None]) -> None:
        self._requests.discard(task)
        self._changed.set()
        if not task.cancelled() and task.exception() is not None:
            self._crash = task.exception()

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

"""The offline default: simulated models, which answer from worlds of known truth and need no network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Annotated

import msgspec

from producers.link.messages import ProviderSpec
from producers.providers.base import Event, Question, TextDelta
from producers.providers.errors import BadAnswer, Misconfigured, ProviderError, RateLimited, ServerFault
from producers.providers.personalities import PRICES, Personality, personality, rates
from producers.providers.simulation import Answer, Fault, compose_answer

__all__ = ["PRICES", "SimulatedOptions", "SimulatedProvider", "build", "rates"]

Sleep = Callable[[float], Awaitable[None]]
Factor = Annotated[float, msgspec.Meta(ge=0, le=1000)]


class SimulatedOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a team may set: `latency` and `errors` are factors, 0 for no waiting and for no failure."""

    seed: int = 0
    latency: Factor = 1.0
    world_size: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    errors: Factor = 1.0


_RAISED: Mapping[str, tuple[type[ProviderError], str]] = {
    "rate_limited": (RateLimited, "too many requests (simulated)"),
    "server_fault": (ServerFault, "internal error (simulated)"),
    "bad_answer": (BadAnswer, "the answer is not in the provider's format (simulated)"),
}


def build(spec: ProviderSpec, environ: Mapping[str, str]) -> SimulatedProvider:
    """The simulated model that `spec` names; no key is needed. Raises Misconfigured."""
    return SimulatedProvider(personality(spec.model), _options(spec))


def _options(spec: ProviderSpec) -> SimulatedOptions:
    try:
        return msgspec.convert(spec.options, SimulatedOptions)
    except msgspec.ValidationError as error:
        raise Misconfigured(f"options of the simulated provider {spec.name!r}: {error}") from error


class SimulatedProvider:
    """Tells the answer that `compose_answer` decides, in real time or, with latency 0, at once."""

    def __init__(self, who: Personality, options: SimulatedOptions, sleep: Sleep = asyncio.sleep) -> None:
        self._who = who
        self._options = options
        self._sleep = sleep

    async def stream(self, question: Question) -> AsyncGenerator[Event, None]:
        """Answer as the personality would; equal questions get equal answers."""
        answer = self._answer(question)
        await self._pass(answer.wait)
        for piece in answer.pieces:
            await self._pass(piece.pause)
            yield TextDelta(piece.text)
        if answer.fault is not None:
            raise self._error(answer.fault)
        if answer.usage is not None:
            yield answer.usage
        if answer.finished is not None:
            yield answer.finished

    async def close(self) -> None:
        """Nothing is held open."""

    def _answer(self, question: Question) -> Answer:
        options = self._options
        return compose_answer(
            question, self._who, seed=options.seed, world_size=options.world_size, errors=options.errors
        )

    async def _pass(self, seconds: float) -> None:
        """Wait in proportion; without latency only let other tasks run."""
        if self._options.latency > 0:
            await self._sleep(seconds * self._options.latency)
        else:
            await asyncio.sleep(0)

    def _error(self, fault: Fault) -> ProviderError:
        kind, message = _RAISED[fault.kind]
        wait = None if fault.retry_after is None else fault.retry_after * self._options.latency
        return kind(message, retry_after=wait)

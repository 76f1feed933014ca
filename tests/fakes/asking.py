"""The adapters under test, each with the server that speaks its dialect, and ways to ask them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from producers.link.messages import ProviderSpec
from producers.providers import anthropic, gemini, openai
from producers.providers.base import Event, Finished, Question, TextDelta
from producers.providers.dialect import Dialect, read_sampling
from producers.providers.endpoint import find_endpoint
from producers.providers.errors import ProviderError
from producers.providers.http import Deadlines
from producers.providers.http_provider import HTTPProvider
from producers.providers.network import Resolve, system_addresses
from tests.fakes import dialects
from tests.fakes.replies import Reply, Script, Streamed, always
from tests.fakes.server import ScriptedServer
from tests.fakes.wire import body_of, wire

QUESTION = Question(topic="Paris", prompt="Sights of Paris.", count=3, exclusions=("Louvre",))
KEY = "sk-canary-0123456789"
KEY_VARIABLE = "TEST_API_KEY"
ANSWER = Streamed(("Musée d'Or", "say\n", "🗼"), usage=(12, 7))
SECOND_PIECE = b"say"
NOW = 1_763_802_000.0
BACK_OFF = 0.1
USUAL = Deadlines()


@dataclass(frozen=True)
class Adapter:
    """One vendor's row in the contract tests.

    `error` is how it breaks off a stream while overloaded; `malformed` are payloads it could never send.
    """

    name: str
    dialect: Dialect
    fake: dialects.Dialect
    path: str
    key_header: tuple[str, str]
    words: Mapping[str, str]
    error: Mapping[str, Any]
    malformed: tuple[str, ...]

    def serving(self, script: Script) -> ScriptedServer:
        return ScriptedServer(script, self.fake)

    def at(
        self,
        base_url: str,
        deadlines: Deadlines = USUAL,
        *,
        model: str = "m-1",
        options: Mapping[str, Any] | None = None,
        resolve: Resolve = system_addresses,
    ) -> HTTPProvider:
        """The adapter for a server, with a key of its own."""
        provider = ProviderSpec(name="p", kind=self.name, model=model, base_url=base_url, key_variable=KEY_VARIABLE)
        return HTTPProvider(
            self.dialect,
            find_endpoint(self.dialect.vendor, provider, {KEY_VARIABLE: KEY}),
            provider.model,
            read_sampling(options or {}, self.dialect.options),
            deadlines=deadlines,
            clock=lambda: NOW,
            resolve=resolve,
        )

    async def hear(self, reply: Reply, deadlines: Deadlines = USUAL) -> list[Event]:
        """All that the adapter makes of `reply`."""
        with self.serving(always(reply)) as server:
            return await heard(self.at(server.base_url, deadlines))

    async def fail(self, reply: Reply, deadlines: Deadlines = USUAL) -> ProviderError:
        with pytest.raises(ProviderError) as caught:
            await self.hear(reply, deadlines)
        return caught.value

    def size_until_second_piece(self, reply: Reply = ANSWER) -> int:
        """How much of a response is the first piece of text and all before it."""
        return b"".join(wire(reply, self.fake)).index(SECOND_PIECE)

    def body_until_second_piece(self, reply: Reply = ANSWER) -> int:
        return b"".join(body_of(reply, self.fake)).index(SECOND_PIECE)


OPENAI = Adapter(
    name="openai",
    dialect=openai.DIALECT,
    fake=dialects.OPENAI,
    path="/v1/chat/completions",
    key_header=("authorization", f"Bearer {KEY}"),
    words={"stop": "stop", "length": "length"},
    error={"error": {"message": f"overloaded {KEY}", "type": "server_error", "code": 503}},
    malformed=('{"choices": 7}', '{"choices": [null]}'),
)
ANTHROPIC = Adapter(
    name="anthropic",
    dialect=anthropic.DIALECT,
    fake=dialects.ANTHROPIC,
    path="/v1/messages",
    key_header=("x-api-key", KEY),
    words={"stop": "end_turn", "length": "max_tokens"},
    error={"type": "error", "error": {"type": "overloaded_error", "message": f"overloaded {KEY}"}},
    malformed=('{"type": 7}', '{"type": "content_block_delta", "delta": "a"}'),
)
GEMINI = Adapter(
    name="gemini",
    dialect=gemini.DIALECT,
    fake=dialects.GEMINI,
    path="/v1beta/models/m-1:streamGenerateContent?alt=sse",
    key_header=("x-goog-api-key", KEY),
    words={"stop": "STOP", "length": "MAX_TOKENS"},
    error={"error": {"code": 503, "message": f"overloaded {KEY}", "status": "UNAVAILABLE"}},
    malformed=('{"candidates": 7}', '{"candidates": [null]}'),
)
ADAPTERS = (OPENAI, ANTHROPIC, GEMINI)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    """For the test modules that import it: the servers are on this machine, where no proxy leads."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@asynccontextmanager
async def closing(provider: HTTPProvider) -> AsyncIterator[HTTPProvider]:
    try:
        yield provider
    finally:
        await provider.close()


async def collected(provider: HTTPProvider, question: Question = QUESTION) -> list[Event]:
    async with aclosing(provider.stream(question)) as events:
        return [event async for event in events]


async def heard(provider: HTTPProvider, question: Question = QUESTION) -> list[Event]:
    async with closing(provider):
        return await collected(provider, question)


async def note(events: AsyncIterator[Event], said: list[Event]) -> None:
    """Write down events as they come, to be read when they end in an error."""
    async for event in events:
        said.append(event)


def text(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def ending(events: list[Event]) -> list[Event]:
    return [event for event in events if not isinstance(event, TextDelta)]


async def persist(provider: HTTPProvider) -> list[Event]:
    """Ask until an answer is finished, waiting as told; give up where the adapter says none will come.

    The wait is real because llmock measures it: an attempt that overlaps its predecessor is another call.
    """
    async with closing(provider):
        for _ in range(5):
            try:
                events = await collected(provider)
            except ProviderError as error:
                if error.terminal:
                    raise
                await asyncio.sleep(error.retry_after or BACK_OFF)
                continue
            if events and isinstance(events[-1], Finished):
                return events
    raise AssertionError("no answer in five attempts")

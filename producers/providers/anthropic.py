"""Anthropic's messages, and what imitates them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from producers.link.messages import ProviderSpec
from producers.providers.base import Question
from producers.providers.dialect import SYSTEM_MESSAGE, UNCOUNTED, Asking, Dialect, Reasons, Said, Tokens, decoded
from producers.providers.error_bodies import ErrorObject
from producers.providers.http_provider import HTTPProvider, make_http_provider
from producers.providers.vendors import VENDORS

API_VERSION = "2023-06-01"
LEAST_MAX_TOKENS = 1024
TOKENS_PER_ENTRY = 40

VENDOR = VENDORS["anthropic"]


def build(spec: ProviderSpec, environ: Mapping[str, str]) -> HTTPProvider:
    """The adapter for `spec`. Raises Misconfigured."""
    return make_http_provider(DIALECT, spec, environ)


class WireMessage(msgspec.Struct, frozen=True):
    role: str
    content: str


class MessagesRequest(msgspec.Struct, frozen=True, kw_only=True):
    model: str
    system: str
    messages: tuple[WireMessage, ...]
    max_tokens: int
    stream: bool = True


def compose(asking: Asking) -> MessagesRequest:
    """The body of a request. Sampling is left out: the newer models refuse it."""
    return MessagesRequest(
        model=asking.model,
        system=SYSTEM_MESSAGE,
        messages=(WireMessage("user", asking.question.text),),
        max_tokens=_max_tokens(asking.question, asking.thinking_tokens),
    )


def _max_tokens(question: Question, thinking_tokens: int) -> int:
    """The format demands a limit: without one wanted, more than any list of that length needs."""
    if question.max_tokens_out is not None:
        return question.max_tokens_out
    return max(LEAST_MAX_TOKENS, question.count * TOKENS_PER_ENTRY) + thinking_tokens


def headers(key: str) -> dict[str, str]:
    version = {"anthropic-version": API_VERSION}
    return {**version, "x-api-key": key} if key else version


class WireUsage(msgspec.Struct, frozen=True):
    """What was read from the cache, or written into it, is not counted among the input tokens."""

    input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    output_tokens: int | None = None

    @property
    def tokens(self) -> Tokens:
        cached = self.cache_read_input_tokens or 0
        tokens_in = (self.input_tokens or 0) + cached + (self.cache_creation_input_tokens or 0)
        return Tokens(tokens_in, self.output_tokens or 0, cached)


class Block(msgspec.Struct, frozen=True):
    """A block of content or a piece of one, and in `message_delta` the reason to end. Thinking has other types."""

    type: str = ""
    text: str | None = None
    stop_reason: str | None = None

    @property
    def said(self) -> str:
        return self.text or "" if self.type in ("text", "text_delta") else ""


NO_BLOCK = Block()


class Message(msgspec.Struct, frozen=True):
    usage: WireUsage | None = None


class Happening(msgspec.Struct, frozen=True):
    """One event of a stream, or the whole message of an answer that is not streamed."""

    type: str = ""
    message: Message | None = None
    content_block: Block | None = None
    delta: Block | None = None
    content: list[Block] | None = None
    stop_reason: str | None = None
    usage: WireUsage | None = None
    error: ErrorObject | str | None = None


_decoder: msgspec.json.Decoder[Happening] = msgspec.json.Decoder(Happening)


def read(payload: str | bytes) -> Iterator[Said]:
    """What an event says. Input is counted in the first, output in the last but one; pings say nothing."""
    event = decoded(_decoder, payload)
    delta = event.delta or event.content_block or NO_BLOCK
    usage = event.usage or (event.message and event.message.usage)
    yield Said(
        text="".join(block.said for block in event.content) if event.content else delta.said,
        reason=delta.stop_reason or event.stop_reason or "",
        tokens=usage.tokens if usage else UNCOUNTED,
        error=event.error,
        last=event.type == "message_stop",
    )


DIALECT = Dialect(
    vendor=VENDOR,
    reasons=Reasons(complete=frozenset({"end_turn", "stop_sequence"}), refused=frozenset({"refusal"})),
    path=lambda model: "/messages",
    headers=headers,
    compose=compose,
    read=read,
)

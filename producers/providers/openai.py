"""Chat completions of any OpenAI-compatible server: OpenAI, and the many that imitate its wire format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from producers.link.messages import ProviderSpec
from producers.providers.dialect import (
    SAMPLING,
    SYSTEM_MESSAGE,
    UNCOUNTED,
    Asking,
    Dialect,
    Reasons,
    Said,
    Tokens,
    decoded,
    temperature_of,
    unless_none,
)
from producers.providers.error_bodies import ErrorObject
from producers.providers.http_provider import HTTPProvider, make_http_provider
from producers.providers.vendors import VENDORS

VENDOR = VENDORS["openai"]
REFUSAL = "refusal"


def build(spec: ProviderSpec, environ: Mapping[str, str]) -> HTTPProvider:
    """The adapter for `spec`. Raises Misconfigured."""
    return make_http_provider(DIALECT, spec, environ)


class WireMessage(msgspec.Struct, frozen=True):
    role: str
    content: str


class StreamOptions(msgspec.Struct, frozen=True):
    include_usage: bool


class ChatRequest(msgspec.Struct, frozen=True, kw_only=True):
    model: str
    messages: tuple[WireMessage, ...]
    stream: bool = True
    stream_options: StreamOptions | msgspec.UnsetType = msgspec.UNSET
    max_tokens: int | msgspec.UnsetType = msgspec.UNSET
    max_completion_tokens: int | msgspec.UnsetType = msgspec.UNSET
    temperature: float | msgspec.UnsetType = msgspec.UNSET
    top_p: float | msgspec.UnsetType = msgspec.UNSET


def compose(asking: Asking) -> ChatRequest:
    """The body of a request. Of the two names of the limit the old one, which imitators know, is the usual one."""
    limit = unless_none(asking.question.max_tokens_out)
    is_old_name = "max_tokens" not in asking.avoided
    return ChatRequest(
        model=asking.model,
        messages=(WireMessage("system", SYSTEM_MESSAGE), WireMessage("user", asking.question.text)),
        stream_options=msgspec.UNSET if "stream_options" in asking.avoided else StreamOptions(include_usage=True),
        max_tokens=limit if is_old_name else msgspec.UNSET,
        max_completion_tokens=msgspec.UNSET if is_old_name else limit,
        temperature=temperature_of(asking),
        top_p=unless_none(asking.sampling.top_p),
    )


class ContentPart(msgspec.Struct, frozen=True):
    """Some servers send content as typed parts; only parts of text have a text."""

    text: str = ""


class Spoken(msgspec.Struct, frozen=True):
    """A delta or a whole message. Reasoning comes in fields of its own, which are not read.

    `refusal` has a model's own words where it declines; it ends with `stop` then, as if it had answered.
    """

    content: str | list[ContentPart] | None = None
    refusal: str | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "".join(part.text for part in self.content)
        return self.content or ""


class Choice(msgspec.Struct, frozen=True):
    delta: Spoken | None = None
    message: Spoken | None = None
    finish_reason: str | None = None


SILENCE, NO_CHOICE = Spoken(), Choice()


class PromptDetails(msgspec.Struct, frozen=True):
    cached_tokens: int | None = None


class WireUsage(msgspec.Struct, frozen=True):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: PromptDetails | None = None

    @property
    def tokens(self) -> Tokens:
        cached = self.prompt_tokens_details and self.prompt_tokens_details.cached_tokens
        return Tokens(self.prompt_tokens or 0, self.completion_tokens or 0, cached or 0)


class Chunk(msgspec.Struct, frozen=True):
    """One event of a stream, or the whole body of an answer that is not streamed: they differ in one name."""

    choices: list[Choice] | None = None
    usage: WireUsage | None = None
    error: ErrorObject | str | None = None


_decoder: msgspec.json.Decoder[Chunk] = msgspec.json.Decoder(Chunk)


def read(payload: str | bytes) -> Iterator[Said]:
    """What a chunk says. Usage comes after the finish reason, and from some servers in every chunk."""
    chunk = decoded(_decoder, payload)
    choice = chunk.choices[0] if chunk.choices else NO_CHOICE
    spoken = choice.delta or choice.message or SILENCE
    tokens = chunk.usage.tokens if chunk.usage else UNCOUNTED
    blocked = REFUSAL if spoken.refusal else ""
    yield Said(spoken.text, choice.finish_reason or "", tokens, chunk.error, blocked)


DIALECT = Dialect(
    vendor=VENDOR,
    reasons=Reasons(complete=frozenset({"stop"}), filtered=frozenset({"content_filter"})),
    path=lambda model: "/chat/completions",
    headers=lambda key: {"Authorization": f"Bearer {key}"} if key else {},
    compose=compose,
    read=read,
    options=SAMPLING,
    substitutes={
        "stream_options": "",
        "temperature": "",
        "max_tokens": "max_completion_tokens",
        "max_completion_tokens": "max_tokens",
    },
    avoided={VENDOR.key_host: frozenset({"max_tokens"})},
)

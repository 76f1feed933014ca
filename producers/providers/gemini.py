"""Google Gemini's generateContent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote

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
from producers.providers.vendors import VENDORS, can_stop_thinking

VENDOR = VENDORS["gemini"]
REFUSED = frozenset({"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE", "IMAGE_SAFETY"})


def build(spec: ProviderSpec, environ: Mapping[str, str]) -> HTTPProvider:
    """The adapter for `spec`. Raises Misconfigured."""
    return make_http_provider(DIALECT, spec, environ)


def path(model: str) -> str:
    """Google itself writes a model as "models/NAME"."""
    return f"/models/{quote(model.removeprefix('models/'), safe='')}:streamGenerateContent?alt=sse"


class WirePart(msgspec.Struct, frozen=True):
    text: str


class WireContent(msgspec.Struct, frozen=True, omit_defaults=True):
    parts: tuple[WirePart, ...]
    role: str = ""


class ThinkingConfig(msgspec.Struct, frozen=True, rename="camel"):
    thinking_budget: int


NO_THOUGHTS = ThinkingConfig(thinking_budget=0)


class GenerationConfig(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    max_output_tokens: int | msgspec.UnsetType
    temperature: float | msgspec.UnsetType
    top_p: float | msgspec.UnsetType
    thinking_config: ThinkingConfig | msgspec.UnsetType


class GenerateRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    system_instruction: WireContent
    contents: tuple[WireContent, ...]
    generation_config: GenerationConfig

    @property
    def temperature(self) -> float | msgspec.UnsetType:
        """For a server that refuses it, under the name that it has there."""
        return self.generation_config.temperature

    @property
    def thinking_config(self) -> ThinkingConfig | msgspec.UnsetType:
        """For a server that refuses it, likewise."""
        return self.generation_config.thinking_config


def compose(asking: Asking) -> GenerateRequest:
    """The body of a request; the model stands in the path."""
    return GenerateRequest(
        system_instruction=WireContent((WirePart(SYSTEM_MESSAGE),)),
        contents=(WireContent((WirePart(asking.question.text),), role="user"),),
        generation_config=GenerationConfig(
            max_output_tokens=unless_none(asking.question.max_tokens_out),
            temperature=temperature_of(asking),
            top_p=unless_none(asking.sampling.top_p),
            thinking_config=_thinking(asking),
        ),
    )


def _thinking(asking: Asking) -> ThinkingConfig | msgspec.UnsetType:
    """No thoughts where the model can do without, unless people have given it tokens for them."""
    is_wanted = asking.thinking_tokens > 0 or "thinking_config" in asking.avoided
    return msgspec.UNSET if is_wanted or not can_stop_thinking("gemini", asking.model) else NO_THOUGHTS


class Part(msgspec.Struct, frozen=True):
    text: str | None = None
    thought: bool | None = None


class Content(msgspec.Struct, frozen=True):
    parts: list[Part] | None = None

    @property
    def text(self) -> str:
        return "".join(part.text or "" for part in self.parts or () if not part.thought)


class Candidate(msgspec.Struct, frozen=True, rename="camel"):
    content: Content | None = None
    finish_reason: str | None = None


class PromptFeedback(msgspec.Struct, frozen=True, rename="camel"):
    block_reason: str | None = None


class UsageMetadata(msgspec.Struct, frozen=True, rename="camel"):
    """Thoughts are paid for as output, but not counted with the candidates."""

    prompt_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None
    cached_content_token_count: int | None = None

    @property
    def tokens(self) -> Tokens:
        tokens_out = (self.candidates_token_count or 0) + (self.thoughts_token_count or 0)
        return Tokens(self.prompt_token_count or 0, tokens_out, self.cached_content_token_count or 0)


class Chunk(msgspec.Struct, frozen=True, rename="camel"):
    """One event of a stream, the whole of an answer, or one of its pieces where they come as an array."""

    candidates: list[Candidate] | None = None
    prompt_feedback: PromptFeedback | None = None
    usage_metadata: UsageMetadata | None = None
    error: ErrorObject | str | None = None


_decoder: msgspec.json.Decoder[Chunk | list[Chunk]] = msgspec.json.Decoder(Chunk | list[Chunk])


def read(payload: str | bytes) -> Iterator[Said]:
    """What the chunks in `payload` say. None is ever the last: the end of the stream is the only end mark."""
    decoded_chunks = decoded(_decoder, payload)
    for chunk in decoded_chunks if isinstance(decoded_chunks, list) else [decoded_chunks]:
        candidate = chunk.candidates[0] if chunk.candidates else Candidate()
        yield Said(
            text=candidate.content.text if candidate.content else "",
            reason=candidate.finish_reason or "",
            tokens=chunk.usage_metadata.tokens if chunk.usage_metadata else UNCOUNTED,
            error=chunk.error,
            blocked=(chunk.prompt_feedback and chunk.prompt_feedback.block_reason) or "",
        )


DIALECT = Dialect(
    vendor=VENDOR,
    reasons=Reasons(complete=frozenset({"STOP"}), refused=REFUSED),
    path=path,
    headers=lambda key: {"x-goog-api-key": key} if key else {},
    compose=compose,
    read=read,
    options=SAMPLING,
    substitutes={"temperature": "", "thinking_config": ""},
)

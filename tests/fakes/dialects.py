"""How each vendor puts an answer on the wire, as its own documentation shows it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.fakes.replies import Json, Streamed, Whole


@dataclass(frozen=True)
class Dialect:
    """`base_path` is the path that a base URL of this vendor usually has; `piece` is a payload with some text."""

    name: str
    base_path: str
    streamed: Callable[[Streamed], Iterator[str]]
    whole: Callable[[Whole], Json]
    piece: Callable[[str], str]
    framed: Callable[[str], bytes]


def _event(payload: str) -> bytes:
    return f"data: {payload}\n\n".encode()


def _dumped(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


# ------------------------------------------------------------------------------------------------- OpenAI

OPENAI_FINISH = {"refused": "content_filter"}


def _openai_streamed(reply: Streamed) -> Iterator[str]:
    yield _dumped(_chunk(role="assistant", content=""))
    for piece in reply.pieces:
        yield _openai_piece(piece)
    if reply.finish is not None:
        yield _dumped(_chunk(finish=OPENAI_FINISH.get(reply.finish, reply.finish)))
    if reply.usage is not None:
        yield _dumped({**_chunk(), "choices": [], "usage": _openai_usage(reply.usage, reply.cached)})
    if reply.done:
        yield "[DONE]"


def _chunk(finish: str | None = None, **delta: str) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "choices": [choice], "usage": None}


def _openai_piece(text: str) -> str:
    return _dumped(_chunk(content=text))


def _openai_usage(tokens: tuple[int, int], cached: int = 0) -> Json:
    details = {"prompt_tokens_details": {"cached_tokens": cached}} if cached else {}
    return {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens), **details}


def _openai_whole(reply: Whole) -> Json:
    message = {"role": "assistant", "content": reply.text}
    choice = {"index": 0, "message": message, "finish_reason": reply.finish}
    usage = _openai_usage(reply.usage) if reply.usage else None
    return {"object": "chat.completion", "choices": [choice], "usage": usage}


OPENAI = Dialect("openai", "/v1", _openai_streamed, _openai_whole, _openai_piece, _event)

# ---------------------------------------------------------------------------------------------- Anthropic

ANTHROPIC_FINISH: Mapping[str | None, str | None] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "refused": "refusal",
}


def _anthropic_streamed(reply: Streamed) -> Iterator[str]:
    counted = _anthropic_input(reply.usage, reply.cached)
    message: dict[str, Any] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "content": [],
        "stop_reason": None,
    }
    yield _dumped({"type": "message_start", "message": {**message, "usage": {**counted, "output_tokens": 0}}})
    yield _dumped({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})
    yield _dumped({"type": "ping"})
    for piece in reply.pieces:
        yield _anthropic_piece(piece)
    yield _dumped({"type": "content_block_stop", "index": 0})
    if reply.finish is not None:
        ended = {"stop_reason": ANTHROPIC_FINISH.get(reply.finish, reply.finish), "stop_sequence": None}
        tokens_out = reply.usage[1] if reply.usage else 0
        yield _dumped({"type": "message_delta", "delta": ended, "usage": {"output_tokens": tokens_out}})
    if reply.done:
        yield _dumped({"type": "message_stop"})


def _anthropic_input(usage: tuple[int, int] | None, cached: int = 0) -> Json:
    """Input tokens are those that did not come from the cache."""
    return {"input_tokens": usage[0] - cached if usage else 0, "cache_read_input_tokens": cached}


def _anthropic_piece(text: str) -> str:
    return _dumped({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})


def _anthropic_whole(reply: Whole) -> Json:
    usage = {**_anthropic_input(reply.usage), "output_tokens": reply.usage[1] if reply.usage else 0}
    finish = ANTHROPIC_FINISH.get(reply.finish, reply.finish)
    content = [{"type": "text", "text": reply.text}]
    return {"type": "message", "role": "assistant", "content": content, "stop_reason": finish, "usage": usage}


def _named_event(payload: str) -> bytes:
    """The type of an event stands in its data and, again, in its name."""
    try:
        name = json.loads(payload)["type"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return _event(payload)
    return f"event: {name}\n".encode() + _event(payload)


ANTHROPIC = Dialect("anthropic", "", _anthropic_streamed, _anthropic_whole, _anthropic_piece, _named_event)

# ------------------------------------------------------------------------------------------------- Gemini

GEMINI_FINISH: Mapping[str | None, str | None] = {"stop": "STOP", "length": "MAX_TOKENS", "refused": "SAFETY"}


def _gemini_streamed(reply: Streamed) -> Iterator[str]:
    """The end comes with the last text, and there is no end mark."""
    for piece in reply.pieces[:-1]:
        yield _gemini_piece(piece)
    yield _dumped(_gemini_chunk(reply.pieces[-1] if reply.pieces else "", reply.finish, reply.usage, reply.cached))


def _gemini_chunk(
    text: str, finish: str | None = None, usage: tuple[int, int] | None = None, cached: int = 0
) -> dict[str, Any]:
    ended = {"finishReason": GEMINI_FINISH.get(finish, finish)} if finish is not None else {}
    counted = {"promptTokenCount": usage[0], "candidatesTokenCount": usage[1]} if usage else {}
    from_cache = {"cachedContentTokenCount": cached} if cached else {}
    candidate = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0, **ended}
    metadata = {"usageMetadata": {**counted, **from_cache}} if counted else {}
    return {"candidates": [candidate], "modelVersion": "m", **metadata}


def _gemini_piece(text: str) -> str:
    return _dumped(_gemini_chunk(text))


def _gemini_whole(reply: Whole) -> Json:
    return _gemini_chunk(reply.text, reply.finish, reply.usage)


GEMINI = Dialect("gemini", "", _gemini_streamed, _gemini_whole, _gemini_piece, _event)

"""The typed messages between engine and producer.

Frozen values and nothing else: no socket, no clock. `codec` turns them into frames and back; `outbox` decides
what is sent again. Every message carries its type in the field `type`, so a frame is readable in a trace.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

MAX_CANDIDATES = 2_000
MAX_CANDIDATE_LENGTH = 200
MAX_FRAME_BYTES = 2 * 1024 * 1024
PROTOCOL = 1
# What an adapter adds to a question: its own instruction and the frame of the format.
FRAME_BYTES = 500
MAX_COUNT = 2**31 - 1  # what a database's integer holds

Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_COUNT)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Label = Annotated[str, msgspec.Meta(max_length=200)]
Outcome: TypeAlias = Literal["complete", "cut", "failed"]


def prompt_hash(prompt: str) -> str:
    """What identifies a prompt in statistics: 32 hexadecimal digits."""
    return hashlib.blake2b(prompt.encode(errors="replace"), digest_size=16).hexdigest()


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """Base of every message on the link."""


class ProviderSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What a producer needs to know to call one provider; the key itself stays in the environment.

    `thinking_tokens` are those of an answer that the model needs beside its entries.
    """

    name: Label
    kind: Label
    model: str
    base_url: str = ""
    key_variable: str = ""
    options: dict[str, Any] = {}
    thinking_tokens: Count = 0


class GenerationConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How a producer asks: sizes, limits and routing. Takes effect with the next request.

    `requests_left` is None for "no limit". `partition` is the part of the topic in words, empty for all of it.
    """

    request_size: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 60
    in_flight: Annotated[int, msgspec.Meta(ge=1, le=64)] = 2
    requests_left: Count | None = None
    routing: str = "weighted"
    partition: str = ""
    seed: int = 0


class StartTopic(Message, frozen=True, kw_only=True, tag="start_topic"):
    """Engine → producer: begin to explore; replaces whatever the producer did before."""

    topic: str
    prompt: str
    providers: tuple[ProviderSpec, ...]
    provider_weights: dict[str, Share]
    generation: GenerationConfig
    exclusions: tuple[str, ...] = ()


class UpdateConfiguration(Message, frozen=True, kw_only=True, tag="update_configuration"):
    """Engine → producer: change what is not None, from the next request on."""

    prompt: str | None = None
    provider_weights: dict[str, Share] | None = None
    exclusions: tuple[str, ...] | None = None
    generation: GenerationConfig | None = None


class Stop(Message, frozen=True, kw_only=True, tag="stop"):
    """Engine → producer: cut the requests in flight, hand over what has arrived, then exit."""

    reason: str = ""


class Ack(Message, frozen=True, kw_only=True, tag="ack"):
    """Engine → producer: these batches are committed; they may be forgotten."""

    batch_ids: tuple[str, ...]


class Permit(Message, frozen=True, kw_only=True, tag="permit"):
    """Engine → producer: the request may be made, for so many entries and tokens of the answer at most."""

    ask_id: str
    request_size: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    max_tokens_out: Annotated[int, msgspec.Meta(ge=1)] | None = None


class Refusal(Message, frozen=True, kw_only=True, tag="refusal"):
    """Engine → producer: not this provider, for so many seconds; None: not any more in this run.

    `busy`: nothing is wrong with it, there are only enough requests under way.
    """

    ask_id: str
    provider: str
    seconds: float | None
    reason: str = ""
    busy: bool = False


class GenerationMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """What one request to a provider was and cost. Times in milliseconds; `started_at` in epoch seconds.

    `outcome` is `complete` (a recognised end), `cut` (whole entries of an answer that broke off) or `failed`.
    `tokens_estimated` says that the provider reported no usage and the counts are characters / 4; `bill_unknown`
    that it broke off and may have generated more than arrived. `ask_id` names the permit that the request was made
    under; `retry_after` is the wait in seconds that the provider asked for.
    """

    provider: Label
    prompt_hash: Annotated[str, msgspec.Meta(max_length=32)]
    outcome: Outcome
    started_at: float
    response_time_ms: Count
    tokens_in: Count = 0
    tokens_out: Count = 0
    tokens_estimated: bool = False
    bill_unknown: bool = False
    asked_for: Count = 0
    tokens_cached: Count = 0
    rejected: Count = 0
    ask_id: Annotated[str, msgspec.Meta(max_length=40)] = ""
    finish_reason: Annotated[str, msgspec.Meta(max_length=40)] = ""
    error_kind: Annotated[str, msgspec.Meta(max_length=40)] = ""
    error: Annotated[str, msgspec.Meta(max_length=500)] = ""
    terminal: bool = False
    retry_after: Annotated[float, msgspec.Meta(ge=0, le=86_400)] | None = None
    partition: Annotated[str, msgspec.Meta(max_length=200)] = ""
    partition_coherence: Share | None = None


class AttributeBatch(Message, frozen=True, kw_only=True, tag="attribute_batch"):
    """Producer → engine: the candidates of one request. A resend has the same `batch_id`."""

    batch_id: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    candidates: Annotated[
        tuple[Annotated[str, msgspec.Meta(max_length=MAX_CANDIDATE_LENGTH)], ...],
        msgspec.Meta(max_length=MAX_CANDIDATES),
    ]
    metadata: GenerationMetadata


class Ask(Message, frozen=True, kw_only=True, tag="ask"):
    """Producer → engine: may I make this request? `bytes_in` is the size of its question, FRAME_BYTES included."""

    ask_id: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    provider: Label
    request_size: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    bytes_in: Count


class Unused(Message, frozen=True, kw_only=True, tag="unused"):
    """Producer → engine: this permit came too late, the request will not be made."""

    ask_id: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class Unusable(Message, frozen=True, kw_only=True, tag="unusable"):
    """Producer → engine: this provider's settings cannot work; it is never asked."""

    provider: Label
    reason: Annotated[str, msgspec.Meta(max_length=300)]


class Hello(Message, frozen=True, kw_only=True, tag="hello"):
    """Producer → engine: the first message after a connection; `started` tells a reconnect from a new life."""

    pid: int
    started: bool = False
    protocol: int = PROTOCOL


class Status(Message, frozen=True, kw_only=True, tag="status"):
    """Producer → engine: what it does now. `done` means: the requests it was allowed are spent."""

    state: Annotated[str, msgspec.Meta(max_length=20)]
    detail: Annotated[str, msgspec.Meta(max_length=500)] = ""


class Heartbeat(Message, frozen=True, kw_only=True, tag="heartbeat"):
    """Producer → engine: alive, with the length of its queues."""

    in_flight: Count
    unacknowledged: Count


ToProducer = StartTopic | UpdateConfiguration | Stop | Ack | Permit | Refusal
ToEngine = Hello | AttributeBatch | Status | Heartbeat | Ask | Unused | Unusable

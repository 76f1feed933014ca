"""The typed messages between engine and producer.

Frozen values and nothing else: no socket, no clock. `codec` turns them into frames and back; `outbox` decides
what is sent again. Every message carries its type in the field `type`, so a frame is readable in a trace.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Literal, TypeAlias
from unicodedata import unidata_version

import msgspec

from producers.link.filters import MOST_PARTS, PART_BYTES
from producers.link.keys import KEY_BYTES

MAX_CANDIDATES = 2_000
MAX_CANDIDATE_LENGTH = 200
MAX_FRAME_BYTES = 2 * 1024 * 1024
MAX_NEW_KEYS = 32_768
PROTOCOL = 2
# What an adapter adds to a question: its own instruction and the frame of the format.
FRAME_BYTES = 500
MAX_COUNT = 2**31 - 1  # what a database's integer holds

Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_COUNT)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Label = Annotated[str, msgspec.Meta(max_length=200)]
Patience = Annotated[int, msgspec.Meta(ge=1)]
Keys = Annotated[bytes, msgspec.Meta(max_length=MAX_NEW_KEYS * KEY_BYTES)]
Style = Annotated[str, msgspec.Meta(max_length=30)]
# The names of two styles, the usual length of a list and that of a division: `orchestration.logic` has the same.
PLAIN, BLIND = "plain", "blind"
USUAL_SIZE, DIVISION_COUNT = 60, 12
Outcome: TypeAlias = Literal["complete", "cut", "failed"]
# division: the candidates are no entries but names of categories.
Purpose: TypeAlias = Literal["entries", "division"]


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


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How a producer asks one provider: the standing instruction, in which part of the topic (in words; empty: all of
    it), in which style, without which entries, for how many at a time, and how hot (None: as the model is by itself).
    """

    prompt: str
    partition: Label = ""
    style: Style = PLAIN
    exclusions: tuple[str, ...] = ()
    request_size: Annotated[int, msgspec.Meta(ge=1, le=1000)] = USUAL_SIZE
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] | None = None


class GenerationConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How a producer asks: sizes, limits and routing. Takes effect with the next request.

    `requests_left` is None for "no limit". `partition` is the part of the topic in words, empty for all of it.
    """

    request_size: Annotated[int, msgspec.Meta(ge=1, le=1000)] = USUAL_SIZE
    in_flight: Annotated[int, msgspec.Meta(ge=1, le=64)] = 2
    requests_left: Count | None = None
    routing: str = "weighted"
    partition: str = ""
    seed: int = 0


class StartTopic(Message, frozen=True, kw_only=True, tag="start_topic"):
    """Engine → producer: begin to explore; replaces whatever the producer did before.

    `prompt` and `generation` say how a provider is asked for which there is no plan. `patience`: by provider, after
    how many known candidates in a row an answer is cut; one that is not in it never.
    """

    topic: str
    prompt: str
    providers: tuple[ProviderSpec, ...]
    provider_weights: dict[str, Share]
    generation: GenerationConfig
    exclusions: tuple[str, ...] = ()
    plans: dict[Label, Plan] = {}
    patience: dict[str, Patience] = {}


class UpdateConfiguration(Message, frozen=True, kw_only=True, tag="update_configuration"):
    """Engine → producer: change what is not None, from the next request on. Plans that are not in it stay."""

    prompt: str | None = None
    provider_weights: dict[str, Share] | None = None
    exclusions: tuple[str, ...] | None = None
    plans: dict[Label, Plan] | None = None
    patience: dict[str, Patience] | None = None
    generation: GenerationConfig | None = None


class Divide(Message, frozen=True, kw_only=True, tag="divide"):
    """Engine → producer: ask once, with the next request, for a division of the topic, in these words."""

    prompt: str


class Probe(Message, frozen=True, kw_only=True, tag="probe"):
    """Engine → producer: ask this provider once, blindly: in the producer's own words, with no exclusions."""

    provider: Label


class Stop(Message, frozen=True, kw_only=True, tag="stop"):
    """Engine → producer: cut the requests in flight, hand over what has arrived, then exit."""

    reason: str = ""


class Ack(Message, frozen=True, kw_only=True, tag="ack"):
    """Engine → producer: these batches are committed; they may be forgotten."""

    batch_ids: tuple[str, ...]


class FilterPart(Message, frozen=True, kw_only=True, tag="filter_part"):
    """Engine → producer: a filter of the known keys, in `parts` pieces that follow each other.

    `generation` is another with each filter, `version` counts what was added to it: a filter of one generation and a
    higher version knows more.
    """

    generation: int
    version: int
    part: Annotated[int, msgspec.Meta(ge=0, lt=MOST_PARTS)]
    parts: Annotated[int, msgspec.Meta(ge=1, le=MOST_PARTS)]
    data: Annotated[bytes, msgspec.Meta(max_length=PART_BYTES)]


class FilterIncrement(Message, frozen=True, kw_only=True, tag="filter_increment"):
    """Engine → producer: what was added to the filter of this generation since this version, as 16-byte keys.

    Without keys it says which filter there is: the first word about it after a reconnect.
    """

    generation: int
    since: int
    keys: Keys = b""


class TextsWanted(Message, frozen=True, kw_only=True, tag="texts_wanted"):
    """Engine → producer: these keys of the batch are not known. Send it again with their texts."""

    batch_id: Annotated[str, msgspec.Meta(max_length=40)]
    keys: Keys


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
    `tokens_estimated` says that the provider reported no usage and the counts are estimates; `bill_unknown` that it
    broke off and may have generated more than arrived. `ask_id` names the permit that the request was made under;
    `retry_after` is the wait in seconds that the provider asked for. `style` names how it was asked; `probe`: without
    exclusions and partition, to estimate the coverage.
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
    style: Style = ""
    probe: bool = False
    temperature: float | None = None
    purpose: Purpose = "entries"


class FilterUse(msgspec.Struct, frozen=True, kw_only=True):
    """What the filter did for one request: the seed's bloom_stats.

    So many candidates were `checked`, `probable` of them taken for repeats, and `asked_back` of these wrongly.
    `aborted`: the answer was cut, which saved about `tokens_saved` tokens of it.
    """

    checked: Count = 0
    probable: Count = 0
    asked_back: Count = 0
    aborted: bool = False
    tokens_saved: Count = 0


class AttributeBatch(Message, frozen=True, kw_only=True, tag="attribute_batch"):
    """Producer → engine: the candidates of one request. A resend has the same `batch_id`.

    `keys` has the key of each candidate, and then the keys of those that are probably known, whose texts stay with
    the producer.
    """

    batch_id: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    candidates: Annotated[
        tuple[Annotated[str, msgspec.Meta(max_length=MAX_CANDIDATE_LENGTH)], ...],
        msgspec.Meta(max_length=MAX_CANDIDATES),
    ]
    metadata: GenerationMetadata
    keys: Annotated[bytes, msgspec.Meta(max_length=MAX_CANDIDATES * KEY_BYTES)] = b""
    filter: FilterUse | None = None

    def __post_init__(self) -> None:
        if len(self.keys) % KEY_BYTES or len(self.keys) < len(self.candidates) * KEY_BYTES:
            raise ValueError("a key is missing")


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


class FilterWanted(Message, frozen=True, kw_only=True, tag="filter_wanted"):
    """Producer → engine: something of the filter is missing here; send it whole."""


class Hello(Message, frozen=True, kw_only=True, tag="hello"):
    """Producer → engine: the first message after a connection; `started` tells a reconnect from a new life.

    `unicode` is the version of its Unicode tables: with others than the engine's its keys may be others, too.
    """

    pid: int
    started: bool = False
    protocol: int = PROTOCOL
    unicode: Annotated[str, msgspec.Meta(max_length=20)] = unidata_version


class Status(Message, frozen=True, kw_only=True, tag="status"):
    """Producer → engine: what it does now. `done` means: the requests it was allowed are spent."""

    state: Annotated[str, msgspec.Meta(max_length=20)]
    detail: Annotated[str, msgspec.Meta(max_length=500)] = ""


class Heartbeat(Message, frozen=True, kw_only=True, tag="heartbeat"):
    """Producer → engine: alive, with the length of its queues."""

    in_flight: Count
    unacknowledged: Count


ToProducer = (
    StartTopic
    | UpdateConfiguration
    | Divide
    | Probe
    | Stop
    | Ack
    | Permit
    | Refusal
    | FilterPart
    | FilterIncrement
    | TextsWanted
)
ToEngine = Hello | AttributeBatch | Status | Heartbeat | Ask | Unused | Unusable | FilterWanted

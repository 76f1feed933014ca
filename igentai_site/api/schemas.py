"""What crosses the API, as its OpenAPI description tells it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import ConfigDict, Field

# What no identifier of a database exceeds: beyond it SQLite would fail, not find nothing.
HIGHEST_ID = 2**63 - 1
Id = Annotated[int, Field(ge=0, le=HIGHEST_ID)]


class ErrorBody(Schema):
    """Why it was refused, in words, and what to do about it. `code` is for programs."""

    code: str
    message: str
    what_to_do: str
    fields: dict[str, str] = Field(default={}, description="What is wrong with which value, where values were wrong.")


class ErrorOut(Schema):
    error: ErrorBody


ERRORS: dict[Any, Any] = {frozenset({400, 401, 403, 404, 409, 422, 429, 500, 503}): ErrorOut}


class AccountOut(Schema):
    """Whom the token acts for."""

    user: str
    roles: list[str]
    permissions: list[str]
    read_only: bool


# Topics


class Settings(Schema):
    """What people may set of a topic. Empty limits do not limit. The server judges them as the form does."""

    model_config = ConfigDict(extra="forbid")

    prompt: str | None = None
    target: int | None = Field(default=None, description="Stop at this many entries.")
    budget_usd: float | None = Field(default=None, description="Stop before this is spent.")
    minutes: float | None = None
    iterations: int | None = Field(default=None, description="Requests per producer.")
    coverage: float | None = Field(default=None, description="Stop when at least this share, 0 to 1, is found.")
    price_usd: float | None = Field(default=None, description="Stop when the next 100 entries would cost more.")
    producer_count: int | None = None
    in_flight: int | None = Field(default=None, description="Requests that each producer keeps open at once.")
    request_size: int | None = Field(default=None, description="Entries asked for in a request.")
    routing: str | None = Field(default=None, description="weighted, priority, round_robin or backoff.")
    partition: str | None = Field(default=None, description="auto, category, alphabet, semantic or none.")
    optimise: str | None = Field(default=None, description="cost, speed or balanced.")
    optimise_interval: float | None = None


class NewTopic(Settings):
    """A name is enough: all else has defaults."""

    name: str


class TopicChange(Settings):
    """What is not mentioned stays as it is."""

    name: str | None = None


class TopicOut(Schema):
    id: int
    name: str
    folder: str
    prompt: str
    target: int | None
    budget_usd: float | None
    minutes: float | None
    iterations: int | None
    coverage: float | None
    price_usd: float | None
    producer_count: int | None
    in_flight: int
    request_size: int
    routing: str
    partition: str
    optimise: str
    optimise_interval: float
    desired_state: str = Field(description="What people want: stopped, running or paused.")
    starts: int
    created_at: datetime


class TopicQuery(Schema):
    after: Id = Field(default=0, description="The `next` of the page before.")
    limit: int = Field(default=50, ge=1, le=200)
    name: str = Field(default="", max_length=200, description="Only topics whose name has this in it.")


class TopicPage(Schema):
    items: list[TopicOut]
    next: int | None = Field(description="Give it as `after` for the next page; null: this is the last.")


class CommandIn(Schema):
    model_config = ConfigDict(extra="forbid")

    confirm_replaces_list: bool = Field(default=False, description="Needed where the present list would be replaced.")


# Status


class Headline(Schema):
    """The state in words; `kind` is idle, waiting, running, paused, ended or failed."""

    kind: str
    words: str
    detail: str


class RunOut(Schema):
    """The newest run. Its counts are its own."""

    number: int
    state: str
    stop_reason: str
    stop_detail: str
    over: bool
    simulated: bool
    active_seconds: float
    requests: int
    failed_requests: int
    candidates: int
    unique: int
    novelty_rate: float | None
    unique_per_minute: float | None
    cost_usd: float
    unpriced_requests: int
    lost_usd: float
    warning: str


class ListOut(Schema):
    """`number` changes when the list is replaced."""

    number: int
    entries: int


class Interval(Schema):
    """An estimate with its bounds (90 %); null where too little is known."""

    estimate: float | None = None
    low: float | None = None
    high: float | None = None


class EstimatesOut(Schema):
    coverage: Interval = Field(description="Share of all entries that is found.")
    mass_coverage: Interval = Field(description="Share of what a blind answer names.")
    price_of_next_100_usd: Interval
    probes: int


class ProviderOut(Schema):
    """What a provider did in the newest run."""

    name: str
    requests: int
    failed_requests: int
    candidates: int
    unique: int
    novelty_rate: float | None
    cost_usd: float | None
    unique_per_dollar: float | None
    health: str = Field(description="ready, paused or out; empty where the engine has not said.")
    detail: str


class ProducerOut(Schema):
    slot: int
    state: str
    detail: str
    partition: str
    restarts: int
    last_seen_at: datetime | None


class CommandOut(Schema):
    """`objection` says why the command is of no use now; empty: it is."""

    label: str
    objection: str


class StatusOut(Schema):
    """How a topic is. `present_list` is the list that it has now."""

    topic: int
    name: str
    state: Headline
    run: RunOut | None
    present_list: ListOut
    estimates: EstimatesOut
    providers: list[ProviderOut]
    producers: list[ProducerOut]
    commands: dict[str, CommandOut]
    engine_running: bool

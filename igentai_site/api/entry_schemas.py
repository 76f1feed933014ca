"""What crosses the API of lists and exports, as its OpenAPI description tells it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from igentai_site.api.schemas import Id

# Entries


class AttributeOut(Schema):
    """One entry of a list. `text` is how it is written, `found` how the model wrote it."""

    id: int
    topic: int
    text: str
    found: str
    verdict: str = Field(description="accepted or rejected by people; empty: nobody has said anything.")
    times_seen: int
    provider: str
    simulated: bool
    run: int
    producer: int = Field(description="The slot of the producer.")
    partition: str
    request: int
    found_at: datetime


class AttributeQuery(Schema):
    topic: Id | None = None
    run: Id | None = Field(default=None, description="The number of a run of that topic, in which they were found.")
    provider: str = Field(default="", max_length=100, description="The name of the provider that found them.")
    producer: int | None = Field(
        default=None, ge=0, le=32_767, description="The slot of the producer that found them."
    )
    partition: str = Field(
        default="", max_length=200, description="The part of the topic that was asked for; “(whole topic)”: none."
    )
    state: Literal["", "new", "accepted", "rejected", "corrected"] = Field(
        default="", description="new: nobody has said anything; corrected: written otherwise than found."
    )
    q: str = Field(default="", max_length=200, description="Words in the text, whatever their case and accents.")
    with_rejected: bool = Field(default=False, description="Also those that people rejected.")
    after: Id = Field(
        default=0, description="The `next` of the page before, or the id of the last entry that you have."
    )
    limit: int = Field(default=100, ge=1, le=1000)


class StreamQuery(Schema):
    after: Id = Field(default=0, description="The id of the last entry that you have.")
    follow: bool = Field(default=False, description="Go on with what is found meanwhile, until the run ends.")
    with_rejected: bool = Field(default=False, description="Also those that people rejected.")


class AttributePage(Schema):
    items: list[AttributeOut]
    next: int | None = Field(
        description="Give it as `after` for the next page; null: this is the last. A page may be short, or empty, "
        "and not be the last: looking for rare entries is done a part at a time."
    )


# Exports


class NewExport(Schema):
    """What is to be exported and how; what is empty does not narrow."""

    model_config = ConfigDict(extra="forbid")

    topic: Id
    format: str = Field(description="txt, csv, jsonl or parquet.")
    run: Id | None = Field(default=None, description="The number of a run of that topic.")
    provider: str = Field(default="", max_length=100)
    producer: int | None = Field(default=None, ge=0, le=32_767)
    partition: str = Field(default="", max_length=200)
    state: str = Field(default="", max_length=20)
    q: str = Field(default="", max_length=200)


class ExportOut(Schema):
    """`file` is where to download it, once it is there."""

    id: int
    topic: int | None
    topic_name: str
    format: str
    state: str = Field(description="waiting, making, ready, failed, cancelled or expired.")
    detail: str
    written: int = Field(description="Entries written so far.")
    expected: int
    size: int = Field(description="Of the file, in bytes.")
    asked_at: datetime
    made_at: datetime | None
    expires_at: datetime | None
    file: str


class ExportList(Schema):
    """The newest hundred; older ones are on the portal's page."""

    items: list[ExportOut]

"""Batches on their way to the database, as tests hand them to a store."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from orchestration import lease
from orchestration.arrivals import Arrival
from orchestration.logic.uniqueness import TopicKeys
from orchestration.models import EngineLease
from orchestration.store import Store
from producers.link.keys import clean, joined, key_of
from producers.link.messages import AttributeBatch, FilterUse, GenerationMetadata
from producers.models import Producer
from tests.factories import ProducerFactory, PromptFactory, ProviderFactory

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
numbers = itertools.count(1)


def new_engine() -> Store:
    """The store of an engine that has just started; whichever was before it is gone."""
    EngineLease.objects.update(released=True)
    return Store(lease.acquire(lease.this_process()))


def present_epoch() -> int:
    """The epoch of the engine that is there, or of one that starts now."""
    row = EngineLease.objects.first()
    return row.epoch if row and not row.released else lease.acquire(lease.this_process())


def batch_of(
    *candidates: str, batch_id: str = "", known: Sequence[str] = (), use: FilterUse | None = None, **metadata: Any
) -> AttributeBatch:
    given = {
        "provider": "a model",
        "prompt_hash": "",
        "outcome": "complete",
        "started_at": NOON.timestamp() - 2,
        "response_time_ms": 2_000,
        **metadata,
    }
    return AttributeBatch(
        batch_id=batch_id or f"batch-{next(numbers)}",
        candidates=candidates,
        keys=joined(key_of(clean(each) or "") for each in (*candidates, *known)),
        filter=use,
        metadata=GenerationMetadata(**given),
    )


class Sender:
    """A producer whose batches arrive. Senders of one topic share its `keys`, as the engine's do."""

    def __init__(self, producer: Producer | None = None, keys: TopicKeys | None = None) -> None:
        self.producer = producer or ProducerFactory()
        self.run = self.producer.run
        self.keys = keys or TopicKeys(self.run.topic_id)
        self.provider = ProviderFactory()
        self.prompt = PromptFactory()

    def sends(
        self,
        *candidates: str,
        cost: str | None = "0.001",
        batch_id: str = "",
        last: bool = False,
        reserved_usd: Decimal | None = None,
        **metadata: Any,
    ) -> Arrival:
        return Arrival(
            run_id=self.run.pk,
            producer_id=self.producer.pk,
            provider_id=self.provider.pk,
            slot=self.producer.slot,
            keys=self.keys,
            batch=batch_of(*candidates, batch_id=batch_id, **metadata),
            prompt_hash=self.prompt.hash,
            finished_at=NOON,
            cost_usd=None if cost is None else Decimal(cost),
            last=last,
            reserved_usd=reserved_usd,
        )

    def colleague(self) -> Sender:
        """Another producer of the same run."""
        return Sender(ProducerFactory(run=self.run), self.keys)

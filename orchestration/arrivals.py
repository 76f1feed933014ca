"""A batch on its way through the engine: as it arrives, after its commit, and as rows. Nothing is written here."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

import msgspec

from orchestration.logic.effects import NO_EFFECTS, FilterEffects
from orchestration.logic.ledger import rest_of
from orchestration.logic.pricing import Rates
from orchestration.logic.statistics import Totals
from orchestration.logic.uniqueness import Keyed, Sifted, TopicKeys, keyed
from orchestration.models import Request
from producers.link.messages import AttributeBatch, GenerationMetadata

# By column. No model: to make one, Django sends signals, which took a fifth of every commit.
RequestRow: TypeAlias = dict[str, Any]
Identity: TypeAlias = tuple[int, str]  # producer and batch id


@dataclass(frozen=True, slots=True)
class Arrival:
    """A batch on its way to the database, with all that the engine knows about it.

    `rates` are those that its cost was worked out from; `reserved_usd` was set aside for it (None: no cap holds).
    `last`: its producer is gone, so that nobody can be asked for the text behind a key. `same_keys`: it works out
    keys as the engine does; otherwise that is done here, once, while the database is busy with earlier batches.
    """

    run_id: int
    producer_id: int
    provider_id: int
    slot: int
    keys: TopicKeys
    batch: AttributeBatch
    prompt_hash: str
    finished_at: datetime
    cost_usd: Decimal | None
    rates: Rates | None = None
    reserved_usd: Decimal | None = None
    last: bool = False
    same_keys: bool = True
    keyed: Keyed = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        batch = self.batch
        object.__setattr__(
            self, "keyed", keyed(batch.candidates, batch.keys, last=self.last, same_keys=self.same_keys)
        )

    def without_candidates(self) -> Arrival:
        """The same request, with nothing that came of it."""
        return replace(self, batch=msgspec.structs.replace(self.batch, candidates=(), keys=b""))

    @property
    def lost_usd(self) -> Decimal:
        """What the request may have cost beyond `cost_usd`, which is an estimate where its provider broke it off."""
        if self.reserved_usd is None or not self.batch.metadata.bill_unknown:
            return Decimal(0)
        return rest_of(self.reserved_usd, self.cost_usd or Decimal(0))

    def with_metadata(self, metadata: GenerationMetadata) -> Arrival:
        """The same answer, of whose request more is known."""
        arrival = copy(self)
        object.__setattr__(arrival, "batch", msgspec.structs.replace(self.batch, metadata=metadata))
        return arrival

    @property
    def identity(self) -> Identity:
        return self.producer_id, self.batch.batch_id


@dataclass(frozen=True, slots=True)
class Committed:
    """An arrival after its commit. A resend was committed before and yields nothing again.

    One with `unknown` keys has not been stored: their texts are to be asked for.
    """

    arrival: Arrival
    sifted: Sifted
    totals: Totals
    resent: bool = False

    @property
    def unknown(self) -> tuple[bytes, ...]:
        return self.sifted.unknown

    @property
    def stored(self) -> bool:
        """This commit stored it."""
        return not self.resent and not self.sifted.unknown


NOTHING = Sifted((), (), (), 0)


def resent(arrival: Arrival) -> Committed:
    """A batch that is stored already: it counts for nothing again."""
    return Committed(arrival, NOTHING, Totals(), resent=True)


def filter_effects_of(arrival: Arrival) -> FilterEffects | None:
    """What the filter did for the request, if its producer had one."""
    use = arrival.batch.filter
    if use is None:
        return None
    return FilterEffects(use.checked, use.probable, use.asked_back, int(use.aborted), use.tokens_saved)


def packed_ids(ids: Sequence[int]) -> bytes:
    """Attribute ids as Request.repeats keeps them."""
    return struct.pack(f"<{len(ids)}q", *ids)


def unpacked_ids(data: bytes) -> tuple[int, ...]:
    """The inverse of packed_ids."""
    return struct.unpack(f"<{len(data) // 8}q", data)


def totals_of(arrival: Arrival, sifted: Sifted) -> Totals:
    """What one request adds to every sum it belongs to."""
    metadata = arrival.batch.metadata
    return Totals(
        requests=1,
        failed_requests=int(metadata.outcome == Request.Outcome.FAILED.value),
        candidates=len(sifted.new) + len(sifted.repeats),
        unique=len(sifted.new),
        rejected=metadata.rejected + sifted.rejected,
        tokens_in=metadata.tokens_in,
        tokens_out=metadata.tokens_out,
        cost_usd=arrival.cost_usd or Decimal(0),
        unpriced=int(arrival.cost_usd is None),
        tokens_cached=metadata.tokens_cached,
    )


def request_row(request_id: int, each: Committed) -> RequestRow:
    """The request as a row."""
    arrival, metadata, totals = each.arrival, each.arrival.batch.metadata, each.totals
    effects = filter_effects_of(arrival) or NO_EFFECTS
    return {
        "id": request_id,
        "run_id": arrival.run_id,
        "producer_id": arrival.producer_id,
        "provider_id": arrival.provider_id,
        "prompt_id": arrival.prompt_hash,
        "batch_id": arrival.batch.batch_id,
        "started_at": _moment(metadata.started_at, arrival.finished_at),
        "finished_at": arrival.finished_at,
        "outcome": metadata.outcome,
        "asked_for": metadata.asked_for,
        "candidates": totals.candidates,
        "unique": totals.unique,
        "rejected": totals.rejected,
        "response_time_ms": min(metadata.response_time_ms, 2**31 - 1),
        "tokens_in": min(metadata.tokens_in, 2**31 - 1),
        "tokens_out": min(metadata.tokens_out, 2**31 - 1),
        "tokens_estimated": metadata.tokens_estimated,
        "tokens_cached": min(metadata.tokens_cached, 2**31 - 1),
        "input_rate": arrival.rates and arrival.rates.tokens_in,
        "output_rate": arrival.rates and arrival.rates.tokens_out,
        "cost_usd": arrival.cost_usd,
        "finish_reason": metadata.finish_reason,
        "error_kind": metadata.error_kind,
        "error": metadata.error,
        "partition": metadata.partition,
        "partition_coherence": metadata.partition_coherence,
        "purpose": metadata.purpose,
        "style": metadata.style,
        "probe": metadata.probe,
        "repeats": packed_ids(each.sifted.repeats),
        "filter_checked": effects.checked,
        "filter_probable": effects.probable,
        "filter_asked_back": effects.asked_back,
        "filter_aborted": bool(effects.aborted),
        "filter_tokens_saved": effects.tokens_saved,
    }


def _moment(seconds: float, otherwise: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, tz=otherwise.tzinfo)
    except (ValueError, OverflowError, OSError):
        return otherwise

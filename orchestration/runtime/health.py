"""How providers are, from what their gates know, and how the end of a request counts for that."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from orchestration.logic.gate import End, Gate
from orchestration.models import ProviderHealth
from producers.link.messages import GenerationMetadata


@dataclass(frozen=True, slots=True)
class Health:
    """A provider as ProviderHealth shows it. A pause's end is rounded to a second, as it is worked out again and
    again."""

    provider_id: int
    state: str
    detail: str
    paused_until: datetime | None
    failures: int
    in_flight: int
    limit: int


def health_of(provider_id: int, gate: Gate) -> Health:
    pause = gate.paused_until - time.monotonic()
    state = ProviderHealth.State.OUT if gate.out else ProviderHealth.State.PAUSED if pause > 0 else None
    until = timezone.now() + timedelta(seconds=pause) if state == ProviderHealth.State.PAUSED else None
    return Health(
        provider_id=provider_id,
        state=state or ProviderHealth.State.READY,
        detail=(gate.out or (gate.reason if until else ""))[:500],
        paused_until=until and until.replace(microsecond=0),
        failures=gate.failures,
        in_flight=gate.in_flight,
        limit=gate.limit,
    )


def how_it_ended(metadata: GenerationMetadata) -> tuple[End, str]:
    reason = metadata.error or metadata.error_kind
    if metadata.terminal:
        return "refused", reason
    if metadata.error_kind == "rate_limited":
        return "rate_limited", reason
    if metadata.error_kind == "content_refused" or metadata.finish_reason == "stopped":
        return "unknown", ""
    if metadata.error_kind:
        return "failed", reason
    # An answer that was cut off has its entries, and they are paid for: neither a success nor a failure.
    return ("answered" if metadata.finish_reason else "unknown"), ""

"""Which providers this producer need not ask for just now, by the engine's word. Pure: the time is an argument."""

from __future__ import annotations

from dataclasses import dataclass

from producers.link.messages import Refusal


@dataclass(frozen=True, slots=True)
class Health:
    """One provider as the engine last spoke of it. `paused_until` is monotonic time; `out` is a reason or empty."""

    paused_until: float = 0.0
    reason: str = ""
    out: str = ""
    busy: bool = False

    def usable(self, now: float) -> bool:
        return not self.out and now >= self.paused_until


def refused(refusal: Refusal, now: float) -> Health:
    """What a refusal says: not for some seconds, or not in this run."""
    if refusal.seconds is None:
        return Health(out=refusal.reason or "refused")
    return Health(paused_until=now + refusal.seconds, reason=refusal.reason, busy=refusal.busy)

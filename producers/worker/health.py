"""Whether a provider may be asked now, from how its last requests went. Pure: the time is an argument."""

from __future__ import annotations

from dataclasses import dataclass, replace

from producers.providers.errors import ProviderError

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0


@dataclass(frozen=True, slots=True)
class Health:
    """One provider as one producer has met it. `paused_until` is monotonic time; `out` is a reason or empty."""

    failures: int = 0
    paused_until: float = 0.0
    out: str = ""

    def usable(self, now: float) -> bool:
        return not self.out and now >= self.paused_until


def after_success(health: Health) -> Health:
    """An answer came: the provider is as good as new, unless a longer pause was ordered meanwhile."""
    return replace(health, failures=0)


def after_failure(health: Health, error: ProviderError, now: float) -> Health:
    """A request failed: out for good, or paused for as long as the provider says and a growing back-off at least.

    Of several pauses the longest deadline wins, so that no Retry-After is ever cut short.
    """
    if error.terminal:
        return replace(health, failures=health.failures + 1, out=str(error))
    failures = health.failures + 1
    doublings = min(failures - 1, 10)  # a power of many failures would overflow
    pause = max(min(FIRST_PAUSE * 2**doublings, LONGEST_PAUSE), error.retry_after or 0.0)
    return replace(health, failures=failures, paused_until=max(health.paused_until, now + pause))

"""What statistics count: the sums over requests, and one request as it is fed to them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from orchestration.logic.effects import FilterEffects


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over requests. `unpriced` counts requests whose cost is unknown; `cost_usd` leaves them out.

    `tokens_cached` of the `tokens_in` came from the vendor's prompt cache.
    """

    requests: int = 0
    failed_requests: int = 0
    candidates: int = 0
    unique: int = 0
    rejected: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: Decimal = Decimal(0)
    unpriced: int = 0
    tokens_cached: int = 0

    def __add__(self, other: Totals) -> Totals:
        # Written out, as every request is added to four sums: a loop over the fields takes four times as long.
        return Totals(
            self.requests + other.requests,
            self.failed_requests + other.failed_requests,
            self.candidates + other.candidates,
            self.unique + other.unique,
            self.rejected + other.rejected,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.cost_usd + other.cost_usd,
            self.unpriced + other.unpriced,
            self.tokens_cached + other.tokens_cached,
        )

    def __sub__(self, other: Totals) -> Totals:
        return Totals(
            self.requests - other.requests,
            self.failed_requests - other.failed_requests,
            self.candidates - other.candidates,
            self.unique - other.unique,
            self.rejected - other.rejected,
            self.tokens_in - other.tokens_in,
            self.tokens_out - other.tokens_out,
            self.cost_usd - other.cost_usd,
            self.unpriced - other.unpriced,
            self.tokens_cached - other.tokens_cached,
        )

    @property
    def novelty_rate(self) -> float | None:
        """Accepted / candidates, or None before the first candidate."""
        return self.unique / self.candidates if self.candidates else None

    @property
    def success_rate(self) -> float | None:
        """The share of requests that did not fail, or None before the first request."""
        return (self.requests - self.failed_requests) / self.requests if self.requests else None

    @property
    def unique_per_dollar(self) -> float | None:
        """None where nothing was paid, and where some of the cost is unknown."""
        return self.unique / float(self.cost_usd) if self.cost_usd and not self.unpriced else None


@dataclass(frozen=True, slots=True)
class RequestEvent:
    """One request as statistics see it; `at` is monotonic time in seconds.

    `prompt` is the prompt's hash, `partition` the part of the topic that was asked for (empty: all of it), `style`
    how it was asked. `coherence` is the share of the candidates that fit the partition; None: nobody can say.
    `probe`: it was asked blindly, only to estimate the coverage.
    """

    at: float
    provider: str
    slot: int
    totals: Totals
    error: str = ""
    error_kind: str = ""
    terminal: bool = False
    partition: str = ""
    prompt: str = ""
    style: str = ""
    response_ms: int = 0
    coherence: float | None = None
    probe: bool = False
    effects: FilterEffects | None = None


def uam(unique: int, seconds: float) -> float:
    """Unique attributes per minute over `seconds`; over less than a second, as if it were one."""
    return unique * 60 / max(seconds, 1.0)

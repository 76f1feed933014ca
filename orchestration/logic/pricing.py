"""What a request costs. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

MILLION = Decimal(1_000_000)

# For projections only: English names, one a line, and a question with some exclusions.
TOKENS_OF_AN_ENTRY = 7
BYTES_PER_TOKEN = 4
OVERHEAD_BYTES = 2_000


@dataclass(frozen=True, slots=True)
class Rates:
    """USD per million tokens; `cached`: of those that a prompt cache served (None: as much as others)."""

    tokens_in: Decimal
    tokens_out: Decimal
    cached: Decimal | None = None


def cost_of(rates: Rates | None, tokens_in: int, tokens_out: int, tokens_cached: int = 0) -> Decimal | None:
    """USD for so many tokens, or None where no price is known. No tokens cost nothing at any price."""
    if rates is None:
        return None if tokens_in or tokens_out else Decimal(0)
    cached = min(tokens_cached, tokens_in) if rates.cached is not None else 0
    asked = rates.tokens_in * (tokens_in - cached) + (rates.cached or 0) * cached
    return (asked + rates.tokens_out * tokens_out) / MILLION


def projected_cost(rates: Rates | None, prompt_bytes: int, request_size: int) -> Decimal | None:
    """About what 1,000 candidates will cost, in USD: before anything is known of the model's answers."""
    if rates is None:
        return None
    requests = Decimal(1_000) / request_size
    tokens_in = Decimal(prompt_bytes + OVERHEAD_BYTES) / BYTES_PER_TOKEN * requests
    return (rates.tokens_in * tokens_in + rates.tokens_out * TOKENS_OF_AN_ENTRY * 1_000) / MILLION

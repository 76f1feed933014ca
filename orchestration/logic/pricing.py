"""What a request costs. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Rates:
    """USD per million tokens."""

    tokens_in: Decimal
    tokens_out: Decimal


def cost_of(rates: Rates | None, tokens_in: int, tokens_out: int) -> Decimal | None:
    """USD for so many tokens, or None where no price is known. No tokens cost nothing at any price."""
    if rates is None:
        return None if tokens_in or tokens_out else Decimal(0)
    return (rates.tokens_in * tokens_in + rates.tokens_out * tokens_out) / MILLION

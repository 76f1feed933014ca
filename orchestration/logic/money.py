"""Amounts of money and costs in words: the same rounding and the same words wherever they are told. Pure."""

from __future__ import annotations

from decimal import Decimal

LEAST = Decimal("0.0001")
UNKNOWN = "price unknown"


def usd(amount: Decimal | float) -> str:
    """Cents, and finer where there is less than a dollar; something is never shown as nothing."""
    if not amount:
        return "$0.00"
    if amount < LEAST:
        return f"under ${LEAST}"
    return f"${amount:,.4f}" if amount < 1 else f"${amount:,.2f}"


def cost_words(
    cost: Decimal | float, unpriced: int = 0, lost: Decimal | float = 0, *, simulated: bool = False
) -> str:
    """The known cost; what was not priced is said, never taken for free, and so is what a crash may have cost."""
    if unpriced and not cost and not lost:
        return UNKNOWN
    words = [f"{usd(cost)}{' of simulated money' if simulated else ''}"]
    if unpriced:
        words.append(f"{unpriced:,} {'request' if unpriced == 1 else 'requests'} of unknown price")
    if lost:
        words.append(f"up to {usd(lost)} lost")
    return " + ".join(words)


def known_cost(cost: Decimal | float, unpriced: int) -> str:
    """The known cost alone, where there is no room for what is missing from it."""
    return UNKNOWN if unpriced and not cost else usd(cost)

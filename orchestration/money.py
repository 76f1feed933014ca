"""Amounts of money for pages."""

from __future__ import annotations

from decimal import Decimal


def usd(amount: Decimal) -> str:
    """Cents, and finer where there is less than a dollar; something is never shown as nothing."""
    if not amount:
        return "$0.00"
    if amount < Decimal("0.0001"):
        return "under $0.0001"
    return f"${amount:,.4f}" if amount < 1 else f"${amount:,.2f}"


def cost_words(cost: Decimal, unpriced: int, lost: Decimal) -> str:
    """The known cost; what was not priced is said, never taken for free, and so is what may have been lost."""
    if unpriced and not cost and not lost:
        return "price unknown"
    words = [usd(cost)]
    if unpriced:
        words.append(f"{unpriced:,} of unknown price")
    if lost:
        words.append(f"up to {usd(lost)} lost")
    return " + ".join(words)

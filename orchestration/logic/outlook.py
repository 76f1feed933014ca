"""Whether a run has found enough, or pays too much for more: the estimates, and how often they said so. Pure.

One estimate is noisy, and who looks often enough will once see what ends a run. So the estimates have to say the same
several times in a row, each time with something new in the evidence.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from decimal import Decimal
from math import isinf

from orchestration.logic.coverage import Coverage
from orchestration.logic.intervals import Interval

# Coverage: so many probes in all, and so many in a row after which the low end was high enough.
LEAST_PROBES, COVERED_IN_A_ROW = 5, 2
# Price: so many estimates in a row, so many requests apart, their low ends above this part of the limit.
DEAR_IN_A_ROW, REQUESTS_BETWEEN, LOW_PART = 2, 2, 0.25
# The curve knows only what was asked of late: a dearer provider or another part may bring more. The steering's best
# hope knows of it and hopes too much, so it has to be above this part of the limit as well.
HOPE_PART = 0.5
# A hope that so many dear estimates in a row did not fulfil counts no longer.
DEAR_DESPITE_HOPE = 16
ENTRIES = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """When a user would stop: `coverage`, the share of items that is enough (0 to 1), and `price_usd`, the most to be
    paid for the next 100 entries. None: go on."""

    coverage: float | None = None
    price_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """The latest estimates. `covered` and `dear` count how often in a row they met the user's wish, `hopeless` how
    often in a row there was no hope of better prices besides."""

    coverage: Coverage | None = None
    price: Interval | None = None
    covered: int = 0
    dear: int = 0
    hopeless: int = 0
    judged_probes: int = 0
    judged_requests: int = 0


def with_coverage(before: Outlook, coverage: Coverage, wish: Wish, asked: Collection[str]) -> Outlook:
    """The outlook with a new estimate; counted once for each probe. `asked`: the providers that are in use."""
    after = replace(before, coverage=coverage)
    if coverage.recorded == before.judged_probes:
        return after
    covered = before.covered + 1 if _is_covered(coverage, wish.coverage, asked) else 0
    return replace(after, covered=covered, judged_probes=coverage.recorded)


def with_price(
    before: Outlook, price: Interval | None, wish: Wish, requests: int, hope: float | None = None
) -> Outlook:
    """The outlook with a new price of the next 100 entries, after `requests` in all; at most every other counts.

    `hope`: what they would cost in USD where the steering expects them to be cheapest. None: it has no say.
    """
    after = replace(before, price=price)
    if requests < before.judged_requests + REQUESTS_BETWEEN:
        return after
    dear = before.dear + 1 if _is_dear(price, wish.price_usd) else 0
    hopeless = before.hopeless + 1 if dear and _is_hopeless(hope, wish.price_usd) else 0
    return replace(after, dear=dear, hopeless=hopeless, judged_requests=requests)


def enough(outlook: Outlook, wish: Wish) -> str:
    """Words that say that the coverage asked for is reached; empty: it is not."""
    items = outlook.coverage.items if outlook.coverage else None
    if wish.coverage is None or items is None or outlook.covered < COVERED_IN_A_ROW or items.low < wish.coverage:
        return ""
    return (
        f"at least {items.low:.0%} of what the probed providers know is on the list; "
        f"{wish.coverage:.0%} were asked for"
    )


def too_dear(outlook: Outlook, wish: Wish) -> str:
    """Words that say that more would cost more than the user will pay; empty: it would not."""
    if wish.price_usd is None or outlook.price is None:
        return ""
    if outlook.hopeless < DEAR_IN_A_ROW and outlook.dear < DEAR_DESPITE_HOPE:
        return ""
    return f"the next {ENTRIES} entries would cost {price_words(outlook.price)}; {wish.price_usd:f} are allowed"


def price_words(price: Interval) -> str:
    """A price for people, in USD."""
    if isinf(price.low):
        return "more than can be said"
    if isinf(price.estimate):
        return f"more than {_money(price.low)} USD"
    return f"about {_money(price.estimate)} USD, at least {_money(price.low)}"


def _money(amount: float) -> str:
    return f"{amount:.2f}" if amount >= 1 else f"{amount:.2g}"


def _is_covered(coverage: Coverage, share: float | None, asked: Collection[str]) -> bool:
    if share is None or coverage.items is None or coverage.recorded < LEAST_PROBES:
        return False
    # A provider that was never probed may know anything.
    return coverage.items.low >= share and set(asked) <= set(coverage.providers)


def _is_dear(price: Interval | None, most: Decimal | None) -> bool:
    if price is None or most is None:
        return False
    return price.estimate > most and price.low > float(most) * LOW_PART


def _is_hopeless(hope: float | None, most: Decimal | None) -> bool:
    return hope is None or most is None or hope > float(most) * HOPE_PART

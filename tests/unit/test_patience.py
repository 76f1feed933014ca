"""After how many repeats in a row an answer is cut."""

from decimal import Decimal

import pytest

from orchestration.logic.patience import DEFAULT, LONGEST, SHORTEST, by_provider, patience
from orchestration.logic.pricing import Rates
from orchestration.logic.statistics import Totals

CENT = Decimal("0.01")


@pytest.mark.parametrize(
    ("ratio", "repeats"),
    [(1, SHORTEST), (10, 10), (14, 10), (15, 14), (20, 20), (28, 20), (29, 28), (40, 40), (80, 80), (5_000, LONGEST)],
)
def test_it_grows_with_the_price_of_a_new_entry_in_coarse_steps(ratio, repeats):
    assert patience(CENT * ratio, CENT) == repeats


@pytest.mark.parametrize("prices", [(None, CENT), (CENT, None), (Decimal(0), CENT), (CENT, Decimal(0))])
def test_where_a_price_is_unknown_it_is_the_usual(prices):
    assert patience(*prices) == DEFAULT


def test_who_gives_cheap_entries_is_heard_longer():
    recent = Totals(requests=1, candidates=60, unique=1, cost_usd=Decimal("0.04"))
    totals = {name: Totals(requests=1, candidates=100, tokens_out=1_000) for name in ("dear", "cheap")}
    rates: dict[str, Rates | None] = {
        "dear": Rates(Decimal(1), Decimal(200)),
        "cheap": Rates(Decimal(1), Decimal(100)),
        "free": None,
        "new": Rates(Decimal(1), Decimal(1)),
    }
    assert by_provider(recent, totals, rates) == {"dear": 20, "cheap": 40, "free": 20, "new": 20}


def test_where_nothing_new_came_lately_it_is_as_if_one_had_come():
    recent = Totals(requests=5, candidates=300, cost_usd=Decimal("0.08"))
    totals = {"a": Totals(requests=1, candidates=100, tokens_out=1_000)}
    assert by_provider(recent, totals, {"a": Rates(Decimal(1), Decimal(100))}) == {"a": 80}

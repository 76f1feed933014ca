"""After how many repeats in a row an answer is cut."""

from decimal import Decimal

import pytest

from orchestration.logic.patience import DEFAULT, LONGEST, SHORTEST, by_provider, patience
from orchestration.logic.pricing import Rates
from orchestration.logic.statistics import Totals

CENT = Decimal("0.01")


@pytest.mark.parametrize(
    ("ratio", "repeats"),
    [(1, SHORTEST), (29, 25), (30, 30), (42, 30), (43, 42), (59, 42), (60, 60), (120, 120), (5_000, LONGEST)],
)
def test_it_grows_with_the_price_of_a_new_entry_in_coarse_steps(ratio, repeats):
    assert patience(CENT * ratio, CENT) == repeats


@pytest.mark.parametrize("prices", [(None, CENT), (CENT, None), (Decimal(0), CENT), (CENT, Decimal(0))])
def test_where_a_price_is_unknown_it_is_the_usual(prices):
    assert patience(*prices) == DEFAULT


def test_who_gives_cheap_entries_is_heard_longer():
    recent = Totals(requests=1, candidates=60, unique=1, cost_usd=Decimal("0.06"))
    totals = {name: Totals(requests=1, candidates=100, tokens_out=1_000) for name in ("dear", "cheap")}
    rates: dict[str, Rates | None] = {
        "dear": Rates(Decimal(1), Decimal(200)),
        "cheap": Rates(Decimal(1), Decimal(100)),
        "free": None,
        "new": Rates(Decimal(1), Decimal(1)),
    }
    assert by_provider(recent, totals, rates) == {"dear": 30, "cheap": 60, "free": 30, "new": 30}


def test_where_nothing_new_came_lately_it_is_as_if_one_had_come():
    recent = Totals(requests=5, candidates=300, cost_usd=Decimal("0.12"))
    totals = {"a": Totals(requests=1, candidates=100, tokens_out=1_000)}
    assert by_provider(recent, totals, {"a": Rates(Decimal(1), Decimal(100))}) == {"a": 120}

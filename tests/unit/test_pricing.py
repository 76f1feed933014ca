"""What a request costs."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.pricing import Rates, cost_of

RATES = Rates(Decimal("2.5"), Decimal(10))
tokens = st.integers(0, 10**9)


@pytest.mark.parametrize(
    ("tokens_in", "tokens_out", "cost"),
    [(0, 0, "0"), (1_000_000, 0, "2.5"), (0, 1_000_000, "10"), (120, 30, "0.0006"), (1, 0, "0.0000025")],
)
def test_rates_are_usd_per_million_tokens(tokens_in, tokens_out, cost):
    assert cost_of(RATES, tokens_in, tokens_out) == Decimal(cost)


@pytest.mark.parametrize(("tokens_in", "tokens_out"), [(1, 0), (0, 1), (5, 5)])
def test_without_a_price_the_cost_is_unknown_and_not_nothing(tokens_in, tokens_out):
    assert cost_of(None, tokens_in, tokens_out) is None


def test_no_tokens_cost_nothing_at_any_price():
    assert cost_of(None, 0, 0) == 0


def test_a_free_model_costs_nothing():
    assert cost_of(Rates(Decimal(0), Decimal(0)), 10**9, 10**9) == 0


@given(tokens, tokens, tokens, tokens)
def test_many_requests_cost_what_one_of_all_their_tokens_would(a, b, c, d):
    parts = [cost_of(RATES, a, b), cost_of(RATES, c, d)]
    assert sum(part for part in parts if part is not None) == cost_of(RATES, a + c, b + d)

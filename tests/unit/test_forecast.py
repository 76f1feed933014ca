"""What the next entries cost: curves of known decline, and what holds for any curve."""

from math import exp, inf, isfinite

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.logic import forecast
from orchestration.logic.forecast import MOST_BLOCKS, Curve
from orchestration.logic.intervals import Interval


def price_of_next(curve, entries=100) -> Interval:
    price = forecast.price_of_next(curve, entries)
    assert price is not None
    return price


def prospect(curve, cost) -> Interval:
    outcome = forecast.prospect(curve, cost)
    assert outcome is not None
    return outcome


def curve_of(*requests):
    curve = Curve()
    for cost, new in requests:
        curve.record(cost, new)
    return curve


def steady(requests=60, cost=0.01, new=20):
    return curve_of(*[(cost, new)] * requests)


def declining(total=2_000, requests=200, cost=0.01, rate=0.01):
    """Each request finds the same part of what is left, as in a world without favourites."""
    left, curve = float(total), Curve()
    for _ in range(requests):
        new = round(left * rate)
        left -= new
        curve.record(cost, new)
    return curve, left


def test_a_steady_rate_goes_on():
    price = price_of_next(steady(), entries=100)
    assert price.estimate == pytest.approx(100 / 2_000, rel=0.1)
    assert price.low < 0.05 < price.high


def test_the_price_is_in_the_unit_of_the_curve():
    dollars, cents = price_of_next(steady(cost=0.01)), price_of_next(steady(cost=1.0))
    assert cents.estimate == pytest.approx(100 * dollars.estimate)
    assert (cents.low, cents.high) == pytest.approx((100 * dollars.low, 100 * dollars.high))


def test_a_decline_is_extrapolated():
    curve, left = declining()
    price = price_of_next(curve)
    # left x (1 - exp(-rate x requests)) = 100 new ones, at a cent for a request.
    requests = next(count for count in range(1, 10_000) if left * (1 - exp(-0.01 * count)) >= 100)
    assert price.low <= requests * 0.01 <= price.high
    assert price.estimate == pytest.approx(requests * 0.01, rel=0.25)


def test_where_the_entries_run_out_the_price_may_be_infinite():
    curve, left = declining(requests=450)
    assert left < 60
    price = price_of_next(curve)
    assert price.high == inf
    assert price.low > 100 / (left * 0.01 / 0.01)


def test_a_dry_stretch_makes_it_dear():
    before = steady()
    after = curve_of(*[(0.01, 20)] * 60, *[(0.01, 0)] * 30)
    assert price_of_next(after).low > 5 * price_of_next(before).high


def test_a_rate_that_rose_is_not_taken_to_rise_further():
    rising = curve_of(*[(0.01, new) for new in range(1, 61)])
    assert price_of_next(rising).low > 100 / (100 * 60) * 0.5


@pytest.mark.parametrize(
    "curve",
    [curve_of(), steady(requests=7), steady(new=0), steady(cost=0.0), curve_of(*[(0.0, 5)] * 50, (1.0, 5))],
    ids=["nothing", "few requests", "nothing new", "no cost", "one block"],
)
def test_too_little_is_none(curve):
    assert forecast.price_of_next(curve) is None
    assert forecast.prospect(curve, 1.0) is None


def test_a_prospect_is_what_the_rate_brings():
    assert prospect(steady(), 0.1).estimate == pytest.approx(200, rel=0.1)
    curve, left = declining()
    found = prospect(curve, 0.2)
    assert found.low <= left * (1 - exp(-0.2)) <= found.high


def test_price_and_prospect_agree():
    curve, _ = declining()
    assert prospect(curve, price_of_next(curve).estimate).estimate == pytest.approx(100, rel=0.05)


def test_nothing_spent_brings_nothing():
    assert prospect(steady(), 0.0).high == 0


def test_more_of_the_same_narrows_the_interval():
    few, many = price_of_next(steady(requests=10)), price_of_next(steady(requests=400))
    assert many.high / many.low < few.high / few.low


def test_blocks_are_few_and_lose_nothing():
    curve = curve_of(*[(0.25, 3)] * 1_000, (0.25, 2))
    assert len(curve.all_blocks) <= MOST_BLOCKS
    assert sum(block.new for block in curve.all_blocks) == curve.total.new == 3_002
    assert sum(block.cost for block in curve.all_blocks) == curve.total.cost == 250.25


def test_requests_without_cost_join_their_neighbours():
    curve = curve_of((0.0, 4), (1.0, 2), (1.0, 1), (0.0, 7))
    assert [(block.cost, block.new) for block in curve.blocks] == [(1.0, 6), (1.0, 1)]
    assert curve.total.new == 14


requests = st.lists(st.tuples(st.floats(0, 1e6), st.integers(0, 100)), max_size=150)


@settings(max_examples=40, deadline=None)
@given(requests, st.floats(0, 1e7))
def test_no_curve_breaks_the_forecast(pairs, cost):
    curve = curve_of(*pairs)
    price, outcome = forecast.price_of_next(curve), forecast.prospect(curve, cost)
    assert (price is None) == (outcome is None)
    if price and outcome:
        assert 0 <= price.low <= price.estimate <= price.high
        assert 0 <= outcome.low <= outcome.estimate <= outcome.high
        assert isfinite(outcome.high)

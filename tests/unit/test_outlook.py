"""When estimates end a run: never by one of them alone."""

from decimal import Decimal
from math import inf

import pytest

from orchestration.logic.coverage import Coverage
from orchestration.logic.intervals import Interval
from orchestration.logic.outlook import (
    DEAR_DESPITE_HOPE,
    Outlook,
    Wish,
    enough,
    price_words,
    too_dear,
    with_coverage,
    with_price,
)

WISH = Wish(coverage=0.8, price_usd=Decimal(2))
DEAR, FAIR = Interval(3.0, 1.5, inf), Interval(1.0, 0.5, 2.0)


def covered(probes, low=0.85, providers=("a", "b")):
    return Coverage(None, Interval(0.9, low, 0.95), {}, (), "", probes=probes, recorded=probes, providers=providers)


def after_coverage(*estimates, wish=WISH, asked=("a", "b")):
    outlook = Outlook()
    for each in estimates:
        outlook = with_coverage(outlook, each, wish, asked)
    return enough(outlook, wish)


def after_prices(*prices, wish=WISH, every=2, hope=None):
    outlook = Outlook()
    for number, price in enumerate(prices, 1):
        outlook = with_price(outlook, price, wish, number * every, hope)
    return too_dear(outlook, wish)


def test_two_probes_in_a_row_that_say_enough_are_enough():
    assert after_coverage(covered(6), covered(7)) == (
        "at least 85% of what the probed providers know is on the list; 80% were asked for"
    )


@pytest.mark.parametrize(
    "estimates",
    [
        [covered(6)],
        [covered(6), covered(6), covered(6)],
        [covered(3), covered(4)],
        [covered(6), covered(7, low=0.79)],
        [covered(6), covered(7, low=0.79), covered(8)],
        [covered(6, providers=("a",)), covered(7, providers=("a",))],
        [covered(6), Coverage(None, None, {}, (), "", recorded=7)],
    ],
    ids=["one", "the same one", "few probes", "not the last", "not in a row", "one provider unprobed", "no estimate"],
)
def test_less_evidence_is_not_enough(estimates):
    assert after_coverage(*estimates) == ""


def test_without_a_wish_there_is_never_enough():
    assert after_coverage(covered(6), covered(7), wish=Wish()) == ""
    assert after_prices(DEAR, DEAR, DEAR, wish=Wish()) == ""


def test_two_prices_in_a_row_that_are_too_high_are_too_dear():
    words = after_prices(DEAR, DEAR)
    assert words == "the next 100 entries would cost about 3.00 USD, at least 1.50; 2 are allowed"


@pytest.mark.parametrize(
    "prices",
    [[DEAR], [DEAR, FAIR, DEAR], [DEAR, DEAR, None], [Interval(3.0, 0.4, 9.0)] * 5],
    ids=["one", "one fair between", "none at last", "low end far below"],
)
def test_fewer_or_unsure_prices_are_not_too_dear(prices):
    assert after_prices(*prices) == ""


def test_prices_without_new_requests_between_count_once():
    assert after_prices(*[DEAR] * 3, every=1) == ""
    assert after_prices(*[DEAR] * 4, every=1) != ""


def test_a_price_that_may_never_be_met_is_said_so():
    assert price_words(Interval(inf, 4.0, inf)) == "more than 4.00 USD"
    assert price_words(Interval(inf, inf, inf)) == "more than can be said"


def test_a_run_goes_on_while_the_steering_hopes_for_far_cheaper_entries():
    assert after_prices(DEAR, DEAR, hope=0.99) == ""
    assert after_prices(DEAR, DEAR, hope=1.01)
    assert after_prices(FAIR, FAIR, hope=9.0) == ""


def test_a_hope_that_is_never_fulfilled_counts_no_longer():
    assert after_prices(*[DEAR] * (DEAR_DESPITE_HOPE - 1), hope=0.1) == ""
    assert after_prices(*[DEAR] * DEAR_DESPITE_HOPE, hope=0.1)

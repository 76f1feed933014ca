"""A question for little money: which of its exclusions it keeps, so that most new entries come."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.asking import Plan
from orchestration.logic.ledger import LEAST_ENTRIES
from orchestration.logic.trimming import WORDS_AROUND, Exclusion, Purse, kept, share_left, trimmed

BARE = 400
exclusions = st.lists(st.builds(Exclusion, st.integers(2, 40), st.floats(0, 1)), max_size=30)
purses = st.builds(Purse, st.floats(0, 0.01), st.floats(1e-8, 1e-5), st.floats(1e-6, 1e-3), st.floats(0, 0.001))


def purse(usd, byte_in=1e-6, entry_out=1e-4):
    return Purse(usd, byte_in, entry_out)


def expected(size, asked, places, money):
    """Entries that are no more repeats than else, with the exclusions at these places."""
    question = BARE + sum(asked[at].bytes for at in places)
    lost = sum(each.saved for at, each in enumerate(asked) if at not in places)
    length = min(float(size), money.entries(question))
    return length * share_left(size, lost) if length >= LEAST_ENTRIES else 0.0


@given(st.integers(5, 100), exclusions, purses)
def test_what_is_kept_is_paid_for_and_brings_no_less_than_all_or_none_of_it(size, asked, money):
    places = kept(size, BARE, asked, money)
    assert places <= set(range(len(asked)))
    if places:
        assert money.entries(BARE + sum(asked[at].bytes for at in places)) >= LEAST_ENTRIES
    got = expected(size, asked, places, money)
    for other in (frozenset(), frozenset(range(len(asked)))):
        assert got >= expected(size, asked, other, money) - 1e-6


@given(st.integers(5, 100), exclusions)
def test_where_there_is_money_for_all_of_it_nothing_is_dropped(size, asked):
    assert kept(size, BARE, asked, purse(1.0)) == set(range(len(asked)))


@given(st.integers(5, 60), st.lists(st.floats(0.01, 1), min_size=1, max_size=7), st.floats(1e-3, 8e-3))
def test_of_exclusions_of_one_length_no_others_would_bring_more(size, saved, usd):
    asked = [Exclusion(20, each) for each in saved]
    money = purse(usd, byte_in=1e-5)
    got = expected(size, asked, kept(size, BARE, asked, money), money)
    choices = (each for count in range(len(asked) + 1) for each in combinations(range(len(asked)), count))
    assert got >= max(expected(size, asked, set(each), money) for each in choices) - 1e-6


@given(st.integers(5, 100), exclusions, purses, st.floats(1, 3))
def test_more_money_never_brings_less(size, asked, money, times):
    more = Purse(money.usd * times, money.byte_in, money.entry_out, money.thinking)
    first, second = (expected(size, asked, kept(size, BARE, asked, each), each) for each in (money, more))
    assert second >= first - 1e-6


def test_exclusions_that_prevent_most_for_their_length_stay_longest():
    asked = [Exclusion(30, 0.1), Exclusion(30, 0.9), Exclusion(10, 0.5)]
    # An entry costs as much as a hundred bytes, and the money pays for ten at most.
    assert kept(20, BARE, asked, purse(0.0014)) == {1, 2}


def test_dear_exclusions_make_way_for_entries_and_cheap_ones_do_not():
    asked = [Exclusion(20, 0.3)] * 20
    assert kept(40, BARE, asked, purse(0.006, byte_in=1e-5)) == set()
    assert kept(40, BARE, asked, purse(0.003, byte_in=1e-7)) == set(range(20))


def test_a_model_that_costs_nothing_keeps_all_of_its_exclusions():
    assert kept(60, BARE, [Exclusion(20, 0.1)], Purse(0.0, 0.0, 0.0)) == {0}


def test_a_plan_keeps_the_order_of_its_exclusions_and_their_ids():
    plan = Plan(
        "p" * (BARE - WORDS_AROUND), exclusions=("a" * 29, "é" * 14, "b" * 9), excluded=(7, 8, 9), request_size=20
    )
    money = purse(0.0014)
    less = trimmed(plan, [0.1, 0.9, 0.5], money)
    assert (less.exclusions, less.excluded) == (plan.exclusions[1:], (8, 9))
    assert (less.prompt, less.request_size) == (plan.prompt, plan.request_size)
    assert trimmed(plan, [0.1, 0.9, 0.5], purse(1.0)) is plan
    with pytest.raises(ValueError, match="shorter"):
        trimmed(plan, [0.1], money)

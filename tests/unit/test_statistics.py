"""The counts of a run, request by request."""

from dataclasses import fields
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.statistics import RequestEvent, RunStatistics, Streak, Totals, uam

counts = st.integers(0, 1_000)
totals = st.builds(
    Totals,
    requests=st.just(1),
    failed_requests=st.integers(0, 1),
    candidates=counts,
    unique=counts,
    rejected=counts,
    tokens_in=counts,
    tokens_out=counts,
    cost_usd=st.decimals(0, 10, places=6),
    unpriced=st.integers(0, 1),
    tokens_cached=counts,
)
events = st.builds(
    RequestEvent,
    at=st.floats(0, 2_000),
    provider=st.sampled_from("abc"),
    slot=st.integers(0, 3),
    totals=totals,
)
histories = st.lists(events, max_size=30).map(lambda found: sorted(found, key=lambda event: event.at))


def counted(history):
    statistics = RunStatistics()
    for event in history:
        statistics.record(event)
    return statistics


def event(at=0.0, provider="a", slot=0, *, failed=0, candidates=0, unique=0, **details):
    sums = Totals(requests=1, failed_requests=failed, candidates=candidates, unique=unique)
    return RequestEvent(at, provider, slot, sums, **details)


@given(histories)
def test_the_sums_are_those_of_all_requests(history):
    statistics = counted(history)
    assert statistics.total == sum((each.totals for each in history), Totals())
    for provider, sums in statistics.by_provider.items():
        assert sums == sum((each.totals for each in history if each.provider == provider), Totals())
    for slot, sums in statistics.by_slot.items():
        assert sums == sum((each.totals for each in history if each.slot == slot), Totals())


@given(histories, st.lists(st.floats(0, 3_000), max_size=5).map(sorted))
def test_the_window_holds_the_last_five_minutes(history, moments):
    statistics, waiting = RunStatistics(), list(history)
    for now in moments:
        while waiting and waiting[0].at <= now:
            statistics.record(waiting.pop(0))
        inside = [each.totals for each in history if each.at // 10 > now // 10 - 30 and each.at <= now]
        assert statistics.recent(now) == sum(inside, Totals())


def test_the_window_ends_after_three_hundred_seconds_to_a_block():
    statistics = counted([event(at=109.0, candidates=7)])
    assert statistics.recent(399.9).candidates == 7
    assert statistics.recent(400.0).candidates == 0
    assert statistics.total.candidates == 7


@given(totals, totals)
def test_sums_are_added_field_by_field(one, other):
    for each in fields(Totals):
        assert getattr(one + other, each.name) == getattr(one, each.name) + getattr(other, each.name)
    assert one + other - other == one


def test_rates_of_nothing_are_unknown():
    nothing = Totals()
    assert (nothing.novelty_rate, nothing.success_rate, nothing.unique_per_dollar) == (None, None, None)


def test_rates():
    sums = Totals(requests=4, failed_requests=1, candidates=8, unique=2, cost_usd=Decimal("0.5"))
    assert (sums.novelty_rate, sums.success_rate, sums.unique_per_dollar) == (0.25, 0.75, 4.0)


def test_what_a_dollar_brings_is_unknown_while_some_of_the_cost_is():
    assert Totals(requests=2, unique=2, cost_usd=Decimal(1), unpriced=1).unique_per_dollar is None


def test_money_is_added_without_rounding():
    cent = Totals(cost_usd=Decimal("0.1"))
    assert sum([cent] * 3, Totals()).cost_usd == Decimal("0.3")


def test_the_novelty_rate_is_unknown_before_the_first_candidate():
    assert Totals(requests=3).novelty_rate is None
    assert Totals(candidates=4, unique=1).novelty_rate == 0.25


# Streaks of failures


def test_failures_in_a_row_make_a_streak():
    statistics = counted([event(at=10, failed=1, error="first"), event(at=20, failed=1, error="last")])
    assert statistics.failing["a"] == Streak(failures=2, since=10, error="last")


def test_a_success_ends_the_streak_of_its_provider_only():
    statistics = counted([event(failed=1), event(provider="b", failed=1), event(at=5)])
    assert statistics.failing["a"] == Streak()
    assert statistics.failing["b"].failures == 1
    assert statistics.last_success_at == 5


def test_a_new_streak_begins_at_its_own_first_failure():
    statistics = counted([event(at=1, failed=1), event(at=2), event(at=3, failed=1)])
    assert statistics.failing["a"] == Streak(failures=1, since=3)


def test_a_streak_remembers_that_it_was_told_to_wait():
    statistics = counted([event(failed=1, error_kind="rate_limited"), event(failed=1, error_kind="server_fault")])
    assert statistics.failing["a"].rate_limited


def test_a_refusal_for_good_is_noted():
    assert counted([event(failed=1, terminal=True)]).failing["a"].terminal


def test_there_is_no_success_before_the_first():
    assert counted([event(failed=1)]).last_success_at is None


# Dry stretches


def test_what_brought_nothing_new_is_counted_until_something_does():
    dry = [event(candidates=10), event(candidates=5)]
    statistics = counted(dry)
    assert (statistics.dry_requests, statistics.dry_candidates) == (2, 15)
    statistics.record(event(candidates=9, unique=1))
    assert (statistics.dry_requests, statistics.dry_candidates) == (0, 0)


def test_failures_are_not_dry():
    statistics = counted([event(candidates=10), event(failed=1)])
    assert (statistics.dry_requests, statistics.dry_candidates) == (1, 10)


@pytest.mark.parametrize(("unique", "seconds", "rate"), [(60, 60, 60), (5, 30, 10), (3, 0.0, 180), (0, 100, 0)])
def test_unique_attributes_per_minute(unique, seconds, rate):
    assert uam(unique, seconds) == rate

"""Money that is spent, set aside and free: no cap is ever passed."""

from collections.abc import Hashable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from orchestration.logic.ledger import (
    LEAST_ENTRIES,
    LEAST_TOKENS,
    ROOM,
    Account,
    Ledger,
    Overspent,
    Room,
    Terms,
    affordable,
    rest_of,
    rooms,
)
from orchestration.logic.pricing import Rates, cost_of, projected_cost
from orchestration.logic.token_size import EntrySize

amounts = st.decimals(0, 10, places=4)
RATES = Rates(Decimal(1), Decimal(4))


class Spending(RuleBasedStateMachine):
    """Any number of requests under way on shared accounts; each costs its worst at most."""

    requests = Bundle("requests")

    @initialize(caps=st.lists(st.none() | amounts, min_size=3, max_size=3))
    def open_accounts(self, caps):
        self.ledger = Ledger({name: Account(cap) for name, cap in enumerate(caps)})
        self.number = 0
        self.paid: dict[Hashable, Decimal] = {name: Decimal(0) for name in range(3)}
        self.worsts: dict[int, Decimal] = {}

    @rule(target=requests, names=st.sets(st.integers(0, 2), min_size=1), worst=amounts)
    def reserve(self, names, worst):
        self.number += 1
        free = self.ledger.free(names)
        if free is not None and worst > free:
            before = {name: (each.spent, each.reserved) for name, each in self.ledger.accounts.items()}
            with pytest.raises(Overspent):
                self.ledger.reserve(self.number, names, worst)
            assert before == {name: (each.spent, each.reserved) for name, each in self.ledger.accounts.items()}
            worst = Decimal(0)
            if free < 0:
                return self.number, frozenset(), worst
        self.ledger.reserve(self.number, names, worst)
        self.worsts[self.number] = worst
        return self.number, frozenset(names), worst

    @rule(request=consumes(requests), share=st.decimals(0, 1, places=3))
    def settle(self, request, share):
        number, names, worst = request
        if self.worsts.pop(number, None) is None:
            return
        self.ledger.settle(number, worst * share)
        for name in names:
            self.paid[name] += worst * share

    @rule(request=consumes(requests))
    def lose(self, request):
        number, names, worst = request
        if self.worsts.pop(number, None) is None:
            return
        assert self.ledger.lose(number) == worst
        for name in names:
            self.paid[name] += worst

    @rule(request=consumes(requests), share=st.decimals(0, 1, places=3))
    def break_off(self, request, share):
        """Its provider broke off: an estimate, and the rest, which nobody knows."""
        number, names, worst = request
        if self.worsts.pop(number, None) is None:
            return
        estimate = worst * share
        self.ledger.settle(number, estimate + rest_of(worst, estimate))
        for name in names:
            self.paid[name] += worst

    @rule(names=st.sets(st.integers(0, 2)))
    def midnight(self, names):
        self.ledger.begin_day(names)
        for name in names:
            self.paid[name] = Decimal(0)

    @invariant()
    def no_cap_is_passed_and_nothing_is_forgotten(self):
        for name, account in getattr(self, "ledger", Ledger()).accounts.items():
            assert account.spent == self.paid[name]
            assert account.reserved >= 0
            assert account.limit is None or account.spent + account.reserved <= account.limit


Spending.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestSpending = Spending.TestCase


def test_a_cost_without_a_reservation_counts_on_the_accounts_that_are_named():
    ledger = Ledger({"run": Account(Decimal(1))})
    ledger.settle("unheard of", Decimal("0.25"), ("run", "no such account"))
    assert ledger.accounts["run"].spent == Decimal("0.25")


def test_an_estimate_above_the_worst_leaves_no_rest():
    assert rest_of(Decimal(2), Decimal("0.5")) == Decimal("1.5")
    assert rest_of(Decimal(2), Decimal(3)) == 0


def test_a_cap_is_near_from_four_fifths_on():
    assert not Account(Decimal(10), spent=Decimal("7.99")).nearly_spent
    assert Account(Decimal(10), spent=Decimal(8)).nearly_spent
    assert not Account(None, spent=Decimal(10**6)).nearly_spent


def test_without_a_cap_nothing_bounds_a_request():
    assert affordable(None, 1_000, 60, None) == affordable(RATES, 1_000, 60, None)
    terms = affordable(RATES, 1_000, 60, None)
    assert terms is not None
    assert terms == Terms(request_size=60, max_tokens_out=None, worst=Decimal(0))


def test_under_a_cap_a_request_without_a_price_cannot_be_paid_for():
    assert affordable(None, 1, 1, Decimal(10**6)) is None


@given(
    st.builds(Rates, amounts, amounts),
    st.integers(0, 20_000),
    st.integers(1, 1_000),
    amounts,
    st.floats(0, 1),
    st.integers(0, 9_000),
    st.just(ROOM) | st.builds(Room, st.integers(1, 40), st.integers(0, 600)),
)
def test_no_answer_within_its_terms_costs_more_than_its_worst_nor_than_what_is_free(
    rates, size, count, free, share, thinking, room
):
    terms = affordable(rates, size, count, free, thinking, room)
    if terms is None:
        return
    assert terms.max_tokens_out is not None
    assert terms.max_tokens_out >= min(room.smallest, room.entry_tokens * count) + thinking
    assert 1 <= terms.request_size <= count
    cost = cost_of(rates, int(size * share), int(terms.max_tokens_out * share))
    assert cost is not None
    assert cost <= terms.worst <= free


def test_where_money_is_short_a_smaller_answer_is_asked_for():
    terms = affordable(RATES, 1_000, 60, Decimal("0.005"))
    assert terms is not None
    assert (terms.max_tokens_out, terms.request_size) == (1_000, 1_000 // ROOM.entry_tokens)
    assert affordable(RATES, 1_000, 60, Decimal("0.001") + Decimal("0.000004") * (LEAST_TOKENS - 1)) is None


def test_a_model_that_thinks_has_more_tokens_for_as_many_entries():
    plain, thinking = affordable(RATES, 1_000, 60, Decimal(1)), affordable(RATES, 1_000, 60, Decimal(1), 5_000)
    assert plain is not None
    assert thinking is not None
    assert thinking.max_tokens_out == (plain.max_tokens_out or 0) + 5_000
    assert thinking.worst == plain.worst + Decimal("0.02")
    short = affordable(RATES, 1_000, 60, Decimal("0.025"), 5_000)
    assert short == Terms(1_000 // ROOM.entry_tokens, 6_000, Decimal("0.025"))
    assert affordable(RATES, 1_000, 60, Decimal("0.021"), 5_000) is None


def sized(*tokens: int, entries: int = 50) -> EntrySize:
    size = EntrySize()
    for each in tokens:
        size.learn(each * entries, entries)
    return size


def test_what_an_answer_may_take_is_learnt_from_earlier_ones():
    assert rooms(1, {}) == (ROOM, None)
    assert rooms(1, {1: sized(10)}) == (ROOM, None)
    assert rooms(1, {1: sized(10, 10)}) == (Room(16, 300), Room(13, 65))
    assert rooms(1, {1: sized(8, 16)}) == (Room(20, 300), Room(15, 75))
    assert rooms(1, {1: sized(90, 90)}) == (Room(ROOM.entry_tokens, 300), Room(ROOM.entry_tokens, 200))


def test_an_answer_with_hardly_any_entries_says_nothing_of_their_size():
    assert rooms(1, {1: sized(100, 100, entries=4)}) == (ROOM, None)


def test_who_has_never_answered_is_allowed_as_much_as_the_others_suggest():
    assert rooms(2, {1: sized(5, 5), 3: sized(10, 10)}) == (ROOM, Room(32, 600))


def test_what_was_learnt_lets_little_money_pay_for_a_dear_request():
    free = Decimal("0.006")
    first, later = affordable(RATES, 1_000, 60, free), affordable(RATES, 1_000, 60, free, 0, Room(16, 300))
    assert first is not None
    assert first.request_size < 60
    assert later == Terms(60, 960, Decimal("0.00484"))


def test_where_the_size_of_an_entry_is_known_a_handful_of_them_is_worth_a_question():
    room, handful = Room(8, 40), LEAST_ENTRIES * 8
    asking, token = Decimal("0.001"), Decimal("0.000004")
    assert affordable(RATES, 1_000, 60, asking + token * handful, 0, room) == Terms(5, 40, asking + token * handful)
    assert affordable(RATES, 1_000, 60, asking + token * (handful - 1), 0, room) is None


def test_a_model_that_costs_nothing_is_always_affordable():
    free = Rates(Decimal(0), Decimal(0))
    assert affordable(free, 10_000, 60, Decimal(0)) is not None
    assert affordable(RATES, 10_000, 60, Decimal(0)) is None


def test_cached_tokens_cost_their_own_rate_where_one_is_known():
    assert cost_of(Rates(Decimal(10), Decimal(0), Decimal(1)), 1_000, 0, 400) == Decimal("0.0064")
    assert cost_of(Rates(Decimal(10), Decimal(0)), 1_000, 0, 400) == Decimal("0.01")
    assert cost_of(Rates(Decimal(10), Decimal(0), Decimal(1)), 100, 0, 400) == Decimal("0.0001")


def test_a_projection_grows_with_the_rates_and_is_unknown_without_them():
    dear, cheap = projected_cost(Rates(Decimal(3), Decimal(15)), 600, 60), projected_cost(RATES, 600, 60)
    assert dear is not None
    assert cheap is not None
    assert Decimal("0.03") < cheap < Decimal("0.05")
    assert dear > 3 * cheap
    assert projected_cost(None, 600, 60) is None

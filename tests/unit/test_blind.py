"""Blind probes: spread evenly, and a small share of requests and money."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.blind import SHARE_OF_MONEY, SHARE_OF_REQUESTS, Probing

costs = st.dictionaries(st.sampled_from("abc"), st.floats(0, 0.1), min_size=1)


def probed(costs, requests, usual=0.01, out=(), lag=0):
    """After so many plain requests, with the probes that were due; each is answered `lag` requests later."""
    probing, asked = Probing(), []
    for number in range(requests):
        probing.record("a", usual, probe=False, deliberate=False)
        if (name := probing.choose(costs, out)) is not None:
            asked.append((number + lag, name))
        while asked and asked[0][0] <= number:
            _, name = asked.pop(0)
            probing.record(name, costs[name], probe=True, deliberate=True)
    return probing


def test_nothing_is_probed_before_there_is_anything_to_measure():
    assert Probing().choose({"a": 0.0}) is None


@given(costs, st.integers(0, 120), st.floats(0, 0.1), st.integers(0, 9))
def test_probes_keep_to_their_shares_of_requests_and_money(costs, requests, usual, lag):
    probing = probed(costs, requests, usual, lag=lag)
    assert probing.probes.total() <= SHARE_OF_REQUESTS * probing.requests + 1
    assert probing.spent_on_probes <= SHARE_OF_MONEY * probing.spent + 1e-9


def test_probes_are_spread_evenly_among_those_that_cost_about_as_much():
    probing = probed({"a": 0.002, "b": 0.003, "c": 0.002}, 500)
    assert probing.probes.total() > 20
    assert max(probing.probes.values()) - min(probing.probes.values()) <= 1


def test_they_are_spread_evenly_also_while_answers_are_under_way():
    probing = probed(dict.fromkeys("abc", 0.002), 500, lag=20)
    asked = [probing.probes[name] + probing.asked[name] for name in "abc"]
    assert max(asked) - min(asked) <= 1


def test_a_request_that_happened_to_be_blind_is_a_probe_that_costs_nothing_extra():
    probing = Probing()
    for _ in range(50):
        probing.record("a", 0.01, probe=True, deliberate=False)
    assert (probing.spent_on_probes, probing.probes["a"]) == (0.0, 50)
    assert probing.choose({"a": 0.0, "b": 0.0}) is None


def test_one_that_cannot_be_paid_for_waits_until_it_can():
    dear = {"a": 0.001, "b": 1.0}
    assert probed(dear, 100, usual=0.01).probes["b"] == 0
    assert probed(dear, 100, usual=1.0).probes["b"] > 0


def test_where_nothing_costs_anything_probes_are_as_many_as_they_may_be():
    probing = probed({"a": 0.0}, 200, usual=0.0)
    assert probing.probes.total() >= SHARE_OF_REQUESTS * 200


def test_who_is_out_is_not_probed():
    assert probed(dict.fromkeys("ab", 0.001), 200, out=("a",)).probes["a"] == 0
    assert probed({"a": 0.001}, 200, out=("a",)).probes.total() == 0


def test_nobody_to_ask_means_no_probe():
    assert probed({}, 50).probes.total() == 0


def test_a_probe_that_will_not_come_makes_room_for_another():
    probing = Probing()
    for _ in range(15):
        probing.record("a", 0.01, probe=False, deliberate=False)
    first, second = probing.choose({"a": 0.001}), probing.choose({"a": 0.001})
    assert (first, second) == ("a", "a")
    assert probing.choose({"a": 0.001}) is None
    probing.forget("a")
    assert probing.choose({"a": 0.001}) == "a"


@pytest.mark.parametrize("name", ["a", "never asked"])
def test_to_forget_what_was_not_asked_changes_nothing(name):
    probing = Probing()
    probing.forget(name)
    assert probing.asked[name] == 0

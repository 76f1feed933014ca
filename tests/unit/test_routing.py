"""Which provider gets the next request."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.worker.routing import ROUTINGS, Choice, choose

WEIGHTS = {"a": 0.6, "b": 0.3, "c": 0.1, "never": 0.0}
EVERYBODY = tuple(WEIGHTS)
routings = st.sampled_from(sorted(ROUTINGS))


def asked(routing, requests, usable=EVERYBODY, weights=None, last=None):
    """Who is asked in a row of requests."""
    generator = random.Random(7)
    names = []
    for _ in range(requests):
        last = choose(routing, Choice(usable, weights or WEIGHTS, last, generator.random()))
        names.append(last)
    return names


def shares(routing, **given):
    counts = Counter(asked(routing, 20_000, **given))
    return {name: times / 20_000 for name, times in counts.items()}


# In the long run


def test_weighted_asks_each_in_proportion_to_its_weight():
    assert shares("weighted") == pytest.approx({"a": 0.6, "b": 0.3, "c": 0.1}, abs=0.02)


def test_weighted_needs_no_weights_that_make_up_one():
    assert shares("weighted", weights={"a": 0.1, "b": 0.1}, usable="ab") == pytest.approx(
        {"a": 0.5, "b": 0.5}, abs=0.02
    )


def test_priority_asks_the_one_of_the_highest_weight():
    assert shares("priority") == {"a": 1.0}


def test_round_robin_asks_one_after_the_other():
    assert asked("round_robin", 6) == ["a", "b", "c", "a", "b", "c"]


def test_backoff_stays_with_the_one_that_works():
    assert asked("backoff", 3) == ["a", "a", "a"]
    assert asked("backoff", 3, last="b") == ["b", "b", "b"]


@pytest.mark.parametrize("routing", sorted(ROUTINGS))
def test_a_weight_of_zero_means_never(routing):
    assert "never" not in asked(routing, 500)


@pytest.mark.parametrize("routing", sorted(ROUTINGS))
def test_a_weight_of_zero_does_not_come_true_when_the_others_pause(routing):
    assert asked(routing, 1, usable=("never",)) == [None]


@pytest.mark.parametrize("routing", sorted(ROUTINGS))
def test_with_nothing_but_zeros_somebody_is_asked(routing):
    assert set(asked(routing, 500, weights=dict.fromkeys("xy", 0.0), usable="xy")) <= {"x", "y"}


def test_with_nothing_but_zeros_all_are_asked_alike():
    zeros = dict.fromkeys("xy", 0.0)
    assert shares("weighted", weights=zeros, usable="xy") == pytest.approx({"x": 0.5, "y": 0.5}, abs=0.02)
    assert set(asked("round_robin", 4, weights=zeros, usable="xy")) == {"x", "y"}


# Providers that fall out and return


def test_weighted_divides_the_share_of_one_that_fell_out():
    assert shares("weighted", usable=("a", "c")) == pytest.approx({"a": 6 / 7, "c": 1 / 7}, abs=0.02)


def test_priority_falls_back_to_the_next_and_returns():
    order = [asked("priority", 1, usable=usable)[0] for usable in ("abc", "bc", "c", "bc", "abc")]
    assert order == ["a", "b", "c", "b", "a"]


def test_round_robin_skips_one_that_fell_out_and_keeps_its_order():
    assert asked("round_robin", 4, usable=("a", "c")) == ["a", "c", "a", "c"]
    assert asked("round_robin", 3, usable=("a", "b", "c"), last="a") == ["b", "c", "a"]


def test_round_robin_begins_anew_after_a_provider_that_is_gone():
    assert asked("round_robin", 2, last="gone") == ["a", "b"]


def test_backoff_moves_on_when_its_provider_fails_and_stays_there():
    assert asked("backoff", 2, usable=("b", "c"), last="a") == ["b", "b"]
    assert asked("backoff", 2, usable=("a", "b", "c"), last="b") == ["b", "b"]


@given(routings)
def test_when_nobody_may_be_asked_nobody_is(routing):
    assert asked(routing, 1, usable=()) == [None]


@given(
    routings,
    st.dictionaries(st.sampled_from("abcdef"), st.floats(0, 1), min_size=1),
    st.data(),
    st.floats(0, 1, exclude_max=True),
)
def test_whoever_is_asked_may_be_asked_and_is_wanted(routing, weights, data, draw):
    usable = data.draw(st.lists(st.sampled_from(sorted(weights)), unique=True))
    last = data.draw(st.sampled_from([None, *sorted(weights)]))
    name = choose(routing, Choice(usable, weights, last, draw))
    if name is None:
        assert not [each for each in usable if weights[each] > 0 or not any(weights.values())]
    else:
        assert name in usable
        assert weights[name] > 0 or not any(weights.values())

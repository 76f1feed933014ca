"""Who asks for which part, and whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.allocation import LEAST_SHARE, assign, is_change, weights

NAMES = [f"p{number}" for number in range(6)]
figures = st.floats(0, 1e6)
amounts = st.floats(1e-7, 10)


@st.composite
def markets(draw):
    """Yields and efforts of some providers, and the weights that people have pinned."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    pinned = draw(st.lists(st.sampled_from(names), unique=True, max_size=len(names)))
    return (
        {name: draw(figures) for name in names},
        {name: draw(st.one_of(st.just(0.0), amounts)) for name in names},
        {name: draw(st.integers(0, 100)) / 100 / len(pinned) for name in pinned},
    )


@given(markets())
def test_weights_sum_to_one_and_stay_in_bounds(market):
    shares = weights(*market)
    assert shares.keys() == market[0].keys()
    assert all(0 <= share <= 1 for share in shares.values())
    if market[2].keys() != market[0].keys():
        assert sum(shares.values()) == pytest.approx(1, abs=2e-5)


@given(markets())
def test_pinned_weights_stay(market):
    shares = weights(*market)
    assert {name: shares[name] for name in market[2]} == market[2]


@given(markets())
def test_nobody_starves_but_whom_people_hold_at_zero(market):
    shares = weights(*market)
    assert all(share >= LEAST_SHARE for name, share in shares.items() if name not in market[2])


@pytest.mark.parametrize("pinned", [{"a": 1.0}, {"a": 0.7, "b": 0.6}])
def test_where_pins_leave_nothing_the_others_have_the_least_share(pinned):
    shares = weights(dict.fromkeys("abcd", 1.0), dict.fromkeys("abcd", 1.0), pinned)
    assert shares == {**pinned, **{name: LEAST_SHARE for name in "abcd" if name not in pinned}}


def test_a_dear_provider_beside_one_that_is_free_is_not_rounded_to_never():
    shares = weights({"free": 1e7, "dear": 10.0}, {"free": 1e-5, "dear": 0.5}, {})
    assert shares["dear"] >= LEAST_SHARE
    assert sum(shares.values()) == pytest.approx(1)


@given(st.floats(0.1, 1e6), st.floats(1.2, 100), st.lists(amounts, min_size=2, max_size=2))
def test_who_brings_more_gets_more(least, times, efforts):
    shares = weights({"a": least * times, "b": least}, dict(zip("ab", efforts, strict=True)), {})
    assert shares["a"] > shares["b"]


def test_who_brings_as_much_gets_as_much():
    assert weights({"a": 3.0, "b": 3.0}, {"a": 1.0, "b": 9.0}, {}) == {"a": 0.5, "b": 0.5}
    assert weights({"a": 0.0, "b": 0.0}, {"a": 1.0, "b": 1.0}, {}) == {"a": 0.5, "b": 0.5}


def test_one_that_brings_nothing_is_explored_and_less_where_a_request_takes_more():
    cheap, dear = (
        weights({"a": 100.0, "b": 0.0}, {"a": 1.0, "b": effort}, {}, explored=0.1)["b"] for effort in (1.0, 10.0)
    )
    assert 0 < dear < cheap < 0.2


def test_where_all_are_to_have_their_say_the_dear_one_has_its_own():
    shares = weights({"a": 100.0, "b": 0.0}, {"a": 1.0, "b": 1000.0}, {}, least=0.2)
    assert shares["b"] == pytest.approx(0.2 / 1.2, abs=1e-3)


def test_the_others_share_what_a_pinned_weight_leaves():
    assert weights({"a": 1.0, "b": 5.0, "c": 5.0}, dict.fromkeys("abc", 1.0), {"a": 0.6}) == {
        "a": 0.6,
        "b": 0.2,
        "c": 0.2,
    }


def test_where_all_is_pinned_nothing_is_decided():
    assert weights({"a": 9.0, "b": 1.0}, dict.fromkeys("ab", 1.0), {"a": 0.2, "b": 0.3}) == {"a": 0.2, "b": 0.3}
    assert weights({}, {}, {}) == {}


# Changes


def test_a_small_change_is_not_worth_a_message():
    assert not is_change({"a": 0.5, "b": 0.5}, {"a": 0.51, "b": 0.49})
    assert is_change({"a": 0.5, "b": 0.5}, {"a": 0.7, "b": 0.3})
    assert is_change({"a": 1.0}, {"a": 1.0, "b": 0.0})


def test_a_small_change_that_is_most_of_the_bill_is_one():
    before, after = {"cheap": 0.96, "dear": 0.04}, {"cheap": 0.9995, "dear": 0.0005}
    assert not is_change(before, after)
    assert not is_change(before, after, {"cheap": 1.0, "dear": 1.0})
    assert is_change(before, after, {"cheap": 1.0, "dear": 100.0})
    assert not is_change(before, before, {"cheap": 0.0, "dear": 0.0})


# Assignments

worths = st.dictionaries(st.sampled_from(["", "A", "B", "C"]), figures, min_size=1)
slots = st.lists(st.integers(0, 9), unique=True)
places = st.dictionaries(st.integers(0, 9), st.sampled_from(["", "A", "gone"]))


@given(slots, worths, places)
def test_every_producer_gets_a_part_that_there_is(slots, worth, now):
    assigned = assign(slots, worth, now)
    assert list(assigned) == slots
    assert set(assigned.values()) <= worth.keys()


@given(slots, worths, places)
def test_when_nothing_changes_the_producers_come_to_rest(slots, worth, now):
    assigned = now
    for _ in range(len(slots) + 1):
        assigned = assign(slots, worth, assigned)
    assert assign(slots, worth, assigned) == assigned


@given(slots, st.floats(1e-6, 1e6), places)
def test_parts_that_are_worth_the_same_are_no_reason_to_move_for_ever(slots, worth, now):
    assigned = assign(slots, dict.fromkeys(["", "A", "B"], worth), now, 0.0)
    crowd = [list(assigned.values()).count(part) for part in ("", "A", "B")]
    assert max(crowd) - min(crowd) <= 1


def test_one_producer_goes_where_most_is_to_be_found():
    assert assign([0], {"A": 1.0, "B": 3.0}, {}) == {0: "B"}


def test_producers_spread_over_parts_that_are_worth_about_as_much():
    assigned = assign(range(4), {"A": 1.0, "B": 0.95, "C": 0.9, "D": 0.85}, {})
    assert set(assigned.values()) == {"A", "B", "C", "D"}


def test_they_crowd_into_one_part_where_the_others_are_dry():
    assert set(assign(range(4), {"A": 1.0, "B": 0.001}, {}).values()) == {"A"}


def test_a_producer_moves_only_where_clearly_more_is_to_be_found():
    assert assign([0], {"A": 1.0, "B": 1.005}, {0: "A"}, 0.01) == {0: "A"}
    assert assign([0], {"A": 1.0, "B": 3.0}, {0: "A"}, 0.01) == {0: "B"}


def test_a_producer_stays_where_nothing_more_is_to_be_found():
    assert assign([0], {"A": 1.0, "B": 1.0}, {0: "B"}) == {0: "B"}


def test_a_producer_leaves_a_part_that_is_not_there_any_more():
    assert assign([0], {"A": 0.0}, {0: "gone"}) == {0: "A"}

"""Settings of a request that are tried beside each other."""

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.knobs import Knob


def tried(values, *records, hopes=()):
    knob = Knob(values, hopes)
    for record in records:
        knob.record(*record)
    return knob


def test_the_first_value_is_in_use_until_another_proves_better():
    assert Knob(("plain", "fancy")).best() == "plain"
    assert tried(("plain", "fancy"), *[("plain", 30, 30), ("fancy", 60, 30)] * 10).best() == "fancy"


def test_another_that_is_hardly_better_does_not_take_its_place():
    assert tried(("plain", "fancy"), *[("plain", 30, 30), ("fancy", 30.3, 30)] * 10).best() == "plain"


def test_a_value_is_not_praised_for_an_easy_part_of_the_topic():
    assert tried(("plain", "fancy"), *[("plain", 5, 5), ("fancy", 60, 60)] * 10).best() == "plain"


def test_praise_is_forgotten():
    knob = tried(("plain", "fancy"), *[("plain", 30, 30), ("fancy", 60, 30)] * 20)
    for _ in range(60):
        knob.record("plain", 30, 30)
        knob.record("fancy", 10, 30)
    assert knob.best() == "plain"


def test_an_unknown_value_teaches_nothing():
    knob = tried((1.0, 2.0), (7.5, 1_000, 1))
    assert knob == Knob((1.0, 2.0))


def test_nothing_expected_and_nothing_come_is_as_expected():
    assert tried(("plain",), ("plain", 0, 0)).ratio("plain") == 1.0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 60), st.floats(0, 60)), max_size=30))
def test_the_best_is_clearly_better_than_the_first_or_the_first(records):
    knob = tried("abc", *records)
    assert knob.best() == "a" or knob.ratio(knob.best()) > knob.ratio("a")
    assert all(knob.ratio(value) >= 0 for value in "abc")


def test_every_value_is_tried_now_and_then():
    """Also one that has failed: what does badly now may do well when the topic runs dry."""
    knob, rng = Knob(("a", "b", "c")), Random(1)
    drawn: Counter[str] = Counter()
    for _ in range(1_000):
        value = knob.draw(rng)
        drawn[value] += 1
        knob.record(value, 30 if value == "a" else 24, 30)
    assert all(drawn[value] >= 10 for value in "abc")
    assert drawn["a"] > 700


def test_with_one_value_there_is_nothing_to_try():
    assert Knob((None,)).draw(Random(1)) is None


def test_the_same_chance_draws_the_same_values():
    knob = Knob((1.0, 2.0, 0.5), (1.0, 1.05, 0.95))
    draws = [[knob.draw(rng) for _ in range(50)] for rng in (Random(4), Random(4))]
    assert draws[0] == draws[1]

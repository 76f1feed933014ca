"""How a provider's answers compare with what they were asked for."""

from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.delivery import Delivery


def after(*answers):
    delivery = Delivery()
    for candidates, effort in answers:
        delivery.record("A", asked=60, candidates=candidates, effort=effort, expected=1.0)
    return delivery


def test_answers_as_expected_change_nothing():
    assert after(*[(60, 1.0)] * 9) == Delivery()


def test_empty_answers_make_a_provider_worth_little_and_a_few_full_ones_mend_it():
    assert after(*[(0, 1.0)] * 6).fullness < 0.15
    assert after(*[(0, 1.0)] * 6, *[(60, 1.0)] * 6).fullness > 0.85


def test_where_answers_were_empty_less_is_expected_than_elsewhere_until_it_is_worth_another_try():
    delivery = after(*[(0, 1.0)] * 6)
    assert delivery.share("A") < 0.2 * delivery.share("B")
    for _ in range(60):
        delivery.record("B", asked=60, candidates=60, effort=1.0, expected=1.0)
    assert 0.9 < delivery.share("A") < delivery.share("B")


def test_an_answer_longer_than_asked_for_is_no_more_than_full():
    assert after((600, 1.0)).fullness == 1


def test_about_the_effort_expected_is_as_expected():
    assert after(*[(60, 1.8)] * 20).pace == after(*[(60, 0.6)] * 20).pace == 1


def test_a_slow_provider_takes_more_and_a_quick_one_less():
    assert after(*[(60, 30.0)] * 20).pace > 10
    assert after(*[(60, 0.1)] * 20).pace < 0.3


def test_who_brings_far_less_than_was_expected_is_believed_less_until_it_brings_that_again():
    delivery = Delivery()
    for _ in range(30):
        delivery.record_new(0, 2.0)
    assert delivery.truth < 0.2
    for _ in range(30):
        delivery.record_new(2, 2.0)
    assert delivery.truth == 1


@given(st.lists(st.tuples(st.integers(5, 60), st.floats(0.7, 1.5)), max_size=20))
def test_who_brings_about_what_was_expected_is_believed(answers):
    delivery = Delivery()
    for hoped, times in answers:
        delivery.record_new(round(times * hoped), hoped)
    assert delivery.truth == 1


def test_who_brings_new_entries_of_other_parts_is_worth_more_than_its_part():
    delivery = Delivery()
    for _ in range(9):
        delivery.record_new(20, 0.5)
    assert 3 < delivery.truth < 20


def test_that_a_failure_was_cheap_speaks_for_nobody():
    assert after(*[(0, 0.0)] * 20).pace == 1


@given(st.lists(st.tuples(st.integers(0, 10**9), st.floats(0, 1e12)), max_size=20))
def test_whatever_comes_both_are_positive(answers):
    delivery = after(*answers)
    assert 0 < delivery.fullness <= 1
    assert delivery.pace > 0


def test_nothing_asked_for_is_no_failure():
    delivery = Delivery()
    delivery.record("A", asked=0, candidates=0, effort=0.0, expected=0.0)
    assert delivery == Delivery()

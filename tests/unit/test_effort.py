"""What a request takes: money, time, or both."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.effort import Effort, Rated
from orchestration.logic.forgetting import Fading

CHEAP, DEAR = Rated("cheap", 1e-7, 4e-7), Rated("dear", 1e-5, 4e-5)
FREE = Rated("free")
OBJECTIVES = ["cost", "speed", "balanced"]
amounts = st.one_of(st.just(0.0), st.floats(1e-9, 1e6))


def lately(candidates, effort):
    sums = Fading(keep=0.5)
    sums.add(1, asked=60, candidates=candidates, new=candidates, effort=effort)
    return sums


def test_who_saves_money_counts_money_and_hardly_any_time():
    effort = Effort("cost")
    assert effort.of(1.0, 100.0) > effort.of(0.9, 1_000.0)


def test_where_no_money_is_spent_time_decides():
    assert Effort("cost").of(0.0, 2.0) > Effort("cost").of(0.0, 1.0) > 0


def test_who_saves_time_counts_time():
    assert Effort("speed").of(100.0, 1.0) < Effort("speed").of(0.0, 2.0)


def test_balanced_counts_as_much_of_the_one_as_of_the_other():
    effort = Effort("balanced")
    for _ in range(10):
        effort.of(0.01, 4.0)
    assert effort.of(0.02, 0.0) == pytest.approx(effort.of(0.0, 8.0), rel=0.5)


def test_before_anything_is_known_the_price_tells_what_a_request_takes():
    effort = Effort("cost")
    assert effort.of_request(DEAR, Fading(0.5)) > effort.of_request(CHEAP, Fading(0.5)) > 0
    assert effort.candidates_for(CHEAP, Fading(0.5), 60) > effort.candidates_for(DEAR, Fading(0.5), 60)


def test_what_a_provider_took_lately_outweighs_its_price():
    effort = Effort("cost")
    assert effort.of_request(CHEAP, lately(60, 3.0)) == 3.0
    assert effort.candidates_for(CHEAP, lately(60, 3.0), 60) < effort.candidates_for(DEAR, lately(60, 0.003), 60)


def test_an_exclusion_costs_what_its_provider_takes_for_tokens():
    effort = Effort("cost")
    cheap, dear = (effort.worth_of_exclusions(rated, Fading(0.5), 60) for rated in (CHEAP, DEAR))
    assert 0 < cheap.token_in < dear.token_in
    assert 0 < cheap.candidate < dear.candidate


@given(st.sampled_from(OBJECTIVES), st.lists(st.tuples(amounts, amounts), max_size=5), st.integers(0, 200))
def test_no_price_no_time_and_no_candidate_break_it(objective, history, size):
    effort = Effort(objective)
    for cost, seconds in history:
        assert effort.of(cost, seconds) >= 0
    for sums in (Fading(0.5), lately(0, 0.0), lately(60, 0.0), lately(0, 1.0)):
        assert effort.of_request(FREE, sums) > 0
        assert effort.candidates_for(FREE, sums, size or 1) > 0
        worth = effort.worth_of_exclusions(FREE, sums, size or 1)
        assert worth.token_in >= 0
        assert worth.candidate > 0


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_unit_of_effort_is_put_in_words(objective):
    effort = Effort(objective)
    effort.of(0.01, 1.0)
    assert effort.unit.size > 0
    assert ("dollar" in effort.unit.words) == (objective == "cost")
    assert "minute" in Effort("cost").unit.words
    assert "dollar" in Effort("cost", priced=True).unit.words

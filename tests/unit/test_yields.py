"""What a request would bring, learnt from what came lately."""

from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.forgetting import Fading
from orchestration.logic.yields import BOUNDS, FIRST_NOVELTY, NOISE, Yields

outcomes = st.tuples(
    st.sampled_from("ab"),
    st.sampled_from(["", "A", "B"]),
    st.integers(0, 200),
    st.integers(0, 200).flatmap(lambda candidates: st.tuples(st.just(candidates), st.integers(0, candidates))),
    st.floats(0, 10),
)


def having(*history):
    """History of provider, part, candidates and how many of them were new."""
    yields = Yields()
    for provider, part, candidates, new in history:
        yields.record(provider, part, asked=60, candidates=candidates, new=new, effort=1.0)
    return yields


# Sums that forget


def test_what_came_lately_counts_more_than_what_came_long_ago():
    sums = Fading(keep=0.5)
    for new in (60, 60, 0, 0, 0):
        sums.add(1, asked=60, candidates=60, new=new, effort=1.0)
    assert sums.novelty < 0.2


def test_equal_requests_lead_to_their_own_figures():
    sums = Fading(keep=0.9)
    for ordinal in range(1, 30):
        sums.add(ordinal, asked=60, candidates=30, new=15, effort=2.0)
    assert abs(sums.novelty - 0.5) < 1e-9
    assert abs(sums.fullness - 0.5) < 1e-9
    assert abs(sums.effort / sums.requests - 2.0) < 1e-9
    assert sums.last == 29


def test_before_the_first_request_nothing_is_divided_by_nothing():
    assert (Fading(0.5).novelty, Fading(0.5).fullness) == (0.0, 1.0)


def test_failures_count_as_empty_answers():
    sums = Fading(keep=1.0)
    sums.add(1, asked=60, candidates=60, new=60, effort=1.0)
    sums.add(2, asked=60, candidates=0, new=0, effort=0.0)
    assert (sums.fullness, sums.novelty) == (0.5, 1.0)


# Expectations


@given(st.lists(outcomes, max_size=30), st.sampled_from(["", "A", "B", "C"]))
def test_an_expected_novelty_is_a_share_and_never_quite_nothing(history, part):
    yields = Yields()
    for name, words, asked, (candidates, new), effort in history:
        yields.record(name, words, asked=asked, candidates=candidates, new=new, effort=effort)
    assert BOUNDS[0] <= yields.part_novelty(part) <= BOUNDS[1]
    assert BOUNDS[0] <= yields.run_novelty <= BOUNDS[1]


def test_at_first_much_is_expected_of_every_part():
    assert Yields().part_novelty("") == Yields().part_novelty("any part") == Yields().run_novelty == FIRST_NOVELTY


def test_a_provider_that_brings_more_has_the_higher_novelty():
    yields = having(*[("a", "", 60, 50), ("b", "", 60, 5)] * 5)
    assert yields.provider("a").novelty > 2 * yields.provider("b").novelty


def test_a_part_that_is_dry_is_told_from_one_that_is_rich():
    yields = having(*[("a", "dry", 60, 1), ("a", "rich", 60, 55)] * 5)
    assert yields.part_novelty("dry") < 0.2 < 0.7 < yields.part_novelty("rich")


def test_a_collapse_is_noticed_within_a_few_requests():
    yields = having(*[("a", "", 60, 50), ("b", "", 60, 30)] * 20, *[("a", "", 60, 0), ("b", "", 60, 30)] * 3)
    assert yields.provider("a").novelty < yields.provider("b").novelty


def test_what_is_new_only_because_it_is_wrong_is_no_novelty():
    yields = having(*[("a", "A", 100, round(100 * NOISE))] * 20)
    assert abs(yields.provider("a").novelty) < 1e-9


def test_what_is_expected_of_a_part_holds_until_somebody_has_asked_for_it():
    yields = having(*[("a", "", 60, 5)] * 10)
    yields.expect("A", 0.8)
    assert yields.part_novelty("A") == 0.8
    for _ in range(10):
        yields.record("a", "A", asked=60, candidates=60, new=3, effort=1.0)
    assert yields.part_novelty("A") < 0.3


@given(st.floats(-5, 5))
def test_what_is_hoped_for_is_kept_in_bounds(novelty):
    yields = Yields()
    yields.expect("A", novelty)
    assert BOUNDS[0] <= yields.part_novelty("A") <= BOUNDS[1]


def test_answers_without_candidates_change_no_novelty_but_what_comes_of_the_effort():
    yields = having(("a", "", 60, 30))
    before = yields.part_novelty("")
    yields.record("a", "", asked=60, candidates=0, new=0, effort=1.0)
    assert abs(yields.part_novelty("") - before) < 0.2
    assert yields.provider("a").fullness < 1


@given(st.lists(outcomes, max_size=20))
def test_the_same_history_leads_to_the_same_expectations(history):
    def told():
        yields = Yields()
        for name, words, asked, (candidates, new), effort in history:
            yields.record(name, words, asked=asked, candidates=candidates, new=new, effort=effort)
        return yields

    assert told() == told()

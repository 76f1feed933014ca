"""The entries that a provider is told not to name again: as far as telling it costs less than the repeats."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic import exclusions
from orchestration.logic.exclusions import Memory, Obedience, Worth

CHEAP = Worth(token_in=1e-9, candidate=1.0)
answers = st.lists(
    st.lists(st.tuples(st.integers(0, 60), st.text("abc", max_size=12)), max_size=15), min_size=1, max_size=8
)


def anything(text):
    return None


def remembering(*answers):
    memory = Memory()
    for answer in answers:
        memory.record([(entry, f"entry {entry}") for entry in answer], ())
    return memory


def chosen(memory, before=(), worth=CHEAP, fits=anything, **limit):
    return list(memory.choose(worth, 1.0, fits, before, **limit))


def test_at_first_nothing_is_excluded():
    assert chosen(Memory()) == []


def test_an_answer_without_entries_teaches_nothing():
    assert chosen(remembering([], [])) == []


def test_what_was_named_is_excluded_in_its_own_words():
    assert remembering([3]).choose(CHEAP, 1.0, anything) == {3: "entry 3"}


def test_what_came_again_is_excluded_first():
    assert chosen(remembering([1, 2, 3], [3, 2], [3, 4]))[:2] == [3, 2]


def test_what_did_not_come_again_for_long_is_not_worth_its_tokens():
    worth = Worth(token_in=1.0, candidate=10.0)
    assert chosen(remembering([1], [2]), worth=worth)
    assert 1 not in chosen(remembering([1], *[[2]] * 50), worth=worth)


def test_what_costs_more_than_the_repeat_is_not_excluded():
    assert chosen(remembering([1], [1], [1]), worth=Worth(token_in=1.0, candidate=0.1)) == []


def test_a_provider_that_does_not_listen_is_told_nothing():
    assert remembering([1], [1]).choose(CHEAP, 0.0, anything) == {}


def test_a_long_name_that_is_not_worth_its_tokens_keeps_no_other_out():
    memory = Memory()
    memory.record([(1, "x" * 200), (2, "short")], ())
    assert chosen(memory, worth=Worth(token_in=1.0, candidate=20.0)) == [2]


def test_what_belongs_to_another_part_is_not_excluded():
    assert chosen(remembering([1, 2, 3]), fits=lambda text: text != "entry 2") == [1, 3]


def test_tokens_that_cost_nothing_are_no_reason_to_leave_anything_out():
    assert chosen(remembering([1, 2]), worth=Worth(token_in=0.0, candidate=1e-9)) == [1, 2]


@given(answers, st.integers(0, 100))
def test_the_exclusions_keep_to_their_budget(answers, characters):
    memory = Memory()
    for answer in answers:
        memory.record(answer, ())
    texts = memory.choose(CHEAP, 1.0, anything, (), characters).values()
    assert sum(len(text) + 1 for text in texts) <= characters
    assert all(texts)


@given(answers, st.integers(0, 1000))
def test_what_stays_on_the_list_keeps_its_place_and_little_of_it_is_out_of_date(answers, characters):
    """Only so does a vendor's prompt cache serve the list again."""
    memory = Memory()
    before: list[int] = []
    for answer in answers:
        memory.record(answer, before)
        after = chosen(memory, before, most=characters)
        fresh = chosen(memory, (), most=characters)
        assert len(set(after)) == len(after)
        stale = set(after).difference(fresh)
        assert len(stale) <= exclusions.STALE_SHARE * len(before) + 1e-9
        if stale:
            assert after[: len(before)] == before
        before = after


def test_the_list_grows_at_its_end():
    memory = remembering([1, 2, 3])
    first = chosen(memory)
    memory.record([(9, "entry 9")], first)
    assert chosen(memory, first) == [*first, 9]


def test_a_list_of_which_much_is_out_of_date_is_made_anew():
    memory = remembering([1, 2, 3])
    assert chosen(memory, [7, 8, 9, 1]) == [1, 2, 3]


# While they are excluded


def test_what_is_excluded_is_not_forgotten_because_it_does_not_come():
    excluded, named = remembering([1]), remembering([1])
    before = chosen(excluded)
    for _ in range(10):
        excluded.record([], before)
        named.record([], ())
        before = chosen(excluded, before)
    (kept,), (faded,) = excluded._of([1]), named._of([1])
    assert kept.chance(excluded.requests) > faded.chance(named.requests)


def test_an_answer_tells_how_many_of_the_excluded_were_to_be_expected_and_how_many_came():
    memory = remembering([1, 2], [1, 2])
    expected, came = memory.record([(1, "entry 1"), (5, "entry 5")], [1, 2])
    assert 0 < expected <= 2
    assert came == 1


def test_what_an_exclusion_saves_is_the_repeat_as_far_as_it_would_come_and_is_heeded():
    memory = remembering([1, 2], [1])
    often, once, unknown = memory.saved([1, 2, 9], 0.5)
    assert 0.5 >= often > once > unknown == 0.0
    assert memory.saved([2], 0.5, least=0.9) == [0.45]


def test_what_a_provider_heeds_is_learnt():
    heeding, ignoring = Obedience(), Obedience()
    for _ in range(30):
        heeding.record(10.0, 0)
        ignoring.record(10.0, 10)
    assert ignoring.share < 0.3 < 0.8 < heeding.share
    for _ in range(60):
        ignoring.record(10.0, 0)
    assert ignoring.share > 0.8


@given(st.lists(st.tuples(st.floats(0, 200), st.integers(0, 300)), max_size=50))
def test_obedience_is_a_share(history):
    obedience = Obedience()
    for expected, came in history:
        obedience.record(expected, came)
    assert 0 <= obedience.share <= 1


# Others


def test_what_another_provider_named_is_expected_less_than_what_this_one_did():
    memory = Memory()
    memory.hear([(1, "heard")])
    memory.record([(2, "named")], ())
    assert chosen(memory)[0] == 2
    [heard, named] = memory._of([1, 2])
    assert heard.chance(1) < named.chance(1)


def test_a_smaller_part_begins_with_what_is_known_of_the_larger_one():
    larger, smaller, category = remembering([1, 2], [2]), Memory(), Memory()
    smaller.inherit(larger, lambda text: text == "entry 2")
    category.inherit(larger, anything)
    assert chosen(smaller) == [2]
    assert chosen(category) == [2, 1]
    assert category._of([2])[0].chance(0) < smaller._of([2])[0].chance(0)


# Names that come later


def test_what_came_as_a_key_alone_is_excluded_once_its_name_is_known():
    memory = Memory()
    memory.record([(1, ""), (2, "b"), (3, "")], ())
    assert chosen(memory) == [2]
    assert set(memory.nameless()) == {1, 3}
    memory.name({1: "a", 9: "never named"})
    assert set(chosen(memory)) == {1, 2}
    assert memory.nameless() == [3]


def test_a_name_that_is_known_is_kept():
    memory = Memory()
    memory.record([(1, "a")], ())
    memory.record([(1, "")], ())
    assert memory.choose(CHEAP, 1.0, anything) == {1: "a"}


def test_of_the_nameless_the_most_probable_are_asked_for_first_and_not_too_many():
    memory = Memory()
    memory.record([(entry, "") for entry in range(exclusions.MOST_NAMED + 50)], ())
    memory.record([(240, "")], ())
    assert memory.nameless()[0] == 240
    assert len(memory.nameless()) == exclusions.MOST_NAMED


def test_what_came_up_longest_ago_is_forgotten_first():
    memory = remembering([0], range(1, exclusions.REMEMBERED), [0], range(2_000, 2_001))
    everything = chosen(memory, most=10**6)
    assert len(everything) == exclusions.REMEMBERED
    assert 0 in everything
    assert 1 not in everything


def test_exclusions_that_are_forgotten_since_are_no_longer_told():
    memory = remembering([1, 2, 3, 4, 5])
    before = chosen(memory)
    memory.record([(entry, "x") for entry in range(100, 100 + exclusions.REMEMBERED - 4)], before)
    assert 1 not in memory.choose(CHEAP, 1.0, anything, before)


@pytest.mark.parametrize("before", [(), (77,), (77, 78, 1)])
def test_ids_that_nobody_knows_are_no_exclusions(before):
    memory = remembering([1])
    assert set(memory.choose(CHEAP, 1.0, anything, before)) == {1}
    assert memory.record([(1, "")], before)[1] == (1 in before)

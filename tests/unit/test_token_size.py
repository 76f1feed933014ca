"""Bytes a token, learnt from what a provider reported."""

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.token_size import ENOUGH_ANSWERS, HIGHEST, LEAST, MARGIN, EntrySize, TokenSize


def learnt(*ratios: float) -> TokenSize:
    size = TokenSize()
    for ratio in ratios:
        size.learn(10_000, round(10_000 / ratio))
    return size


def test_until_some_answers_are_in_every_byte_is_a_token():
    assert TokenSize().most_tokens(1_234) == 1_234
    assert learnt(*[4.0] * (ENOUGH_ANSWERS - 1)).most_tokens(1_234) == 1_234


def test_then_the_lowest_ratio_counts_with_a_margin():
    assert learnt(4.0, 3.0, 4.0).bytes_per_token == pytest.approx(3.0 * MARGIN, rel=1e-3)
    assert learnt(9.0, 9.0, 9.0).bytes_per_token == HIGHEST


def test_a_server_that_counts_instructions_of_its_own_is_believed_at_once_and_within_reason():
    assert learnt(0.8).bytes_per_token == pytest.approx(0.8 * MARGIN, rel=1e-3)
    assert learnt(0.001).bytes_per_token == LEAST


def test_what_is_added_to_a_question_counts_once_among_questions_of_known_lengths():
    size = TokenSize()
    for question in (500, 1_000, 1_000):
        size.learn(question, question // 4 + 50)  # fifty tokens are the provider's own
    assert size.most_tokens(500, 500) == ceil(500 / size.bytes_per_token) >= 175
    assert size.most_tokens(1_000, 500) == ceil(1_000 / size.bytes_per_token) >= 300
    assert size.most_tokens(1_001, 500) == ceil(1_501 / size.bytes_per_token)


def test_a_question_is_never_taken_for_shorter_than_the_shortest_of_which_something_is_known():
    size = learnt(3.0, 3.0, 3.0)
    assert size.most_tokens(100, 500) == size.most_tokens(10_000, 500)


@given(
    st.lists(st.integers(200, 9_000), min_size=3, max_size=20),
    st.integers(0, 9_000),
    st.floats(2.5, 5),
    st.integers(0, 500),
)
def test_whatever_a_provider_adds_to_each_question_is_counted(questions, question, ratio, added):
    size = TokenSize()
    for each in questions:
        size.learn(each, ceil(each / ratio) + added)
    assert size.most_tokens(question, 500) >= min(ceil(question / ratio) + added, question / LEAST)


def test_what_was_not_counted_teaches_nothing():
    size = learnt(4.0, 4.0)
    size.learn(10_000, 0)
    size.learn(0, 10)
    assert size == learnt(4.0, 4.0)


def test_an_entry_is_allowed_less_where_money_is_short():
    size = EntrySize()
    size.learn(400, 50)
    learnt_too_little = size.usual_tokens
    assert learnt_too_little is None
    size.learn(400, 50)
    assert size.usual_tokens == 10
    assert size.most_tokens == 13


@given(st.lists(st.floats(1.5, 6), min_size=1, max_size=20), st.integers(1, 100_000), st.floats(0, 1))
def test_a_question_within_the_margin_of_those_before_never_has_more_tokens(ratios, size, share):
    known = learnt(*ratios)
    ratio = min(ratios) * (MARGIN + (1 - MARGIN) * share)
    assert size / ratio <= known.most_tokens(size) * 1.001 + 1

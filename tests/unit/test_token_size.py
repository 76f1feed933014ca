"""Bytes a token, learnt from what a provider reported."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.token_size import ENOUGH_ANSWERS, HIGHEST, LEAST, MARGIN, TokenSize


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


def test_what_was_not_counted_teaches_nothing():
    size = learnt(4.0, 4.0)
    size.learn(10_000, 0)
    size.learn(0, 10)
    assert size == learnt(4.0, 4.0)


@given(st.lists(st.floats(1.5, 6), min_size=1, max_size=20), st.integers(1, 100_000), st.floats(0, 1))
def test_a_question_within_the_margin_of_those_before_never_has_more_tokens(ratios, size, share):
    known = learnt(*ratios)
    ratio = min(ratios) * (MARGIN + (1 - MARGIN) * share)
    assert size / ratio <= known.most_tokens(size) * 1.001 + 1

"""Histories of a run for the tests of its mind, and what must hold after each of them."""

import pytest
from hypothesis import strategies as st

KINDS = ["auto", "none", "alphabet", "category", "semantic"]

answers = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from("abc"), st.integers(0, 60), st.integers(0, 60)), max_size=25
)


def told(run, history):
    """Each answer of the history, and now and then a step."""
    for number, (slot, provider, new, repeats) in enumerate(history):
        run.answer(slot, provider, new, list(run.found)[:repeats])
        if number % 3 == 2:
            run.step()
    return run


def assert_weights_are_sound(run):
    for shares in run.mind.weights.values():
        assert sum(shares.values()) == pytest.approx(1, abs=1e-3)
        assert all(0 < share <= 1 for share in shares.values())


def assert_words_are_for_people(decisions):
    for decision in decisions:
        for text in (decision.subject, decision.after, decision.reason):
            assert text.strip()
            assert text.isprintable()
            assert not any(sign in text for sign in "{}<>[]_")
        assert decision.before != decision.after
        assert " " in decision.reason
        assert len(decision.subject) <= 200

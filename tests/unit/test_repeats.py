"""Repeats in an answer: what travels as a key, and when the rest of an answer is not worth hearing."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.link.keys import clean, key_of, parted
from producers.link.messages import FilterUse, GenerationMetadata
from producers.worker.repeats import Listening, Unconfirmed, divided, worth_hearing

METADATA = GenerationMetadata(
    provider="a", prompt_hash="", outcome="complete", started_at=0.0, response_time_ms=1, asked_for=60
)
texts = st.lists(st.sampled_from("abcdefgh") | st.text(max_size=3), max_size=30)


class Everything:
    """A filter that is always wrong, or right."""

    def __contains__(self, key: object) -> bool:
        return True


def known(*entries):
    return {key_of(entry) for entry in entries}


def keys_of(candidates):
    return [key_of(text) for text in map(clean, candidates) if text is not None]


def test_probable_repeats_go_as_keys():
    parts = divided(["Louvre", "Orsay", "LOUVRE"], known("louvre"))
    assert parts.texts == ("Orsay",)
    assert parts.repeats == ((key_of("louvre"), "Louvre"), (key_of("louvre"), "LOUVRE"))


def test_what_cannot_be_an_entry_is_the_engines_to_reject():
    assert divided(["\u200b"], Everything()).texts == ("\u200b",)


@given(texts, st.sets(st.sampled_from("abcdefgh")), st.sets(st.sampled_from("abcdefgh")))
def test_whatever_the_filter_says_nothing_is_lost(candidates, filtered, really_known):
    unconfirmed = Unconfirmed()
    sent = unconfirmed.batch("1", candidates, METADATA, known(*filtered), FilterUse())
    unknown = {key for key in parted(sent.known) if key not in known(*really_known)}
    final = unconfirmed.spelled_out(sent, unknown)
    assert Counter([*keys_of(final.candidates), *parted(final.known)]) == Counter(keys_of(candidates))
    assert len(final.candidates) + len(parted(final.known)) == len(candidates)
    assert set(parted(final.known)) <= known(*really_known)
    assert final.batch_id == sent.batch_id
    assert final.filter is not None
    assert final.filter.asked_back == len(final.candidates) - len(sent.candidates)


def test_a_batch_says_what_the_filter_did():
    batch = Unconfirmed().batch("1", ["a", "b", "c"], METADATA, known("a"), FilterUse(aborted=True, tokens_saved=9))
    assert batch.filter == FilterUse(checked=3, probable=1, aborted=True, tokens_saved=9)


def test_texts_are_kept_until_the_batch_is_committed():
    unconfirmed = Unconfirmed()
    sent = unconfirmed.batch("1", ["a"], METADATA, known("a"), FilterUse())
    assert len(unconfirmed) == 1
    unconfirmed.confirm(["1", "never heard of"])
    assert len(unconfirmed) == 0
    assert unconfirmed.spelled_out(sent, known("a")).candidates == ()


@pytest.mark.parametrize(
    ("in_a_row", "heard", "patience", "worth"),
    [(19, 40, 20, True), (20, 40, 20, False), (20, 45, 20, False), (20, 46, 20, True), (40, 40, None, True)],
    ids=["not yet", "enough", "a quarter is left", "nothing to save", "no patience is given"],
)
def test_an_answer_is_heard_as_long_as_it_is_worth_it(in_a_row, heard, patience, worth):
    assert worth_hearing(in_a_row, heard, 60, patience) is worth


def test_something_new_at_the_tail_makes_it_worth_hearing():
    listening = Listening(known("a"), asked_for=60, patience=3)
    assert [listening.hear([each]) for each in ["a", "a", "new", "a", "a", "a"]] == [True] * 5 + [False]


def test_a_model_in_a_loop_repeats_itself():
    listening = Listening(set(), asked_for=60, patience=3)
    assert listening.hear(["x", "y", "x", "y"])
    assert not listening.hear(["x"])


def test_without_patience_nothing_is_even_looked_at():
    listening = Listening(Everything(), asked_for=60, patience=None)
    assert listening.hear(["a"] * 60)
    assert listening.heard == 0

"""Repeats in an answer: what travels as a key, and when the rest of an answer is not worth hearing."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.link.keys import clean, key_of, parted
from producers.link.messages import FilterUse, GenerationMetadata
from producers.worker.repeats import Listening, Unconfirmed, worth_hearing

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


def heard(candidates, filtered):
    listening = Listening(filtered, 60, None)
    listening.hear(candidates)
    return listening


def sent(candidates, filtered, unconfirmed):
    return unconfirmed.batch("1", heard(candidates, filtered), METADATA, FilterUse())


def textless(batch):
    return parted(batch.keys)[len(batch.candidates) :]


def test_probable_repeats_go_as_keys():
    batch = sent(["Louvre", "Orsay", "LOUVRE"], known("louvre"), Unconfirmed())
    assert batch.candidates == ("Orsay",)
    assert textless(batch) == [key_of("louvre"), key_of("louvre")]


def test_what_cannot_be_an_entry_is_rejected():
    listening = heard(["\u200b", "a"], Everything())
    assert (listening.rejected, listening.heard) == (1, 2)


@given(texts, st.sets(st.sampled_from("abcdefgh")), st.sets(st.sampled_from("abcdefgh")))
def test_whatever_the_filter_says_nothing_is_lost(candidates, filtered, really_known):
    unconfirmed = Unconfirmed()
    first = sent(candidates, known(*filtered), unconfirmed)
    unknown = {key for key in textless(first) if key not in known(*really_known)}
    final = unconfirmed.spelled_out(first, unknown)
    assert Counter(parted(final.keys)) == Counter(keys_of(candidates))
    assert parted(final.keys)[: len(final.candidates)] == keys_of(final.candidates)
    assert set(textless(final)) <= known(*really_known)
    assert final.batch_id == first.batch_id
    assert final.filter is not None
    assert final.filter.asked_back == len(final.candidates) - len(first.candidates)


def test_a_batch_says_what_the_filter_did():
    use = FilterUse(aborted=True, tokens_saved=9)
    batch = Unconfirmed().batch("1", heard(["a", "b", "c"], known("a")), METADATA, use)
    assert batch.filter == FilterUse(checked=3, probable=1, aborted=True, tokens_saved=9)


def test_texts_are_kept_until_the_batch_is_committed():
    unconfirmed = Unconfirmed()
    batch = sent(["a"], known("a"), unconfirmed)
    assert len(unconfirmed) == 1
    unconfirmed.confirm(["1", "never heard of"])
    assert len(unconfirmed) == 0
    assert unconfirmed.spelled_out(batch, known("a")).candidates == ()


@pytest.mark.parametrize(
    ("in_a_row", "heard", "patience", "worth"),
    [
        (19, 40, 20, True),
        (20, 40, 20, False),
        (19, 19, 10, True),
        (20, 20, 10, False),
        (20, 45, 20, False),
        (20, 46, 20, True),
        (40, 40, None, True),
    ],
    ids=[
        "not yet",
        "enough",
        "the first third is not over",
        "it is over",
        "a quarter is left",
        "nothing to save",
        "no patience is given",
    ],
)
def test_an_answer_is_heard_as_long_as_it_is_worth_it(in_a_row, heard, patience, worth):
    assert worth_hearing(in_a_row, heard, 60, patience) is worth


def test_something_new_at_the_tail_makes_it_worth_hearing():
    listening = Listening(known("a"), asked_for=9, patience=3)
    assert [listening.hear([each]) for each in ["a", "a", "new", "a", "a", "a"]] == [True] * 5 + [False]


def test_a_model_in_a_loop_repeats_itself():
    listening = Listening(set(), asked_for=15, patience=3)
    assert listening.hear(["x", "y", "x", "y"])
    assert not listening.hear(["x"])


def test_without_patience_an_answer_is_heard_to_its_end():
    listening = Listening(Everything(), asked_for=60, patience=None)
    assert listening.hear(["a"] * 60)
    assert listening.heard == 60

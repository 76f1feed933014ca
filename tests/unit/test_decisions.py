"""Decisions in words that a person understands."""

from orchestration.logic.decisions import (
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    DecisionKind,
    decided,
    in_words,
    part_in_words,
)


def test_weights_are_read_from_the_largest_on():
    assert in_words({"a": 0.125, "b": 0.875, "c": 0.0}) == "b 88%, a 12%, c 0%"
    assert in_words({}) == ""


def test_a_part_is_read_as_it_is_asked_for():
    assert part_in_words("names beginning with a digit") == "names beginning with a digit"
    assert part_in_words("") == "the whole topic"


def test_a_decision_says_all_that_fits():
    decision = decided(DecisionKind.SPLIT, "A to Z", "open", "A to M; N to Z", "it is rich")
    assert (decision.subject, decision.before, decision.after) == ("A to Z", "open", "A to M; N to Z")
    assert (decision.kind, decision.reason) == ("split", "it is rich")


def test_a_decision_about_very_much_is_shortened():
    decision = decided(DecisionKind.WEIGHTS, *["long " * 2_000] * 4)
    assert len(decision.subject) == LONGEST_SUBJECT
    assert {len(text) for text in (decision.before, decision.after, decision.reason)} == {LONGEST_TEXT}
    assert decision.after.endswith("…")

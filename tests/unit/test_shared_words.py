"""What the engine's logic and the link call the same: neither may import the other."""

from orchestration.logic import asking, prompts
from producers.link import messages


def test_both_sides_have_the_same_words_and_sizes():
    assert (asking.BLIND, prompts.PLAIN) == (messages.BLIND, messages.PLAIN)
    assert (asking.USUAL_SIZE, prompts.DIVISION_COUNT) == (messages.USUAL_SIZE, messages.DIVISION_COUNT)


def test_a_plan_without_more_is_the_same_on_both_sides():
    ours, theirs = asking.Plan("Museums"), messages.Plan(prompt="Museums")
    assert (ours.part, ours.style, ours.request_size) == (theirs.partition, theirs.style, theirs.request_size)
    assert (ours.exclusions, ours.temperature) == (theirs.exclusions, theirs.temperature)


def test_every_style_fits_into_a_message():
    assert all(len(style) <= 30 for style in prompts.STYLES)

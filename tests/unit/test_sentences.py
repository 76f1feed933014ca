"""How topics and runs are told in sentences."""

import pytest

from orchestration.logic.lifecycle import StopReason
from orchestration.models import Run
from orchestration.sentences import ENDINGS, Kind, RunFacts, ending, run_state, topic_sentence


def words(desired, starts, run=None):
    return topic_sentence(desired, starts, run).words


def test_a_topic_is_told_before_its_first_run():
    assert words("stopped", 0) == "It has never been started."
    assert words("running", 1) == "A start was asked for; the engine has not begun it yet."


def test_a_new_start_is_told_although_an_earlier_run_is_over():
    assert "has not begun it yet" in words("running", 2, RunFacts(1, "ended", "target"))


@pytest.mark.parametrize(
    ("desired", "state", "part"),
    [
        ("running", "checking", "being checked"),
        ("running", "running", "has found 1 new entry."),
        ("running", "waiting", "waits for the engine"),
        ("paused", "running", "is being paused"),
        ("paused", "paused", "until someone resumes it"),
        ("stopped", "running", "is being stopped"),
        ("stopped", "paused", "is being stopped"),
    ],
)
def test_a_run_under_way_is_told_by_what_people_want_of_it(desired, state, part):
    assert part in words(desired, 1, RunFacts(1, state, unique=1))


def test_an_end_is_told_with_its_reason():
    budget = RunFacts(1, "ended", "budget", "the budget of 0.5 USD is spent")
    assert words("running", 1, budget) == "It reached its budget: the budget of 0.5 USD is spent."
    failed = topic_sentence("running", 1, RunFacts(1, "failed", "no_usable_provider", "a: no key."))
    assert failed.kind == Kind.BAD
    assert failed.words == "The run failed. No provider could be used: a: no key."


def test_each_reason_to_stop_has_a_sentence_and_an_unknown_one_is_told_as_it_is():
    assert set(ENDINGS) == set(StopReason) - {StopReason.NONE}
    assert ending("odd_reason", "") == "Odd reason."
    assert ending("", "") == "It ended."


def test_each_state_of_a_run_has_words():
    assert {run_state(state).words for state in Run.State} == {
        "Checking providers", "Running", "Paused", "Waiting for the engine", "Ended", "Failed",
    }  # fmt: skip

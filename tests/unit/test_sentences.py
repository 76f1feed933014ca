"""How topics and runs are told in sentences."""

import pytest

from orchestration.logic.lifecycle import StopReason
from orchestration.models import Run
from orchestration.sentences import ENDINGS, RunFacts, StateKind, ending, run_state, topic_headline


def words(desired, starts, run=None):
    return topic_headline(desired, starts, run).words


def test_a_topic_is_told_before_its_first_run():
    assert words("stopped", 0) == "Never started"
    assert words("running", 1) == "Start asked for"
    assert words("paused", 1) == "Paused"


def test_a_new_start_is_told_although_an_earlier_run_is_there():
    assert words("running", 2, RunFacts(1, "ended", "target")) == "Start asked for"
    assert words("running", 2, RunFacts(1, "running")) == "Start asked for"


@pytest.mark.parametrize(
    ("desired", "state", "expected"),
    [
        ("running", "checking", "Checking its providers"),
        ("running", "running", "Running"),
        ("running", "paused", "Resuming"),
        ("running", "waiting", "Waiting for the engine"),
        ("paused", "running", "Pausing"),
        ("paused", "paused", "Paused"),
        ("stopped", "running", "Stopping"),
        ("stopped", "paused", "Stopping"),
    ],
)
def test_a_run_under_way_is_told_by_what_people_want_of_it(desired, state, expected):
    assert words(desired, 1, RunFacts(1, state)) == expected


def test_a_paused_run_says_what_still_comes():
    assert "answers under way still arrive" in topic_headline("paused", 1, RunFacts(1, "paused")).detail


def test_a_run_tells_its_warning():
    told = topic_headline("running", 1, RunFacts(1, "running", warning="four fifths are spent"))
    assert (told.kind, told.detail) == (StateKind.RUNNING, "Four fifths are spent.")


def test_an_end_is_told_with_its_reason():
    budget = topic_headline("running", 1, RunFacts(1, "ended", "budget", "the budget of 0.5 USD is spent"))
    assert (budget.words, budget.detail) == ("Ended", "It reached its budget: the budget of 0.5 USD is spent.")
    failed = topic_headline("running", 1, RunFacts(1, "failed", "no_usable_provider", "a: no key."))
    assert (failed.kind, failed.words) == (StateKind.FAILED, "Failed")
    assert failed.detail == "No provider could be used: a: no key."


def test_each_reason_to_stop_has_a_sentence_and_an_unknown_one_is_told_as_it_is():
    assert set(ENDINGS) == set(StopReason) - {StopReason.NONE}
    assert ending("odd_reason", "") == "Odd reason."
    assert ending("", "") == "It ended."


def test_each_state_of_a_run_has_words():
    assert {run_state(state).words for state in Run.State} == {
        "Checking its providers", "Running", "Paused", "Waiting for the engine", "Ended", "Failed",
    }  # fmt: skip

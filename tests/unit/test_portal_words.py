"""The state of a topic in words, and which buttons are of use, as far as a pause is concerned."""

from dataclasses import replace

import pytest

from orchestration.portal.present import buttons, headline, producer_values
from orchestration.portal.queries import ProducerState, TopicState
from tests.unit.run_states import RUN


def a_run(state="running", number=1, over=False):
    return replace(RUN, state=state, number=number, over=over)


PAUSED = TopicState("Museums", wanted=True, starts=1, paused=True)
RUNNING = TopicState("Museums", wanted=True, starts=1)
STOPPED = TopicState("Museums", wanted=False, starts=1)


@pytest.mark.parametrize(
    ("topic", "run", "kind", "words"),
    [
        (PAUSED, a_run("paused"), "paused", "Paused"),
        (PAUSED, a_run("running"), "waiting", "Pausing"),
        (PAUSED, None, "paused", "Paused"),
        (PAUSED, a_run("ended", over=True), "ended", "Ended"),
        (RUNNING, a_run("paused"), "waiting", "Resuming"),
        (STOPPED, a_run("paused"), "waiting", "Stopping"),
    ],
)
def test_the_state_is_told_in_words(topic, run, kind, words):
    told = headline(topic, run)
    assert (told.kind, told.words) == (kind, words)


@pytest.mark.parametrize(
    ("topic", "run", "of_use"),
    [
        (RUNNING, a_run(), ["start_over", "pause", "stop"]),
        (PAUSED, a_run("paused"), ["start_over", "resume", "stop"]),
        (PAUSED, a_run("ended", over=True), ["start_over", "resume"]),
        (STOPPED, a_run("ended", over=True), ["start_over", "resume"]),
        (TopicState("Museums", wanted=False, starts=0), None, ["start_over"]),
    ],
)
def test_buttons_are_offered_where_they_are_of_use(topic, run, of_use):
    offered = buttons(topic, run)
    assert list(offered) == ["start_over", "pause", "resume", "stop"]
    assert [name for name, button in offered.items() if not button.objection] == of_use


@pytest.mark.parametrize(
    ("topic", "run", "looks"),
    [
        (TopicState("Museums", wanted=False, starts=0), None, ["primary", "plain", "plain", "plain"]),
        (RUNNING, a_run(), ["danger", "primary", "plain", "plain"]),
        (PAUSED, a_run("paused"), ["danger", "plain", "primary", "plain"]),
        (STOPPED, a_run("ended", over=True), ["danger", "plain", "primary", "plain"]),
    ],
)
def test_the_likely_next_step_stands_out_and_what_replaces_the_list_warns(topic, run, looks):
    assert [button.look for button in buttons(topic, run).values()] == looks


WAITING = ProducerState(0, "running", "running", "strong: the topic is paused", "A to F", 0, None)


def test_a_producer_of_a_paused_run_is_paused():
    told = producer_values(WAITING, a_run("paused"))
    assert (told["state"], told["label"], told["detail"]) == ("paused", "Paused", "")
    told = producer_values(WAITING, a_run("running"))
    assert (told["state"], told["label"], told["detail"]) == ("running", "Running", WAITING.detail)
    failed = replace(WAITING, state="failed", state_label="failed", detail="it broke")
    assert producer_values(failed, a_run("paused"))["label"] == "Failed"

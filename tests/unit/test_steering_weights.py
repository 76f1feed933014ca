"""Whom producers ask: weights follow what each provider brings, and what people hold fast stays."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.exploring import Run
from tests.unit.histories import KINDS, answers, assert_weights_are_sound, assert_words_are_for_people, told


@settings(max_examples=20, deadline=None)
@given(answers, st.sampled_from(KINDS), st.sampled_from(["cost", "speed", "balanced"]))
def test_whatever_comes_weights_are_sound_and_decisions_are_words(history, kind, objective):
    run = told(Run("abc", partition=kind, optimise=objective), history)
    decisions = run.step()
    assert_weights_are_sound(run)
    assert_words_are_for_people(decisions)
    assert set(run.mind.assigned.values()) <= set(run.open)


def test_who_brings_more_for_the_money_is_asked_more():
    run = Run("abc")
    run.rounds(12, {"a": 50, "b": 20, "c": 5})
    assert run.share("a") > 0.6
    assert 0 < run.share("c") < 0.2


def test_a_provider_that_collapses_loses_its_weight_within_a_few_steps():
    run = Run("abc")
    run.rounds(12, {"a": 50, "b": 25, "c": 20})
    before = run.share("a")
    decisions = run.rounds(4, {"a": 0, "b": 25, "c": 20})
    assert before > 0.6
    assert run.share("a") < min(before / 2, run.share("b"))
    assert any(decision.kind == "weights" and "to be expected" in decision.reason for decision in decisions)


def test_in_a_dry_stretch_the_dear_one_is_asked_before_the_run_ends():
    run = Run({"cheap": (1e-7, 4e-7), "dear": (1e-4, 4e-4)})
    run.rounds(12, {"cheap": 40, "dear": 40})
    assert run.share("dear") < 0.05
    said = []
    for _ in range(12):
        run.answer(0, "cheap", 0, list(run.found)[:40])
        said += run.step()
    assert run.share("dear") > 0.15
    assert any("each is asked before the run ends" in decision.reason for decision in said)


def test_one_that_recovers_is_found_out_in_time():
    run = Run("ab")
    run.rounds(12, {"a": 0, "b": 30})
    assert run.share("a") < 0.2
    run.rounds(60, {"a": 60, "b": 10})
    assert run.share("a") > 0.5


def test_one_whose_answers_are_empty_but_cost_loses_its_weight():
    run = Run("ab")
    for _ in range(6):
        for slot in range(3):
            run.answer(slot, "a", 0)
            run.answer(slot, "b", 20)
        run.step()
    assert 0 < run.share("a") < 0.2


@pytest.mark.parametrize("objective", ["cost", "speed", "balanced"])
@pytest.mark.parametrize(("cost", "seconds"), [(0.001, 1.0), (0.0, 30.0)])
def test_empty_answers_cost_a_provider_its_weight_for_every_objective(objective, cost, seconds):
    run = Run({"a": (1e-6, 4e-6), "b": (1.1e-6, 4.4e-6)}, optimise=objective, partition="none")
    run.rounds(4, {"a": 50, "b": 30})
    assert run.share("a") > 0.5
    for _ in range(4):
        for slot in range(3):
            run.answer(slot, "a", 0, cost=cost, seconds=seconds)
        run.step()
    assert run.share("a") < 0.05
    assert_weights_are_sound(run)


@pytest.mark.parametrize("objective", ["cost", "speed", "balanced"])
def test_of_two_that_are_free_the_one_that_only_takes_time_loses(objective):
    run = Run({"a": (0.0, 0.0), "b": (0.0, 0.0)}, optimise=objective, partition="none")
    for _ in range(4):
        for slot in range(3):
            run.answer(slot, "a", 0, cost=0.0, seconds=30.0)
            run.answer(slot, "b", 20, cost=0.0, seconds=2.0)
        run.step()
    assert 0 < run.share("a") < 0.05


def test_one_that_is_free_and_says_nothing_does_not_keep_the_paid_one_from_being_asked():
    run = Run({"free": (0.0, 0.0), "paid": (1e-6, 4e-6)}, partition="none")
    assert 0 < run.share("paid") < 0.05
    for _ in range(10):
        for slot in range(3):
            run.answer(slot, "free", 0, cost=0.0, seconds=30.0)
        run.step()
    assert run.share("paid") > 0.9


@pytest.mark.parametrize("objective", ["cost", "speed", "balanced"])
def test_a_provider_that_only_repeats_loses_its_weight_for_every_objective(objective):
    run = Run("ab", optimise=objective, partition="none")
    run.rounds(6, {"a": 50, "b": 40})
    run.rounds(5, {"a": 0, "b": 40})
    assert 0 < run.share("a") < 0.2


def test_one_that_is_out_keeps_its_weight_beside_those_that_share_all():
    run = Run("abc", partition="none")
    run.mind.pinned = {0: {"a": 0.6}}
    run.step()
    before = run.mind.weights[0]["a"]
    run.step(out={"a"})
    shares = run.mind.weights[0]
    assert shares["a"] == before == 0.6
    assert shares["b"] + shares["c"] == pytest.approx(1, abs=1e-3)


def test_pins_that_leave_nothing_leave_the_others_a_little():
    run = Run("abc")
    run.mind.pinned = {0: {"a": 1.0}}
    run.step()
    assert run.mind.weights[0]["a"] == 1.0
    assert 0 < run.mind.weights[0]["b"] < 0.001


def test_pinned_weights_stay():
    run = Run("abc")
    run.mind.pinned = {0: {"c": 0.5}, 1: {"a": 0.0}}
    run.rounds(12, {"a": 50, "b": 20, "c": 0})
    assert (run.mind.weights[0]["c"], run.mind.weights[1]["a"]) == (0.5, 0.0)
    assert run.mind.weights[2]["c"] < 0.2
    assert all(sum(shares.values()) == pytest.approx(1, abs=1e-3) for shares in run.mind.weights.values())


def test_weights_that_are_people_s_to_order_are_left_alone():
    run = Run("ab", steers_weights=False)
    before = {slot: dict(shares) for slot, shares in run.mind.weights.items()}
    decisions = run.rounds(8, {"a": 50, "b": 0})
    assert run.mind.weights == before
    assert not any(decision.kind == "weights" for decision in decisions)


def test_while_one_is_out_the_others_share_all_and_it_comes_back():
    run = Run("abc")
    run.rounds(5, {"a": 50, "b": 20, "c": 20})
    run.step(out={"a"})
    assert all(shares["b"] + shares["c"] == pytest.approx(1, abs=1e-3) for shares in run.mind.weights.values())
    run.step()
    assert_weights_are_sound(run)


def test_while_all_are_out_nobody_is_forgotten():
    run = Run("ab")
    run.mind.pinned = {0: {"a": 0.3}}
    run.step(out={"a", "b"})
    assert all(shares.keys() == {"a", "b"} for shares in run.mind.weights.values())


def test_small_changes_are_not_worth_a_decision():
    run = Run("ab", partition="none")
    run.rounds(12, {"a": 30, "b": 30})
    assert run.rounds(3, {"a": 30, "b": 30}) == []

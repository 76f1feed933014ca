"""The mind of a run: how it begins, when it decides, and what must hold whatever happens."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.logic.asking import BLIND, Outcome
from orchestration.logic.parts import WHOLE
from orchestration.logic.steering import LEAST_SECONDS
from orchestration.logic.trimming import Purse
from tests.unit.exploring import Run
from tests.unit.histories import KINDS, answers, assert_weights_are_sound, assert_words_are_for_people, told

# How a run begins


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("slots", [1, 3, 9])
def test_everyone_has_something_to_ask_for_and_someone_to_ask(kind, slots):
    run = Run(slots=slots, partition=kind)
    assert set(run.mind.assigned) == set(range(slots))
    assert set(run.mind.assigned.values()) <= set(run.open)
    assert_weights_are_sound(run)


@pytest.mark.parametrize("kind", KINDS)
def test_together_the_open_parts_have_every_name(kind):
    run = Run(partition=kind)
    parts = [run.mind.tree.get(words).part for words in run.open]
    assert all(any(part.fits(name) for part in parts) for name in ("Louvre", "Əli", "7", "漢字", "", "?"))


def test_ranges_are_shared_out_among_the_producers():
    run = Run(slots=4, partition="alphabet")
    assert len(set(run.mind.assigned.values())) == 4
    assert WHOLE.words not in run.open


def test_without_a_division_everyone_asks_for_the_whole():
    run = Run(slots=4, partition="none")
    assert set(run.mind.assigned.values()) == {WHOLE.words}
    run.rounds(10, {"a": 5, "b": 5})
    assert run.open == [WHOLE.words]


def test_while_nothing_is_known_who_costs_less_is_asked_more():
    run = Run({"cheap": (1e-7, 4e-7), "dear": (1e-5, 4e-5)})
    assert run.share("cheap") > 0.7
    assert run.share("dear") > 0


def test_weights_that_people_gave_are_where_it_begins():
    given_weights = {slot: {"a": 0.9, "b": 0.1} for slot in range(3)}
    assert Run(weights=given_weights).mind.weights == given_weights


def test_without_producers_or_providers_nothing_breaks():
    for run in (Run([], 3), Run(["a"], 0), Run([], 0)):
        run.mind.record(Outcome(0, "a", "", "plain", 60, [(1, "x")], [], 0.0, 0.0))
        run.mind.take_probe()
        run.step()


# Whatever comes


def outcome(**said):
    plain = Outcome(0, "a", "", "plain", 60, [(1, "Louvre")], [(2, "Orsay")], 0.001, 1.0)
    return replace(plain, **said)


STRANGE = [
    outcome(provider="unknown"),
    outcome(part="of an earlier division"),
    outcome(style="of an earlier version"),
    outcome(style=""),
    outcome(slot=99),
    outcome(asked=0),
    outcome(asked=10**9),
    outcome(new=[], repeats=[]),
    outcome(cost=0.0, seconds=0.0),
    outcome(cost=1e9, seconds=1e9),
    outcome(temperature=7.5),
    outcome(repeats=[(3, ""), (3, ""), (4, "")]),
    outcome(new=[(5, "x" * 200)], repeats=[(5, "x" * 200)]),
    outcome(style=BLIND, probe=True),
    outcome(style=BLIND, part="names beginning with a digit"),
]


@pytest.mark.parametrize("strange", STRANGE, ids=lambda each: f"{each.provider} {each.style} {each.part}")
@pytest.mark.parametrize("objective", ["cost", "speed", "balanced"])
def test_strange_outcomes_do_not_break_the_mind(strange, objective):
    run = Run({"a": (0.0, 0.0), "b": (1e-6, 4e-6)}, optimise=objective)
    for _ in range(4):
        run.mind.record(strange)
        assert_words_are_for_people(run.step())
        assert run.mind.plan(0, "a").request_size >= 1
        run.mind.coherence(strange.part, ["Louvre"], [1, 2])
        run.mind.take_probe()
    assert_weights_are_sound(run)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(STRANGE), max_size=20), st.sampled_from(KINDS))
def test_no_mix_of_them_does(outcomes, kind):
    run = Run({"a": (0.0, 0.0), "b": (0.0, 0.0)}, partition=kind)
    for each in outcomes:
        run.mind.record(each)
        run.step()
    assert_weights_are_sound(run)


def test_entries_that_come_as_keys_are_excluded_once_they_are_named():
    run = Run({"a": (1e-7, 4e-5)}, slots=1, partition="none")
    for _ in range(3):
        run.mind.record(outcome(new=[], repeats=[(3, ""), (4, "")]))
    assert run.mind.nameless() == {3, 4}
    assert run.mind.plan(0, "a").exclusions == ()
    run.mind.name({3: "Orsay", 99: "never heard of"})
    run.answer(0, "a")
    assert run.mind.nameless() == {4}
    assert run.mind.plan(0, "a").exclusions == ("Orsay",)


# When


def test_without_news_nothing_is_decided():
    run = Run(interval=15.0)
    assert not run.mind.due(1_000.0)
    run.answer(0, "a", 20)
    assert run.mind.due(0.0)


def test_a_step_is_due_after_its_interval_or_sooner_when_much_came():
    run = Run(interval=15.0)
    run.answer(0, "a", 20)
    run.mind.step(100.0)
    run.answer(0, "a", 20)
    assert not run.mind.due(101.0)
    assert run.mind.due(115.0)
    for _ in range(10):
        run.answer(0, "a", 20)
    assert run.mind.due(101.0)
    assert not run.mind.due(100.0 + LEAST_SECONDS / 2)


# Again


@settings(max_examples=20, deadline=None)
@given(answers, st.sampled_from(KINDS))
def test_the_same_history_leads_to_the_same_plans_weights_and_decisions(history, kind):
    one, other = (told(Run("abc", partition=kind), history) for _ in range(2))
    assert one.beliefs() == other.beliefs()


def test_a_mind_that_is_fed_the_requests_again_thinks_alike():
    """After a restart there are no plans and no steps to replay: expectations must not depend on them."""
    run, again = Run("abc", partition="none"), Run("abc", partition="none", begin=False)
    for number in range(40):
        run.answer(number % 3, "abc"[number % 3], (50, 20, 2)[number % 3], list(run.found)[-10:])
    run.step()
    texts = iter(sorted(run.found.items()))
    seen: list[tuple[int, str]] = []
    for number in range(40):
        new = [next(texts) for _ in range((50, 20, 2)[number % 3])]
        repeats = seen[-10:] if seen else []
        seen += new
        again.mind.record(Outcome(number % 3, "abc"[number % 3], "", "plain", 60, new, repeats, 0.001, 1.0))
    again.mind.begin()
    again.step()
    assert again.mind.entries == run.mind.entries
    for slot in range(3):
        assert again.mind.weights[slot] == pytest.approx(run.mind.weights[slot], abs=0.1)


def test_with_little_money_left_a_plan_has_fewer_exclusions_until_it_has_served():
    run = Run(slots=1, partition="none")
    run.rounds(6, {"a": 20, "b": 20})
    whole = run.mind.plan(0, "a")
    assert whole.exclusions
    rich, poor, broke = (Purse(usd, 1e-6, 1e-5) for usd in (1.0, 0.0015, 0.0))
    assert run.mind.trim(0, "a", rich) is None
    trimmed = run.mind.trim(0, "a", poor)
    assert trimmed is not None
    assert set(trimmed.excluded) < set(whole.excluded)
    assert [run.found[entry] for entry in trimmed.excluded] == list(trimmed.exclusions)
    assert run.mind.trim(0, "a", poor) == run.mind.plan(0, "a") == trimmed
    assert run.mind.trim(0, "a", broke) == run.mind.plan(0, "a")
    assert run.mind.plan(0, "a").exclusions == ()
    assert run.mind.trim(0, "a", rich) is None
    assert run.mind.plan(0, "a") == whole
    run.answer(0, "a", 5)
    assert run.mind.plan(0, "a").exclusions

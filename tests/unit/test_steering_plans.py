"""How producers ask: plans, what is excluded, and blind probes."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.logic.asking import BLIND
from orchestration.logic.prospects import SIZES
from tests.unit.exploring import Run
from tests.unit.histories import answers, told


def test_a_plan_begins_with_what_never_changes_and_names_its_part_last():
    run = Run(slots=3, partition="alphabet")
    plans = [run.mind.plan(slot, "a") for slot in range(3)]
    for slot, plan in enumerate(plans):
        assert plan.part == run.mind.assigned[slot]
        assert plan.prompt.startswith(run.mind.blind_prompt())
        assert plan.prompt.endswith(f"{plan.part}.")
    assert run.mind.blind_prompt() == run.mind.prompt_of("")


def test_a_plan_stays_until_its_answer_has_come():
    run = Run()
    plan = run.mind.plan(0, "a")
    run.answer(1, "a", 20)
    run.answer(0, "b", 20)
    assert run.mind.plan(0, "a") is plan
    run.answer(0, "a", 20)
    assert run.mind.plan(0, "a") is not plan


@settings(max_examples=20, deadline=None)
@given(answers, st.integers(1, 300))
def test_plans_keep_to_their_bounds(history, size):
    run = told(Run("abc", request_size=size, takes_temperature=True), history)
    for slot in range(3):
        plan = run.mind.plan(slot, "a")
        assert 1 <= plan.request_size <= max(*SIZES, size)
        assert plan.temperature is None or 0 <= plan.temperature <= 2
        assert len(plan.excluded) == len(plan.exclusions)
        assert [run.found[entry] for entry in plan.excluded] == list(plan.exclusions)


def test_a_model_that_takes_no_temperature_is_given_none():
    run = Run("ab")
    assert {run.answer(slot, "a", 10).temperature for _ in range(60) for slot in range(3)} == {None}


def test_styles_sizes_and_temperatures_are_tried():
    run = Run("a", takes_temperature=True, partition="none")
    plans = [run.answer(slot, "a", 30, range(1, 20)) for _ in range(60) for slot in range(3)]
    for tried in ("style", "request_size", "temperature"):
        assert len({getattr(plan, tried) for plan in plans}) > 1


def repeating(obeys, token_in=1e-7):
    """A provider that names the same entries again and again, unless it is told not to and listens."""
    run = Run({"a": (token_in, 4e-6)}, slots=1, partition="none")
    run.answer(0, "a", 40)
    lists = []
    for _ in range(25):
        plan = run.mind.plan(0, "a")
        lists.append(plan.excluded)
        run.answer(0, "a", 0, [entry for entry in range(1, 41) if not obeys or entry not in plan.excluded])
    return lists


def test_what_comes_again_is_excluded_and_the_order_of_the_list_is_stable():
    lists = repeating(obeys=True)
    assert len(lists[3]) > 20
    for before, after in pairwise(lists[3:]):
        kept = [entry for entry in before if entry in after]
        assert list(after[: len(kept)]) == kept or len(kept) < 0.75 * len(before)


def test_what_a_provider_does_not_heed_it_is_told_less():
    deaf, obedient = (repeating(obeys, token_in=1e-5)[3:] for obeys in (False, True))
    assert sum(map(len, deaf)) < sum(map(len, obedient)) / 2


def test_exclusions_belong_to_the_part_that_is_asked_for():
    run = Run("a", slots=3, partition="alphabet")
    run.rounds(8, {"a": 20})
    for slot in range(3):
        plan = run.mind.plan(slot, "a")
        part = run.mind.part_of(slot)
        assert all(part.fits(text) is not False for text in plan.exclusions)


# Blind probes


def test_a_probe_says_nothing_of_weights_parts_and_exclusions():
    run = Run("ab", partition="none")
    for slot in range(3):
        run.answer(slot, "a", 20)
    expected = run.mind.yields.part_novelty(""), run.mind.tree.get("").requests
    run.answer(0, "a", 0, range(1, 20), style=BLIND, probe=True)
    assert (run.mind.yields.part_novelty(""), run.mind.tree.get("").requests) == expected


def test_every_provider_is_probed_but_nobody_who_is_out():
    run = Run("abc", partition="none")
    probed = []
    for _ in range(300):
        run.answer(0, "a", 20, style="lesser_known", cost=0.01)
        if (name := run.mind.take_probe(out={"c"})) is not None:
            probed.append(name)
            run.answer(0, name, 1, style=BLIND, probe=True, cost=0.001)
    assert set(probed) == {"a", "b"}
    assert len(probed) >= 10
    assert "c" not in probed

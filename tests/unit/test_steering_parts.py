"""What becomes of the parts of a run when people leave some out, and when they choose another way to divide."""

import pytest

from orchestration.logic import partitions
from orchestration.logic.asking import KnownPart, Outcome
from orchestration.logic.parts import WHOLE, category, cluster
from orchestration.logic.tree import PartState
from tests.unit.exploring import Run

DIVISIONS = ["Art", "Science", "War", "Trade"]


def split_run():
    """A run by alphabet, of which some ranges are split."""
    run = Run("ab", slots=2, partition="alphabet")
    run.rounds(30, {"a": 20, "b": 20})
    words = next(node.part.words for node in run.mind.tree if node.state == PartState.SPLIT and node.part.words)
    return run, run.mind.tree.get(words).part


def known(run):
    """The parts as they are kept."""
    return [
        KnownPart(node.part, node.parent, node.state, node.by_person, node.left_out)
        for node in run.mind.tree
        if node.part.words
    ]


def resumed(parts, kind, slots=3):
    run = Run("ab", slots=slots, partition=kind, begin=False)
    run.mind.restore(parts)
    run.mind.begin()
    return run


# Left out


def test_what_a_part_was_split_into_is_left_out_and_comes_back_with_it():
    run, part = split_run()
    below = run.mind.tree.below(part.words)
    open_before = set(run.open)
    assert len(below) > 1
    [decision] = run.mind.adopt([KnownPart(part, left_out=True)])
    assert decision.kind == "retired"
    assert open_before - set(run.open) == open_before & set(below)
    [decision] = run.mind.adopt([KnownPart(part)])
    assert decision.kind == "reopened"
    assert open_before <= set(run.open)
    assert run.state(part.words) == PartState.SPLIT


def test_after_a_restart_they_are_left_out_still():
    run, part = split_run()
    below = set(run.mind.tree.below(part.words))
    again = resumed(
        [KnownPart(each.part, each.parent, each.state, left_out=each.part == part) for each in known(run)], "alphabet"
    )
    assert not below & set(again.open)
    again.mind.adopt([KnownPart(part)])
    assert below & set(again.open)


def test_a_child_that_is_left_out_for_itself_stays_out():
    run, part = split_run()
    child = run.mind.tree.get(run.mind.tree.below(part.words)[0]).part
    run.mind.adopt([KnownPart(part, left_out=True), KnownPart(child, part.words, left_out=True)])
    run.mind.adopt([KnownPart(part), KnownPart(child, part.words, left_out=True)])
    assert child.words not in run.open


def test_a_child_that_is_wanted_again_waits_for_what_it_was_split_from():
    run, part = split_run()
    child = run.mind.tree.get(run.mind.tree.below(part.words)[0]).part
    run.mind.adopt([KnownPart(part, left_out=True), KnownPart(child, part.words, left_out=True)])
    assert run.mind.adopt([KnownPart(part, left_out=True), KnownPart(child, part.words)]) == []
    assert child.words not in run.open


def test_plans_for_what_is_left_out_are_dropped_at_once_and_producers_move_without_news():
    run = Run("ab", slots=3, partition="alphabet")
    words = run.mind.assigned[0]
    run.mind.step(100.0)
    assert run.mind.plan(0, "a").part == words
    assert not run.mind.due(200.0)
    run.mind.adopt([KnownPart(run.mind.tree.get(words).part, left_out=True)])
    assert run.mind.plan(0, "a").part in run.open
    assert run.mind.due(100.0)
    run.mind.step(100.0)
    assert run.mind.assigned[0] in run.open
    assert not run.mind.due(200.0)


def test_what_nobody_asks_for_may_be_left_out_in_silence():
    run = Run("ab", slots=1, partition="alphabet")
    run.mind.step(100.0)
    unused = next(words for words in run.open if words not in run.mind.assigned.values())
    run.mind.adopt([KnownPart(run.mind.tree.get(unused).part, left_out=True)])
    assert not run.mind.due(200.0)


def test_a_part_that_people_added_comes_back_after_a_run_without_it():
    bridges = KnownPart(category("Bridges"), state=PartState.RETIRED, by_person=True)
    assert bridges.part.words in resumed([bridges], "none").open


# Answered with nothing


def test_a_part_that_is_answered_with_nothing_is_left_for_another():
    run = Run("a", slots=1, partition="alphabet")
    silent = run.mind.assigned[0]
    asked_for = []
    for _ in range(20):
        part = run.mind.assigned[0]
        asked_for.append(part)
        run.answer(0, "a", 0 if part == silent else 20)
        run.step()
    assert asked_for.count(silent) <= 4


# Another way to divide


def engine_made():
    """Ranges, categories and clusters, as different settings have left them."""
    run = Run("ab", slots=3, partition="alphabet")
    run.mind.divide(DIVISIONS, "a")
    run.mind.cluster([["Orsay"], ["Seine"]])
    return known(run)


@pytest.mark.parametrize("kind", partitions.KINDS)
def test_parts_of_another_way_to_divide_are_retired_and_people_s_stay(kind):
    bridges = category("Bridges")
    run = resumed([*engine_made(), KnownPart(bridges, by_person=True)], kind)
    kinds = {run.mind.tree.get(words).part.kind for words in run.open if words != bridges.words} - {"all"}
    assert kinds == set(partitions.KINDS[kind])
    assert bridges.words in run.open
    assert (WHOLE.words in run.open) == partitions.keeps_whole(kind)


def test_ranges_are_asked_for_again_when_people_choose_the_alphabet_again():
    before = resumed(engine_made(), "alphabet")
    after = resumed(known(resumed(known(before), "none")), "alphabet")
    assert set(after.open) == set(before.open)


def test_ranges_that_another_setting_retired_are_not_looked_at_again():
    run = resumed(engine_made(), "none")
    run.rounds(40, {"a": 0, "b": 0})
    assert run.open == [WHOLE.words]


def test_all_categories_left_out_leave_the_whole_and_no_wish_for_others():
    run = Run("ab", partition="category")
    run.mind.divide(DIVISIONS, "a")
    run.mind.adopt([KnownPart(each.part, left_out=True) for each in known(run)])
    assert run.open == [WHOLE.words]
    assert run.state(WHOLE.words) == PartState.OPEN
    for _ in range(2):
        run = resumed(known(run), "category")
        run.step()
        assert run.open == [WHOLE.words]
        assert not run.mind.division_wanted
    run.mind.adopt([KnownPart(category("Art"))])
    assert run.open == [category("Art").words]


def test_a_cluster_of_an_earlier_clustering_is_not_looked_at_again():
    run = Run("ab", partition="semantic")
    run.mind.cluster([["Orsay"], ["Seine"]])
    run.mind.cluster([["Louvre"], ["Marne"]])
    run.rounds(40, {"a": 0, "b": 0})
    assert cluster(["Orsay"]).words not in run.open


# Names


def test_the_names_of_a_provider_that_is_not_chosen_any_more_are_remembered():
    run = Run("ab", partition="none")
    run.mind.record(Outcome(0, "gone", "", "plain", 60, [(1, "Louvre")], [], 0.0, 1.0))
    assert (run.mind.entries, run.mind.names) == (1, ("Louvre",))

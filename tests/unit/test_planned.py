"""With which plan an answer was asked for, as far as that can be told."""

from dataclasses import replace
from functools import partial

from orchestration.logic.asking import Outcome, Plan
from orchestration.logic.planned import Planned


def outcome(part="", style="plain"):
    return Outcome(0, "a", part, style, 60, [], [], 0.0, 1.0)


def asked(*plans):
    """Each plan was in force until the next."""
    planned = Planned()
    for plan in plans:
        planned.drop([0])
        planned.get(0, "a", partial(replace, plan))
    return planned


def test_a_plan_stays_until_it_has_served():
    planned = Planned()
    first = planned.get(0, "a", lambda: Plan("one"))
    assert planned.get(0, "a", lambda: Plan("two")) is first
    planned.answered(outcome())
    assert planned.get(0, "a", lambda: Plan("two")).prompt == "two"


def test_what_the_plan_asked_with_excluded_counts_and_not_what_the_one_in_force_does():
    before = Plan("one", "A", excluded=(1, 2))
    planned = asked(before, Plan("two", "B", excluded=(3,)))
    assert planned.answered(outcome("A")) == (1, 2)


def test_of_several_that_it_may_have_been_asked_with_only_what_all_excluded_is_sure():
    planned = asked(Plan("one", excluded=(1, 2)), Plan("one", excluded=(2, 1, 3)))
    assert planned.answered(outcome()) == (2, 1)


def test_a_plan_of_long_ago_does_not_count():
    planned = asked(Plan("one"), *[Plan("one", excluded=(1,))] * 3)
    assert planned.answered(outcome()) == (1,)


def test_an_answer_that_no_plan_led_to_was_told_nothing():
    planned = asked(Plan("one", excluded=(1,)))
    assert planned.answered(outcome(style="blind")) == ()
    assert Planned().answered(outcome()) == ()


def test_only_plans_for_parts_that_are_asked_for_are_kept():
    planned = asked(Plan("one", "A"))
    planned.keep_parts(["A"])
    assert planned.get(0, "a", lambda: Plan("two", "B")).prompt == "one"
    planned.keep_parts(["B"])
    assert planned.get(0, "a", lambda: Plan("two", "B")).prompt == "two"


def test_a_trimmed_plan_is_in_force_until_it_has_served_and_is_made_of_the_whole_one_each_time():
    planned = asked(Plan("one", excluded=(1, 2, 3)))
    assert planned.trim(0, "a", lambda plan: replace(plan, excluded=plan.excluded[:1])).excluded == (1,)
    assert planned.get(0, "a", lambda: Plan("two")).excluded == (1,)
    assert planned.trim(0, "a", lambda plan: replace(plan, excluded=plan.excluded[1:])).excluded == (2, 3)
    assert planned.trim(0, "a", lambda plan: plan) is None
    assert planned.answered(outcome()) == (), "it may have been asked with any of them"
    assert planned.get(0, "a", lambda: Plan("two")).prompt == "two"


def test_a_plan_of_which_nothing_is_trimmed_is_the_same_one():
    planned = asked(Plan("one", excluded=(1,)))
    for _ in range(5):
        planned.trim(0, "a", lambda plan: plan)
    assert planned.answered(outcome()) == (1,)

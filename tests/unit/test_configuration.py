"""What a producer is told, and the questions that it leads to."""

from producers.link.messages import BLIND, GenerationConfig, Plan, UpdateConfiguration
from producers.worker.configuration import assignment_of, division_for, question_for, updated
from tests.unit.working import start

PLANNED = Plan(
    prompt="Name art museums.", partition="entries of the category Art", style="anchors", exclusions=("Orsay",),
    request_size=90, temperature=1.2,
)  # fmt: skip


def assigned(**plans):
    return updated(assignment_of(start("a", "b", seed=3)), UpdateConfiguration(plans=plans))


def test_a_provider_is_asked_by_its_plan():
    question = question_for(assigned(a=PLANNED), "a")
    assert (question.topic, question.prompt, question.count) == ("museums", "Name art museums.", 90)
    assert (question.partition, question.style, question.exclusions) == (PLANNED.partition, "anchors", ("Orsay",))
    assert (question.temperature, question.seed, question.purpose) == (1.2, 3, "entries")
    assert not question.probe


def test_without_a_plan_a_provider_is_asked_in_the_producers_own_words():
    question = question_for(assigned(a=PLANNED), "b")
    assert (question.prompt, question.exclusions, question.style) == ("Name museums.", ("Louvre",), "plain")
    assert (question.count, question.temperature, question.probe) == (60, None, False)


def test_a_blind_question_leaves_the_plan_aside():
    question = question_for(assigned(a=PLANNED), "a", blind=True)
    assert (question.prompt, question.exclusions, question.partition) == ("Name museums.", (), "")
    assert (question.style, question.temperature, question.probe) == (BLIND, None, True)


def test_what_happens_to_be_asked_in_plain_words_for_the_whole_topic_is_a_probe():
    assert question_for(assigned(a=Plan(prompt="Name museums.")), "a").probe
    for guided in (
        Plan(prompt="", partition="A"), Plan(prompt="", exclusions=("x",)),
        Plan(prompt="", style="anchors"), Plan(prompt="", temperature=1.0),
    ):  # fmt: skip
        assert not question_for(assigned(a=guided), "a").probe


def test_a_producer_with_a_part_of_its_own_makes_no_probe_of_it():
    assignment = updated(assigned(), UpdateConfiguration(generation=GenerationConfig(partition="A to F")))
    assert not question_for(assignment, "a", blind=True).probe


def test_a_division_is_asked_for_in_the_words_of_the_engine():
    question = division_for(assigned(a=PLANNED), "Divide this topic.")
    assert (question.text, question.purpose) == ("Divide this topic.", "division")
    assert (question.exclusions, question.partition, question.probe) == ((), "", False)


def test_plans_that_are_not_named_stay():
    other = Plan(prompt="Name small ones.")
    assert assigned(a=PLANNED, b=other).plans == {"a": PLANNED, "b": other}
    after = updated(assigned(a=PLANNED, b=other), UpdateConfiguration(plans={"a": other}))
    assert after.plans == {"a": other, "b": other}
    assert updated(after, UpdateConfiguration(plans={})).plans == after.plans


def test_what_a_message_does_not_say_stays():
    before = assigned(a=PLANNED)
    assert updated(before, UpdateConfiguration()) == before
    after = updated(before, UpdateConfiguration(prompt="Others.", exclusions=(), provider_weights={"a": 0.5}))
    assert (after.prompt, after.exclusions, after.provider_weights) == ("Others.", (), {"a": 0.5})
    assert (after.plans, after.generation, after.topic) == (before.plans, before.generation, before.topic)

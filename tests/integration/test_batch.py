"""Batch mode's topic, as the command line describes it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from orchestration.batch import BadTopic, BatchTopic, prepare_topic
from orchestration.choosing import BadSpec, chosen_for
from orchestration.logic.lifecycle import Limits
from producers.models import Provider, TopicProvider
from tests.factories import ProviderFactory, RunFactory, TopicFactory
from topics.models import Topic

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]

PLAIN = BatchTopic(name="Paris attractions", limits=Limits())


def prepared(**changes):
    return Topic.objects.get(pk=prepare_topic(replace(PLAIN, **changes)).topic_id)


def test_a_topic_is_written_as_a_person_would_in_the_portal():
    topic = prepared(
        prompt="Name places.", routing="priority", partition="none", optimise="speed", request_size=20,
        limits=Limits(100, Decimal("1.5"), 2.5, 3), providers=["simulated:strong=0.5"],
    )  # fmt: skip
    assert (topic.name, topic.folder, topic.prompt) == ("Paris attractions", "paris_attractions", "Name places.")
    assert (topic.routing, topic.partition, topic.optimise) == ("priority", "none", "speed")
    assert (topic.request_size, topic.iterations, topic.target) == (20, 3, 100)
    assert (topic.budget_usd, topic.minutes) == (Decimal("1.5"), 2.5)
    assert [(each.provider.name, each.weight) for each in chosen_for(topic)] == [("simulated:strong", 0.5)]
    assert (topic.desired_state, topic.starts, topic.replace_list) == ("running", 1, True)


def test_a_topic_of_the_portal_keeps_what_the_command_does_not_mention():
    topic = TopicFactory(name=PLAIN.name, prompt="Mine.", producer_count=9, request_size=7, budget_usd=Decimal(5))
    provider = ProviderFactory(kind="simulated", model="cheap")
    TopicProvider.objects.create(topic=topic, provider=provider)
    wish = prepare_topic(replace(PLAIN, routing="backoff", limits=Limits(target=3)))
    topic.refresh_from_db()
    assert (topic.prompt, topic.producer_count, topic.request_size, topic.routing) == ("Mine.", 9, 7, "backoff")
    assert (topic.budget_usd, topic.target) == (Decimal(5), None)
    assert [each.provider for each in chosen_for(topic)] == [provider]
    assert wish.limits == Limits(target=3)


def begun(topic):
    return RunFactory(topic=topic, number=topic.starts, list_number=topic.starts)


def test_a_topic_whose_run_has_ended_is_asked_to_start_again():
    first = prepared()
    RunFactory(topic=first, number=1, list_number=1, over=True)
    again = prepared(prompt="Name others.")
    assert (again.pk, again.folder, again.starts, again.prompt) == (first.pk, first.folder, 2, "Name others.")


def test_a_run_that_a_crash_cut_short_is_gone_on_with():
    topic = prepared()
    begun(topic)
    wish = prepare_topic(PLAIN)
    assert wish.goes_on
    assert Topic.objects.get().starts == 1


def test_to_resume_continues_the_list():
    RunFactory(topic=prepared(), number=1, list_number=1, over=True)
    topic = prepared(resume=True)
    assert (topic.replace_list, topic.starts) == (False, 2)


def test_to_resume_what_a_crash_cut_short_goes_on_with_its_run_and_so_with_its_budget():
    begun(prepared(limits=Limits(budget_usd=Decimal("0.15"))))
    wish = prepare_topic(replace(PLAIN, resume=True, limits=Limits(budget_usd=Decimal("0.2"))))
    topic = Topic.objects.get()
    assert (topic.desired_state, topic.starts) == ("running", 1)
    assert wish.goes_on
    assert wish.limits == Limits(budget_usd=Decimal("0.2"))


def test_to_resume_a_start_over_that_a_crash_cut_short_before_its_first_answer_keeps_the_list():
    RunFactory(topic=prepared(), number=1, list_number=1, over=True)
    RunFactory(topic=prepared(), number=2, list_number=0)
    topic = prepared(resume=True)
    assert (topic.desired_state, topic.replace_list, topic.starts) == ("running", False, 2)


def test_to_resume_what_was_asked_for_and_never_begun_has_a_run_of_its_own():
    RunFactory(topic=prepared(), number=1, list_number=1, over=True)
    prepared()
    topic = prepared(resume=True)
    assert (topic.desired_state, topic.replace_list, topic.starts) == ("running", False, 3)


@pytest.mark.parametrize(("resume", "starts"), [(False, 2), (True, 1)])
def test_a_topic_that_is_paused_in_the_portal_is_explored_all_the_same(resume, starts):
    begun(prepared())
    Topic.objects.pause()
    topic = prepared(resume=resume)
    assert (topic.desired_state, topic.starts) == ("running", starts)


@pytest.mark.parametrize("name", ["  Paris\t attractions\n", "Paris attractions"])
def test_blanks_around_and_within_a_name_make_no_other_topic(name):
    assert prepared().pk == prepared(name=name).pk


def test_composed_and_decomposed_letters_are_the_same_name():
    assert prepared(name="Cafe\u0301s").pk == prepared(name="Cafés").pk


def test_names_that_fold_alike_get_folders_of_their_own():
    folders = [prepared(name=name).folder for name in ("Sci-Fi", "Sci Fi", "sci/fi")]
    assert folders == ["sci_fi", "sci_fi_2", "sci_fi_3"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "!!!"}, "at least one letter or digit"),
        ({"name": ""}, "blank|at least one letter"),
        ({"name": "x" * 201}, "200 characters"),
        ({"name": "Caf\udce9s"}, "UTF-8"),
        ({"prompt": "caf\udce9s"}, "UTF-8"),
        ({"prompt": "a\0b"}, "NUL"),
        ({"request_size": 1_001}, "1000"),
        ({"limits": Limits(budget_usd=Decimal("1e12"))}, "digits"),
        ({"routing": "random"}, "not a valid choice"),
    ],
)
def test_a_topic_that_cannot_be_explored_is_refused_with_what_to_change(changes, words):
    with pytest.raises(BadTopic, match=words):
        prepare_topic(replace(PLAIN, **changes))
    assert not Topic.objects.exists()


def test_a_bad_spec_leaves_the_topic_as_it_was():
    prepared(prompt="First.")
    with pytest.raises(BadSpec):
        prepared(prompt="Second.", providers=["nobody"])
    topic = Topic.objects.get()
    assert (topic.prompt, topic.starts) == ("First.", 1)


def test_a_budget_needs_the_price_of_every_provider():
    with pytest.raises(BadTopic, match="a price for openai:made-up: state it with --rate"):
        prepared(limits=Limits(budget_usd=Decimal(1)), providers=["openai:made-up", "simulated:strong"])
    assert not Topic.objects.exists()
    assert not Provider.objects.filter(kind="openai").exists()


def test_a_price_that_is_stated_will_do_even_if_it_is_nothing():
    prepared(limits=Limits(budget_usd=Decimal(1)), providers=["openai:made-up"], rates=["openai:made-up=0/0"])
    assert Provider.objects.get(name="openai:made-up").input_rate == 0


def test_without_a_budget_no_price_is_needed():
    ProviderFactory(vendor=True, model="made-up")
    assert prepared().starts == 1

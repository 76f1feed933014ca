"""What steers a run, with real processes: weights that follow the yield, and what people change while it goes on."""

import pytest

from orchestration.models import Decision, Request
from producers.models import ProviderWeight
from tests.acceptance.support import texts, until, wish
from tests.acceptance.wholeness import assert_whole
from tests.fakes.dialects import ANTHROPIC
from tests.fakes.replies import Streamed
from tests.fakes.server import ScriptedServer
from topics.models import Topic, TopicPartition

pytestmark = pytest.mark.django_db(transaction=True)

CATEGORIES = ("Museums", "Parks and gardens", "Bridges")
COLLAPSED_AFTER = 12


def question(request) -> str:
    return " ".join(str(message["content"]) for message in request["messages"])


def named(*entries):
    return Streamed(tuple(f"{entry}\n" for entry in entries), usage=(200, 10 * len(entries)))


def endless(kind):
    """A model that always has twenty more."""
    return lambda number, request: named(*(f"{kind} {number * 20 + place}" for place in range(20)))


def collapsing(number, request):
    """One that has nothing new to say after a while."""
    return endless("Rue")(min(number, COLLAPSED_AFTER), request)


def dividing(number, request):
    return named(*CATEGORIES) if "Divide this topic" in question(request) else endless("Rue")(number, request)


def share_of(name: str) -> float:
    """The mean weight of a provider, over the producers."""
    weights = list(ProviderWeight.objects.filter(provider__name=name).values_list("weight", flat=True))
    return sum(weights) / len(weights)


def explore(igentai, environ, *more):
    return igentai.start(
        *("--topic", "Paris streets", "-n", 2, "--iterations", 100_000, "--request-size", 20, "--json", *more),
        environ=environ,
    )


@pytest.mark.storage
def test_the_weights_leave_a_provider_that_collapses_within_a_minute(igentai):
    with ScriptedServer(collapsing) as cheap, ScriptedServer(endless("Place"), ANTHROPIC) as dear:
        keys = {"OPENAI_API_KEY": "sk-a", "ANTHROPIC_API_KEY": "sk-b"}
        environ = {"OPENAI_BASE_URL": cheap.base_url, "ANTHROPIC_BASE_URL": dear.base_url, **keys}
        specs = ("--provider", "openai:cheap", "--provider", "anthropic:dear")
        engine = explore(igentai, environ, *specs, "--rate", "openai:cheap=1/4", "--rate", "anthropic:dear=3/12")
        until(lambda: len(cheap.requests) >= COLLAPSED_AFTER, what="the cheap one is asked while it is good")
        until(lambda: share_of("openai:cheap") < 0.3, 60.0, "its weights follow")
        asked = len(dear.requests)
        until(lambda: len(dear.requests) > asked + 10, what="the other is asked instead")
        assert engine.stopped().summary["stop_reason"] == "signal"
    topic = Topic.objects.get()
    assert_whole(topic, igentai)
    step = Decision.objects.filter(kind="weights").last()
    assert step is not None
    assert "openai:cheap" in step.before
    assert "openai:cheap" in step.after
    assert "to be expected for a dollar" in step.reason


def test_a_division_is_asked_for_once_and_its_categories_are_no_entries(igentai):
    with ScriptedServer(dividing) as server:
        engine = explore(
            igentai, {"OPENAI_BASE_URL": server.base_url}, "--provider", "openai:a", "--partition", "category"
        )
        wanted = {f"entries of the category {name}" for name in CATEGORIES}
        until(lambda: Request.objects.filter(partition__in=wanted).exists(), what="categories are asked for")
        engine.stopped()
        divisions = [received for received in server.requests if "Divide this topic" in question(received.json)]
    assert len(divisions) == 1
    row = Request.objects.get(purpose="division")
    assert "Divide this topic" in row.prompt.text
    assert set(texts(Topic.objects.get())).isdisjoint(CATEGORIES)
    assert set(TopicPartition.objects.values_list("words", flat=True)) >= wanted
    assert Decision.objects.filter(kind="division").exists()
    assert_whole(Topic.objects.get(), igentai)


def test_people_add_a_category_and_leave_it_out_while_the_run_goes_on(igentai):
    with ScriptedServer(endless("Rue")) as server:
        engine = explore(
            igentai, {"OPENAI_BASE_URL": server.base_url}, "--provider", "openai:a", "--partition", "none"
        )
        until(Request.objects.exists, what="commits")
        topic = Topic.objects.get()
        words = "entries of the category Dead ends"
        data = {"kind": "category", "name": "Dead ends"}
        TopicPartition.objects.create(topic=topic, words=words, data=data, by_person=True)

        def asked_for_it() -> int:
            return sum(words in question(received.json) for received in server.requests)

        until(asked_for_it, what="the category is asked for")
        TopicPartition.objects.filter(words=words).update(left_out=True)
        until(lambda: Decision.objects.filter(reason="a person leaves it out").exists(), what="it is left out")

        def no_more() -> bool:
            before, all_before = asked_for_it(), len(server.requests)
            until(lambda: len(server.requests) > all_before + 20, what="more requests")
            return asked_for_it() == before

        until(no_more, what="nobody asks for it any more")
        assert wish(topic).exists()
        engine.stopped()


def test_a_weight_that_people_change_holds_against_the_optimiser(igentai):
    with ScriptedServer(endless("Rue")) as one, ScriptedServer(endless("Place"), ANTHROPIC) as other:
        environ = {"OPENAI_BASE_URL": one.base_url, "ANTHROPIC_BASE_URL": other.base_url}
        environ |= {"OPENAI_API_KEY": "sk-a", "ANTHROPIC_API_KEY": "sk-b"}
        specs = ("--provider", "openai:cheap", "--provider", "anthropic:dear")
        engine = explore(igentai, environ, *specs, "--rate", "openai:cheap=1/4", "--rate", "anthropic:dear=3/12")
        until(lambda: Request.objects.count() > 10, what="commits")
        ProviderWeight.objects.filter(provider__name="anthropic:dear").update(weight=0.9)
        until(lambda: not ProviderWeight.objects.filter(provider__name="anthropic:dear", pinned=False).exists())
        asked = len(other.requests)
        until(lambda: len(other.requests) > asked + 30, what="it is asked")
        engine.stopped()
    assert set(ProviderWeight.objects.filter(pinned=True).values_list("weight", flat=True)) == {0.9}

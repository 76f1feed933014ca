"""Topics through the API: made and changed by the portal's rules, commanded by the live page's."""

import pytest
from django.contrib.admin.models import LogEntry

from orchestration.models import ProviderHealth
from tests.factories import (
    AttributeFactory,
    ProducerFactory,
    ProviderFactory,
    RunFactory,
    RunFiguresFactory,
    TopicFactory,
    UserFactory,
)
from tests.programs import OPERATOR, VIEWER, error, program
from topics.commands import COMMANDS
from topics.models import DEFAULT_PROMPT, DesiredState, Topic

pytestmark = [pytest.mark.storage, pytest.mark.django_db]


@pytest.fixture
def operator():
    return program(OPERATOR)


@pytest.fixture
def viewer():
    return program(VIEWER)


def test_a_name_is_enough(operator):
    response = operator.post("/topics", {"name": "  Paris   attractions "})
    assert response.status_code == 201
    told, topic = response.json(), Topic.objects.get()
    assert told["id"] == topic.pk
    assert (topic.name, topic.folder, topic.prompt) == ("Paris attractions", "paris_attractions", DEFAULT_PROMPT)
    assert (told["request_size"], told["routing"], told["desired_state"]) == (60, "weighted", "stopped")


def test_settings_are_kept_as_they_were_given(operator):
    given = {
        "name": "Rivers",
        "prompt": "All.",
        "target": 9,
        "budget_usd": 0.25,
        "coverage": 0.9,
        "partition": "none",
    }
    told = operator.post("/topics", given).json()
    assert {name: told[name] for name in given} == given
    assert operator.get(f"/topics/{told['id']}").json() == told


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "!!"}, "name"),
        ({"name": "a\u0007b"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "A", "target": -1}, "target"),
        ({"name": "A", "target": 0}, "target"),
        ({"name": "A", "budget_usd": 0}, "budget_usd"),
        ({"name": "A", "price_usd": 0}, "price_usd"),
        ({"name": "A", "minutes": 0}, "minutes"),
        ({"name": "A", "iterations": 0}, "iterations"),
        ({"name": "A", "coverage": 0}, "coverage"),
        ({"name": "A", "target": 10**30}, "target"),
        ({"name": "A", "budget_usd": "much"}, "budget_usd"),
        ({"name": "A", "coverage": 1.5}, "coverage"),
        ({"name": "A", "routing": "strange"}, "routing"),
        ({"name": "A", "request_size": 0}, "request_size"),
        ({"name": "A", "request_size": None}, "request_size"),
        ({"name": "A", "tarqet": 5}, "tarqet"),
        ({"name": "A", "folder": "../x"}, "folder"),
        ({"name": "A", "desired_state": "running"}, "desired_state"),
    ],
)
def test_what_the_form_refuses_is_refused_with_the_field(operator, given, field):
    response = operator.post("/topics", given)
    assert response.status_code == 422, response.content
    assert field in error(response)["fields"]
    assert not Topic.objects.exists()


def test_a_name_that_is_taken_is_refused(operator):
    TopicFactory(name="Rivers")
    assert "name" in error(operator.post("/topics", {"name": "Rivers"}))["fields"]


def test_a_change_leaves_the_rest(operator):
    topic = TopicFactory(name="Rivers", target=5, prompt="All.")
    told = operator.send("PATCH", f"/topics/{topic.pk}", {"budget_usd": 2, "target": None}).json()
    topic.refresh_from_db()
    assert (topic.name, topic.target, topic.budget_usd, topic.prompt) == ("Rivers", None, 2, "All.")
    assert told["budget_usd"] == 2.0


def test_a_change_leaves_a_start_that_comes_in_between(operator, started_before_it_is_saved):
    topic = TopicFactory(name="Rivers")
    with started_before_it_is_saved():
        assert operator.send("PATCH", f"/topics/{topic.pk}", {"target": 7}).status_code == 200
    topic.refresh_from_db()
    assert (topic.target, topic.starts, topic.desired_state) == (7, 1, DesiredState.RUNNING)


def test_a_change_that_is_wrong_changes_nothing(operator):
    topic = TopicFactory(target=5)
    assert operator.send("PATCH", f"/topics/{topic.pk}", {"target": 6, "in_flight": 0}).status_code == 422
    topic.refresh_from_db()
    assert topic.target == 5


def test_who_changed_what_is_in_the_history():
    user = UserFactory(permissions=OPERATOR)
    client = program(user=user)
    topic = client.post("/topics", {"name": "Rivers"}).json()["id"]
    client.send("PATCH", f"/topics/{topic}", {"target": 9})
    client.post(f"/topics/{topic}/start")
    entries = LogEntry.objects.filter(object_id=topic, user=user).order_by("id")
    assert [entry.get_change_message() for entry in entries] == ["Added.", "Changed Target.", "Asked to start"]


def test_topics_come_by_pages(viewer):
    topics = [TopicFactory(name=f"Topic of page {number}") for number in range(5)]
    found = []
    after: int | None = 0
    while after is not None:
        page = viewer.get("/topics", after=after, limit=2).json()
        found += [topic["id"] for topic in page["items"]]
        after = page["next"]
    assert found == [topic.pk for topic in topics]
    assert [each["id"] for each in viewer.get("/topics", name="PAGE 3").json()["items"]] == [topics[3].pk]


# Commands


def test_a_first_start(operator):
    topic = TopicFactory()
    response = operator.post(f"/topics/{topic.pk}/start")
    assert response.status_code == 202
    assert response.json()["state"]["words"] == "Start asked for"
    topic.refresh_from_db()
    assert (topic.desired_state, topic.starts) == (DesiredState.RUNNING, 1)


def test_a_second_start_is_not_one(operator):
    topic = TopicFactory(starts=1)
    response = operator.post(f"/topics/{topic.pk}/start")
    assert (response.status_code, error(response)["code"]) == (409, "started_before")


def test_a_list_is_replaced_only_when_that_is_confirmed(operator):
    topic = AttributeFactory(request__producer__run__over=True).topic
    Topic.objects.update(starts=1)
    for body in (None, {}, {"confirm_replaces_list": False}):
        response = operator.post(f"/topics/{topic.pk}/start_over", body)
        assert (response.status_code, error(response)["code"]) == (409, "confirmation_needed")
        assert "1 entries" in error(response)["message"]
    assert operator.post(f"/topics/{topic.pk}/start_over", {"confirm_replaces_list": True}).status_code == 202
    topic.refresh_from_db()
    assert (topic.starts, topic.replace_list) == (2, True)


def test_what_is_of_no_use_is_refused_in_the_live_page_s_words(operator):
    topic = TopicFactory()
    assert error(operator.post(f"/topics/{topic.pk}/stop"))["message"] == "It is not running."
    assert "never started" in error(operator.post(f"/topics/{topic.pk}/resume"))["message"]


def test_stop_and_resume(operator):
    topic = RunFactory(number=1).topic
    Topic.objects.update(starts=1, desired_state=DesiredState.RUNNING)
    assert operator.post(f"/topics/{topic.pk}/stop").json()["state"]["words"] == "Stopping"
    assert operator.post(f"/topics/{topic.pk}/resume").status_code == 202
    topic.refresh_from_db()
    assert (topic.starts, topic.replace_list) == (2, False)


def test_every_command_has_its_route(operator):
    for command in COMMANDS:
        assert operator.post(f"/topics/0/{command}").status_code == 404
        assert operator.get(f"/topics/0/{command}").status_code == 405


# Status


def test_the_status_of_one_that_was_never_started(viewer):
    topic = TopicFactory()
    told = viewer.get(f"/topics/{topic.pk}/status").json()
    assert (told["state"]["kind"], told["run"], told["present_list"]["entries"]) == ("idle", None, 0)
    assert told["estimates"]["coverage"] == {"estimate": None, "low": None, "high": None}
    assert set(told["commands"]) == set(COMMANDS)


def test_the_status_of_a_run(viewer):
    run = RunFactory(
        over=True,
        number=3,
        candidates=200,
        unique=50,
        requests=8,
        active_seconds=60,
        stop_detail="50 of 50",
        cost_usd=2,
    )
    ProducerFactory(run=run, slot=1, partition="A to F")
    provider = ProviderFactory(name="cheap")
    ProviderHealth.objects.create(provider=provider, state="paused", detail="too many", updated_at=run.ended_at)
    interval = {"estimate": 0.5, "low": 0.4, "high": None}
    figures = {"requests": 8, "failed_requests": 1, "unique": 50, "cost_usd": 2.0, "novelty_rate": 0.25}
    RunFiguresFactory(
        run=run,
        data={
            "providers": {"cheap": {"run": figures}, "(others)": {"run": None}},
            "estimates": {"coverage": interval, "price_of_next_100_usd": interval, "probes": 4},
        },
    )
    told = viewer.get(f"/topics/{run.topic.pk}/status").json()
    assert told["state"] == {"kind": "ended", "words": "Ended", "detail": "It reached its target: 50 of 50."}
    assert (told["run"]["novelty_rate"], told["run"]["unique_per_minute"], told["run"]["cost_usd"]) == (
        0.25,
        50.0,
        2.0,
    )
    assert (told["estimates"]["coverage"], told["estimates"]["probes"]) == (interval, 4)
    assert told["producers"][0]["partition"] == "A to F"
    others, cheap = told["providers"]
    assert (others["name"], others["requests"]) == ("(others)", 0)
    assert (cheap["health"], cheap["unique"], cheap["unique_per_dollar"]) == ("paused", 50, None)


def test_the_status_needs_few_queries(viewer, django_assert_max_num_queries):
    run = RunFactory()
    for slot in range(5):
        ProducerFactory(run=run, slot=slot)
    with django_assert_max_num_queries(14):
        assert viewer.get(f"/topics/{run.topic.pk}/status").status_code == 200

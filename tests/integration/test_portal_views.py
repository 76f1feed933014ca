"""The live page as the server paints it first, and its commands."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from orchestration.models import Run
from tests.factories import (
    AttributeFactory,
    ProducerFactory,
    ProviderWeightFactory,
    RequestFactory,
    RunFactory,
    TopicFactory,
    UserFactory,
)
from topics.models import DesiredState, Topic

pytestmark = [pytest.mark.storage, pytest.mark.django_db]

COMMANDS = ["start_over", "pause", "resume", "stop"]


@pytest.fixture
def topic():
    return TopicFactory(name="Paris attractions")


@pytest.fixture
def viewer(client):
    client.force_login(UserFactory(permissions=["topics.view_topic"]))
    return client


@pytest.fixture
def member(client):
    client.force_login(UserFactory(permissions=["topics.view_topic", "topics.change_topic"]))
    return client


def live(topic):
    return reverse("portal:live", args=[topic.pk])


def command(topic, name):
    return reverse("portal:command", args=[topic.pk, name])


def page(client, topic):
    response = client.get(live(topic))
    assert response.status_code == 200
    return response.content.decode()


# Looking


def test_a_stranger_signs_in_first_and_comes_back(client, topic):
    response = client.get(live(topic))
    assert response.headers["Location"] == f"/admin/login/?next={live(topic)}"


def test_a_member_without_the_permission_is_refused(client, topic):
    client.force_login(UserFactory())
    assert client.get(live(topic)).status_code == 403


def test_a_topic_that_does_not_exist_is_not_found(viewer):
    assert viewer.get("/topics/404/live/").status_code == 404
    assert viewer.get(f"/topics/{10**30}/live/").status_code == 404


def test_the_page_is_only_looked_at(viewer, topic):
    assert viewer.post(live(topic)).status_code == 405


def test_a_topic_that_was_never_started_says_so(viewer, topic):
    html = page(viewer, topic)
    assert "Never started" in html
    assert "This topic has never been started." in html
    assert "The engine is not running." in html


def test_the_page_shows_the_newest_entries_with_who_found_them(viewer):
    request = RequestFactory(provider__name="a model", provider__vendor=True)
    for text in ("Louvre", "Orsay"):
        attribute = AttributeFactory(text=text, request=request)
    html = page(viewer, attribute.topic)
    assert html.index("Orsay") < html.index("Louvre")
    assert "a model" in html
    assert f'data-cursor="{attribute.pk}"' in html
    assert f'data-list="{request.run.list_number}"' in html


def test_simulated_entries_and_runs_are_plainly_marked(viewer):
    attribute = AttributeFactory(request__producer__run__simulated=True)
    html = page(viewer, attribute.topic)
    assert '<span class="badge" data-field="simulated">simulated</span>' in html
    assert '<p class="notice notice-simulated" data-simulated-notice>' in html


def test_entries_of_real_models_are_not_marked(viewer):
    attribute = AttributeFactory(request__provider__vendor=True)
    ProviderWeightFactory(producer=attribute.request.producer, provider=attribute.request.provider)
    html = page(viewer, attribute.topic)
    rows = html[html.index("<tbody data-entries>") :].split("</tbody>")[0]
    assert '<span class="badge" data-field="simulated">simulated</span>' not in rows
    assert '<p class="notice notice-simulated" data-simulated-notice hidden>' in html


def test_hostile_text_is_text(viewer):
    hostile = '<img src=x onerror="alert(1)">'
    topic = TopicFactory(name=f"topic {hostile}")
    request = RequestFactory(producer__run=RunFactory(topic=topic), provider__name=f"provider {hostile}")
    ProducerFactory(run=request.run, detail=hostile, partition=hostile)
    AttributeFactory(text=hostile, request=request)
    html = page(viewer, topic)
    assert "<img" not in html
    assert html.count("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;") >= 5


def test_the_stop_reason_and_the_figures_are_shown(viewer):
    run = RunFactory(
        over=True,
        stop_reason="budget",
        stop_detail="0.50 of 0.50 USD",
        candidates=200,
        unique=50,
        requests=8,
        active_seconds=90,
        unpriced_requests=8,
    )
    html = page(viewer, run.topic)
    for words in ("It reached its budget: 0.50 of 0.50 USD.", "25.0%", "33.3", "1 min 30 s", "price unknown"):
        assert words in html


def test_the_page_carries_a_strict_policy_and_no_inline_code(viewer, topic):
    response = viewer.get(live(topic))
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    html = response.content.decode()
    assert "<style" not in html
    assert " style=" not in html
    assert " onclick=" not in html


def test_the_number_of_queries_does_not_grow_with_the_page(viewer, django_assert_max_num_queries):
    run = RunFactory()
    for slot in range(5):
        producer = ProducerFactory(run=run, slot=slot)
        AttributeFactory(request=RequestFactory(producer=producer))
    with django_assert_max_num_queries(23):
        page(viewer, run.topic)


# Commands


def test_who_may_only_look_has_disabled_buttons_and_is_told_why(viewer, topic):
    html = page(viewer, topic)
    assert html.count('disabled title="Your account may not change topics') == len(COMMANDS)
    assert "ask an administrator" in html


def test_the_first_start_is_called_a_start(member, topic):
    assert ">Start</button>" in page(member, topic)
    Topic.objects.filter(pk=topic.pk).start_over()
    assert ">Start over</button>" in page(member, topic)


@pytest.mark.parametrize("name", COMMANDS)
def test_who_may_only_look_is_refused_by_the_server_too(viewer, topic, name):
    assert viewer.post(command(topic, name)).status_code == 403
    topic.refresh_from_db()
    assert topic.starts == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_never_a_mere_link(member, topic, name):
    assert member.get(command(topic, name)).status_code == 405


@pytest.mark.parametrize("name", COMMANDS)
def test_a_stranger_signs_in_before_a_command(client, topic, name):
    assert client.post(command(topic, name)).headers["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_from_another_site_is_refused(topic, name):
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(admin=True))
    assert client.post(command(topic, name)).status_code == 403


def test_an_unknown_command_is_not_found(member, topic):
    assert member.post(command(topic, "explode")).status_code == 404


def test_an_empty_list_is_started_at_once(member, topic):
    response = member.post(command(topic, "start_over"), follow=True)
    assert f"{topic} was asked to start." in response.content.decode()
    topic.refresh_from_db()
    assert (topic.desired_state, topic.starts, topic.replace_list) == (DesiredState.RUNNING, 1, True)


def test_replacing_a_list_is_confirmed_first(member):
    topic = AttributeFactory().topic
    response = member.post(command(topic, "start_over"))
    assert "1 entry" in response.content.decode()
    topic.refresh_from_db()
    assert topic.starts == 0
    member.post(command(topic, "start_over"), {"confirmed": "yes"})
    topic.refresh_from_db()
    assert topic.starts == 1


def test_resuming_keeps_the_list(member):
    topic = AttributeFactory(request__producer__run__over=True).topic
    Topic.objects.filter(pk=topic.pk).update(starts=1)
    member.post(command(topic, "resume"))
    topic.refresh_from_db()
    assert (topic.desired_state, topic.starts, topic.replace_list) == (DesiredState.RUNNING, 2, False)


def test_resuming_what_is_under_way_is_of_no_use(member, topic):
    Topic.objects.filter(pk=topic.pk).resume()
    assert "under way already" in member.post(command(topic, "resume"), follow=True).content.decode()
    topic.refresh_from_db()
    assert topic.starts == 1


def test_a_run_that_ended_by_itself_can_be_resumed(member, topic):
    Topic.objects.filter(pk=topic.pk).start_over()
    RunFactory(topic=topic, number=1, over=True)
    member.post(command(topic, "resume"))
    topic.refresh_from_db()
    assert topic.starts == 2


def test_stopping(member):
    run = RunFactory(number=1)
    Topic.objects.filter(pk=run.topic.pk).start_over()
    response = member.post(command(run.topic, "stop"), follow=True)
    assert Topic.objects.get().desired_state == DesiredState.STOPPED
    assert "Stopping" in response.content.decode()


def test_pausing_and_resuming_keep_the_run(member):
    run = RunFactory(number=1)
    Topic.objects.filter(pk=run.topic.pk).start_over()
    html = member.post(command(run.topic, "pause"), follow=True).content.decode()
    assert "was asked to pause" in html
    assert "Pausing" in html
    assert "paused already" in member.post(command(run.topic, "pause"), follow=True).content.decode()
    member.post(command(run.topic, "resume"))
    assert Topic.objects.values_list("desired_state", "starts").get() == (DesiredState.RUNNING, 1)
    history = LogEntry.objects.order_by("id").values_list("change_message", flat=True)
    assert list(history) == ["Asked to pause", "Asked to resume"]


def test_commands_are_in_the_history_of_the_topic(member, topic):
    member.post(command(topic, "start_over"))
    assert LogEntry.objects.get().get_change_message() == "Asked to start"


def test_states_are_told_in_words(viewer, topic):
    Topic.objects.filter(pk=topic.pk).start_over()
    assert "Start asked for" in page(viewer, topic)
    run = RunFactory(topic=topic, number=1, state=Run.State.CHECKING)
    assert "Checking its providers" in page(viewer, topic)
    Run.objects.filter(pk=run.pk).update(state=Run.State.RUNNING)
    assert "Running" in page(viewer, topic)

"""The home page: what it shows from the database, to whom, with how many queries; its buttons."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orchestration.home import facts
from orchestration.home.steps import TESTED, step_facts
from orchestration.home.views import DISMISSED
from orchestration.models import EngineLease, ProviderHealth, Run
from orchestration.reservations import LostSpending
from orchestration.sample import SAMPLE_TOPIC, sample_topic
from producers.models import Producer, Provider, TopicProvider
from tests.factories import (
    AttributeFactory,
    ProducerFactory,
    ProviderFactory,
    RequestFactory,
    RunFactory,
    TopicFactory,
    UserFactory,
)
from topics.models import Topic

pytestmark = [pytest.mark.storage, pytest.mark.django_db]

HOME = "/admin/"
PARTS = "/admin/home/parts/"
SAMPLE = "/admin/home/sample/"


@pytest.fixture(autouse=True)
def fresh_day():
    """What the day brought is kept for some seconds, for all viewers."""
    cache.clear()


@pytest.fixture
def member(client):
    permissions = ["topics.view_topic", "topics.add_topic", "topics.change_topic"]
    client.force_login(UserFactory(permissions=permissions))
    return client


@pytest.fixture
def viewer(client):
    client.force_login(UserFactory(permissions=["topics.view_topic"]))
    return client


def shown(client, url=HOME):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def start(topic):
    Topic.objects.filter(pk=topic.pk).start_over()


def stop(topic):
    Topic.objects.filter(pk=topic.pk).stop()


def make_a_busy_place():
    run = RunFactory(unique=7, candidates=20, active_seconds=60, topic__starts=1, warning="four fifths are spent")
    ProducerFactory(run=run, state=Producer.State.FAILED, detail="no memory")
    AttributeFactory(request=RequestFactory(producer__run=run, provider__daily_cap_usd=1, unique=1, candidates=1))
    RunFactory(over=True, stop_reason="budget", stop_detail="the budget of 1 USD is spent")
    RunFactory(over=True, state=Run.State.FAILED, stop_reason="no_usable_provider")
    start(TopicFactory())


# What it shows


def test_a_stranger_signs_in_first(client):
    assert client.get(HOME).headers["Location"].startswith("/admin/login/")
    assert client.get(PARTS).headers["Location"].startswith("/admin/login/")


def test_an_empty_place_has_words_for_each_part(member):
    html = shown(member)
    for words in (
        "Nothing is running.",
        "No run has ended yet.",
        "The engine is not running.",
        "No daily cap is set",
    ):
        assert words in html


def test_what_runs_and_what_waits_is_shown(viewer):
    run = RunFactory(
        topic__name="Bridges <b>", topic__desired_state="running", unique=30, active_seconds=60, target=100, number=1
    )
    RunFactory(topic=run.topic, number=2, list_number=1, over=True, unique=12)
    waiting = TopicFactory(name="Castles")
    start(waiting)
    html = shown(viewer)
    assert "Bridges &lt;b&gt;" in html
    assert '<dd class="big">42</dd>' in html
    assert "42 % of 100 entries wanted" in html
    assert reverse("portal:live", args=[waiting.pk]) in html
    assert "Start asked for" in html


def test_a_topic_is_told_in_the_same_words_on_each_page(client):
    """Although its earlier run is not over yet, a start that was asked for is what counts; and it is shown once."""
    client.force_login(UserFactory(admin=True))
    topic = RunFactory(topic__name="Bridges", topic__desired_state="running", topic__starts=1, number=1).topic
    for wanted, words in ((lambda: start(topic), "Start asked for"), (lambda: stop(topic), "Stopping")):
        wanted()
        for page in (HOME, reverse("portal:live", args=[topic.pk]), reverse("admin:topics_topic_changelist")):
            html = shown(client, page)
            assert f">{words}</" in html
        assert shown(client).count('class="card run-card"') == 1


def test_the_day_is_told_against_the_caps(viewer, settings):
    settings.DAILY_CAP_USD = Decimal(10)
    provider = ProviderFactory(vendor=True, name="dear", daily_cap_usd=2)
    RequestFactory(provider=provider, cost_usd=Decimal("1.5"), unique=5, candidates=8)
    RequestFactory(provider=provider, cost_usd=None, unique=1, candidates=1)
    RequestFactory(provider=provider, cost_usd=9, finished_at=timezone.now() - timedelta(days=1))
    LostSpending.objects.create(day=timezone.now().date(), provider=provider, worst_usd=Decimal("0.25"))
    html = shown(viewer)
    for words in ("$1.75 of $10.00", "$1.75 of $2.00", "near its daily cap", "$1.75 + 1 request of unknown price"):
        assert words in html


def test_what_needs_a_person_is_told_with_where_to_go(viewer, monkeypatch):
    monkeypatch.setenv("IGENTAI_KEYS_SET", "")
    make_a_busy_place()
    ProviderFactory(kind="anthropic", name="keyless", key_variable="ANTHROPIC_API_KEY")
    out = ProviderFactory(name="sick")
    ProviderHealth.objects.create(provider=out, state="out", detail="<i>refused</i>", updated_at=timezone.now())
    html = shown(viewer)
    for words in (
        "failed.",
        "no memory",
        "stopped at a limit.",
        "nears a cap.",
        "Four fifths are spent.",
        "“keyless” has no key.",
        "“sick” is out of use.",
        "&lt;i&gt;refused&lt;/i&gt;",
    ):
        assert words in html


def test_a_trouble_is_over_when_the_topic_is_started_again_or_after_some_days():
    again = RunFactory(over=True, state=Run.State.FAILED, number=1).topic
    RunFactory(topic=again, number=2)
    RunFactory(over=True, stop_reason="budget", ended_at=timezone.now() - timedelta(days=9))
    RunFactory(over=True, stop_reason="target")
    assert facts.in_trouble(timezone.now()) == []


def test_a_running_engine_is_no_trouble(viewer):
    EngineLease.objects.create(released=False, beat_at=timezone.now())
    assert "The engine is not running." not in shown(viewer)


def test_recent_runs_say_why_they_ended(viewer):
    RunFactory(over=True, stop_reason="exhausted", unique=1234, active_seconds=65, cost_usd=Decimal("0.5"))
    html = shown(viewer)
    for words in ("Nothing new was to be expected any more.", "1,234", "1 min 05 s", "$0.5000"):
        assert words in html


def test_the_queries_are_few_and_do_not_grow(viewer, django_assert_max_num_queries):
    make_a_busy_place()
    shown(viewer, PARTS)
    cache.clear()
    with django_assert_max_num_queries(23) as few:
        shown(viewer, PARTS)
    for _ in range(4):
        make_a_busy_place()
    cache.clear()
    with django_assert_max_num_queries(len(few)):
        shown(viewer, PARTS)


def test_the_parts_are_the_same_as_on_the_page(viewer):
    make_a_busy_place()
    html = shown(viewer, PARTS)
    for name in ("steps", "needs", "now", "today", "recent"):
        assert f'data-part="{name}"' in html
    assert "<html" not in html
    assert viewer.post(PARTS).status_code == 405


def test_everything_there_is_is_named_in_words(client):
    client.force_login(UserFactory(admin=True))
    html = shown(client)
    for words in ("Entries", "Decisions", "What the optimiser changed, and why", "Members", "Roles"):
        assert words in html


def test_who_has_no_role_is_told_so(client):
    RunFactory(topic__name="Bridges")
    client.force_login(UserFactory())
    html = shown(client)
    assert "have no role yet" in html
    assert "Bridges" not in html
    assert 'data-part="now"' not in shown(client, PARTS) or "Bridges" not in shown(client, PARTS)


# First steps


def test_one_click_makes_and_starts_the_sample(member):
    response = member.post(SAMPLE)
    topic = Topic.objects.get()
    assert response.headers["Location"] == reverse("portal:live", args=[topic.pk])
    assert (topic.name, topic.desired_state, topic.starts) == (SAMPLE_TOPIC, "running", 1)
    assert {each.provider.kind for each in TopicProvider.objects.filter(topic=topic)} == {"simulated"}
    assert LogEntry.objects.get().get_change_message() == "Asked to start"
    member.post(SAMPLE)
    assert Topic.objects.get().starts == 1


def test_a_viewer_sees_the_button_disabled_with_the_reason_and_is_refused(viewer):
    assert 'disabled title="Your account may not add topics' in shown(viewer)
    assert viewer.post(SAMPLE).status_code == 403
    assert not Topic.objects.exists()


@pytest.mark.parametrize("url", [SAMPLE, "/admin/home/dismiss/"])
def test_the_buttons_want_a_post(member, url):
    assert member.get(url).status_code == 405


def test_the_steps_tick_themselves_off_by_what_is_in_the_database(member):
    assert not any(vars_of(step_facts()))
    start(sample_topic())
    assert step_facts().started
    AttributeFactory(request__producer__run__topic=Topic.objects.get())
    assert step_facts().entries
    own = ProviderFactory(vendor=True)
    assert step_facts().own_provider == own
    assert f"/admin/producers/provider/{own.pk}/change/" in shown(member)
    RequestFactory(provider=own, outcome="failed")
    assert not step_facts().provider_works
    RequestFactory(provider=own)
    assert step_facts().provider_works
    RunFactory(topic__name="mine", unique=1)
    response = member.get(HOME)
    assert "First steps" not in response.content.decode()
    assert response.cookies[DISMISSED].value


def test_the_log_is_read_only_for_a_provider_of_ones_own_that_has_not_answered():
    ProviderFactory()
    assert not [sql for sql in asked_by_steps() if "django_admin_log" in sql or "orchestration_request" in sql]
    own = ProviderFactory(vendor=True)
    [sql] = [sql for sql in asked_by_steps() if "django_admin_log" in sql]
    assert '"content_type_id" = ' in sql
    assert "JOIN" not in sql
    note_test_of(Provider.objects.exclude(pk=own.pk).get())
    assert not step_facts().provider_works
    note_test_of(own)
    assert step_facts().provider_works
    RequestFactory(provider=own)
    assert not [sql for sql in asked_by_steps() if "django_admin_log" in sql]


def asked_by_steps():
    ContentType.objects.get_for_model(Provider)
    with CaptureQueriesContext(connection) as queries:
        step_facts()
    return [each["sql"] for each in queries]


def note_test_of(provider):
    LogEntry.objects.log_actions(UserFactory().pk, [provider], CHANGE, TESTED, single_object=True)


def vars_of(found):
    return [found.started, found.entries, found.own_provider, found.provider_works, found.own_topic]


def test_a_provider_whose_key_is_elsewhere_is_tested_by_a_command(member, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    own = ProviderFactory(vendor=True, name="my own", kind="openai", base_url="")
    assert "<code>manage.py providers test &#x27;my own&#x27;</code>" in shown(member)
    monkeypatch.setenv("OPENAI_API_KEY", "here")
    html = shown(member)
    assert "providers test" not in html
    assert f"/admin/producers/provider/{own.pk}/change/" in html


def test_who_knows_the_way_is_not_led(member):
    assert "First steps" in shown(member)
    assert member.post("/admin/home/dismiss/").headers["Location"] == HOME
    assert "First steps" not in shown(member)


# The header and error pages


def test_the_header_leads_to_what_one_may_see(viewer, member):
    html = shown(viewer)
    assert '<a href="/admin/" aria-current="page">Home</a>' in html
    assert "/admin/topics/topic/" in html
    assert ">Providers</a>" not in html


def test_error_pages_keep_the_header(viewer):
    response = viewer.get("/admin/nothing/")
    assert response.status_code == 404
    assert ">Topics</a>" in response.content.decode()


def test_when_all_breaks_there_is_a_page_that_needs_nothing(client):
    from django.views.defaults import server_error

    html = server_error(client.get("/").wsgi_request).content.decode()
    assert "Something went wrong" in html
    assert "<style" not in html

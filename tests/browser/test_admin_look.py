"""Every page of the admin in a real browser: by axe in both themes, at 390 px, and with a quiet console."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from igentai_site.team.models import AuditEvent
from orchestration.models import EngineLease, ProviderHealth, Run, RunFigures
from producers.models import TopicProvider
from tests.browser.live import HOSTILE, sign_in
from tests.browser.looking import COLOURS, faults_of, is_wider_than_the_screen
from tests.factories import (
    AttributeFactory,
    DecisionFactory,
    NotificationFactory,
    ProducerFactory,
    ProviderFactory,
    ProviderWeightFactory,
    RequestFactory,
    ReviewFactory,
    RunFactory,
    TopicFactory,
    UserFactory,
)
from tests.unit.test_figure_tables import scopes
from topics.models import Export, Topic

pytestmark = [pytest.mark.django_db(transaction=True)]

LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch" * 3


@pytest.fixture
def pages(database):
    return database(make_pages)


def make_pages():
    """One of everything, with texts that would break a page that trusts them."""
    run = RunFactory(topic__name=f"Bridges {HOSTILE}", topic__target=100, unique=40, candidates=90, active_seconds=60)
    Topic.objects.filter(pk=run.topic.pk).update(starts=run.number, desired_state="running")
    producer = ProducerFactory(run=run, state="failed", detail=f"{HOSTILE} {LONG}")
    provider = ProviderFactory(name=f"model {HOSTILE}", vendor=True, daily_cap_usd=1)
    ProviderHealth.objects.create(provider=provider, state="out", detail=LONG, updated_at=run.started_at)
    ProviderWeightFactory(producer=producer, provider=provider)
    request = RequestFactory(
        producer=producer, provider=provider, cost_usd=1, error_kind="server_fault", outcome="failed"
    )
    entry = AttributeFactory(request=request, text=LONG)
    ReviewFactory(attribute=entry, verdict="accepted", text=HOSTILE)
    decision = DecisionFactory(run=run, before=LONG, after=HOSTILE, reason=LONG)
    whole = scopes()
    RunFigures.objects.create(run=run, data={"run": whole, "providers": {HOSTILE: whole}}, updated_at=run.started_at)
    RunFactory(over=True, state=Run.State.FAILED, stop_reason="no_usable_provider", stop_detail=LONG)
    TopicProvider.objects.create(topic=run.topic, provider=provider)
    run.topic.partitions.create(words=f"part {LONG}"[:200])
    TopicFactory(name="Castles")
    EngineLease.objects.create(released=True)
    member = UserFactory(username="kim", role="viewer")
    AuditEvent.objects.create(kind="failed", name=f"kim {HOSTILE}", at=run.started_at, detail=LONG[:200])
    return (
        "/admin/",
        "/admin/topics/topic/",
        "/admin/topics/topic/add/",
        f"/admin/topics/topic/{run.topic.pk}/change/",
        "/admin/producers/provider/",
        f"/admin/producers/provider/{provider.pk}/change/",
        f"/admin/producers/producer/{producer.pk}/change/",
        "/admin/orchestration/run/",
        f"/admin/orchestration/run/{run.pk}/change/",
        f"/admin/orchestration/runfigures/{run.pk}/change/",
        "/admin/orchestration/request/",
        f"/admin/orchestration/request/{request.pk}/change/",
        "/admin/orchestration/decision/",
        f"/admin/orchestration/decision/{decision.pk}/change/",
        "/admin/topics/attribute/",
        f"/admin/topics/attribute/?topic={run.topic.pk}&q=nothing",
        f"/admin/topics/attribute/{entry.pk}/change/",
        "/admin/team/auditevent/",
        "/admin/auth/user/",
        "/admin/auth/user/add/",
        f"/admin/auth/user/{member.pk}/change/",
        "/admin/auth/group/",
        "/exports/new",
        f"/exports/new?topic={run.topic.pk}&slot={producer.slot}",
    )


def make_own_pages():
    """What belongs to the one who looks."""
    run, owner = Run.objects.latest("id"), User.objects.get(is_superuser=True)
    NotificationFactory(user=owner, run=run, words=f"{HOSTILE} {LONG}")
    times = {"asked_at": run.started_at, "beat_at": run.started_at}
    for state in ("making", "failed"):
        Export.objects.create(
            owner=owner, topic=run.topic, topic_name=LONG, format="csv", words=HOSTILE, state=state, **times
        )
    return "/exports/", "/notifications/"


def test_every_page_is_accessible_and_fits_the_screen(page, database, pages):
    page.set_viewport_size({"width": 390, "height": 800})
    page.emulate_media(reduced_motion="reduce")  # colours that are still changing are none
    page.goto("/admin/login/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    faults = faults_of(page)
    sign_in(page, database, admin=True)
    for url in (*pages, *database(make_own_pages)):
        page.emulate_media(color_scheme="light")
        page.goto(url)
        if is_wider_than_the_screen(page):
            faults.append(f"{url}: wider than 390 px")
        faults.extend(faults_of(page))
        page.emulate_media(color_scheme="dark")
        faults.extend(f"dark, {fault}" for fault in faults_of(page, COLOURS))
    assert not faults, "\n".join(faults)
    assert page.locator("img[src=x]").count() == 0


def test_the_list_of_chosen_rights_can_be_read(page, database):
    """Its colours alone: the list is made by a script of Django's, which gives an icon a label that axe forbids."""
    page.emulate_media(reduced_motion="reduce")
    sign_in(page, database, admin=True)
    page.goto("/admin/auth/group/add/")
    expect(page.get_by_text("Chosen permissions")).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert not faults_of(page, COLOURS)


def test_wide_pages_are_accessible_too(page, database, pages):
    sign_in(page, database, admin=True)
    faults = []
    for url in (pages[0], pages[3]):
        page.goto(url)
        faults.extend(faults_of(page))
    assert not faults, "\n".join(faults)


def test_the_form_previews_what_will_be_asked_and_is_used_by_keyboard(page, database):
    sign_in(page, database, admin=True)
    page.goto("/admin/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.goto("/admin/topics/topic/add/")
    page.get_by_label("Name:").fill(f"Bridges {HOSTILE}")
    page.get_by_role("button", name="What will be asked").press("Enter")
    place = page.locator("[data-preview-place]")
    expect(place).to_contain_text(f"Topic: Bridges {HOSTILE}")
    expect(place).to_contain_text("for 1,000 candidates")
    assert page.locator("img[src=x]").count() == 0
    expect(page.locator("#id_routing")).to_be_hidden()
    page.locator("summary", has_text="How it is explored").press("Enter")
    expect(page.locator("#id_routing")).to_be_visible()


def test_the_home_page_follows_and_keeps_the_focus(page, database, pages):
    sign_in(page, database, admin=True)
    page.clock.install()
    page.goto("/admin/")
    expect(page.locator("[data-follow-words]")).to_have_text("Live")
    link = page.locator("[data-run] a").first
    link.focus()
    database(lambda: Run.objects.filter(ended_at=None).update(unique=77))
    page.clock.fast_forward(6000)
    expect(page.locator("[data-run]")).to_contain_text("Entries77")
    expect(link).to_be_focused()
    page.context.clear_cookies()
    page.clock.fast_forward(6000)
    expect(page.locator("[data-follow-words]")).to_have_text("Signed out")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()

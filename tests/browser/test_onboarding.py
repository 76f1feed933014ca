"""From an empty database to a finished run: a newcomer, the real engine, its portal, and nothing prepared."""

import re

import pytest
from playwright.sync_api import Error, expect

from tests.acceptance.support import Igentai, free_port, until
from tests.factories import UserFactory
from tests.fakes.replies import Streamed, always
from tests.fakes.server import ScriptedServer
from topics.models import Topic

pytestmark = [pytest.mark.django_db(transaction=True)]

NAMES = "".join(f"Pont {chr(65 + number % 26)}{number}\n" for number in range(30))
BRIDGES = Streamed((NAMES,), usage=(50, 200))
PATIENCE = 30_000
LIVE = re.compile(r"/topics/\d+/live/$")


@pytest.fixture
def engine(database, tmp_path):
    """The address of an engine's portal on the test's database; no provider comes up by itself."""
    started, port = Igentai(tmp_path), free_port()
    started.start("--port", port, "-n", 1, environ={"IGENTAI_DISCOVERY": "0"})
    yield f"http://127.0.0.1:{port}"
    assert not started.clean_up()


@pytest.fixture
def newcomer(browser, engine, complaints):
    context = browser.new_context(base_url=engine)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def opened(page, url):
    """Open a page of a portal that may still be starting."""

    def answers():
        try:
            return page.goto(url)
        except Error:  # nobody listens yet
            return None

    return until(answers, what=f"the portal's {url}")


def step(page, name):
    return page.locator(f"[data-step={name}]")


def is_taken(page, name):
    expect(step(page, name)).to_have_attribute("data-done", "yes", timeout=PATIENCE)


def test_onboarding_from_an_empty_database_to_a_finished_run(newcomer, database):
    page = newcomer
    database(lambda: UserFactory(username="nina", admin=True))
    opened(page, "/")
    page.get_by_label("Username").fill("nina")
    page.get_by_label("Password").fill("password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="First steps")).to_be_visible()

    page.get_by_role("button", name="Explore the sample topic").click()
    expect(page).to_have_url(LIVE)
    page.goto("/admin/")
    is_taken(page, "sample")
    is_taken(page, "entries")
    expect(page.locator("[data-run]")).to_contain_text("Regions of the world")

    with ScriptedServer(always(BRIDGES)) as server:
        _add_and_test_a_provider(page, server.base_url)
        is_taken(page, "provider")
        _explore_a_topic(page)
        page.goto("/admin/")
        recent = page.locator("[data-part=recent]")
        expect(recent).to_contain_text("It reached its target", timeout=PATIENCE)
        expect(recent).to_contain_text("Bridges of Paris")
    expect(page.get_by_role("heading", name="First steps")).to_be_hidden()
    assert database(lambda: Topic.objects.get(name="Bridges of Paris").attributes.count()) == 30


def _add_and_test_a_provider(page, base_url):
    page.get_by_role("link", name="Add a provider").click()
    page.get_by_label("Name:").fill("mine")
    page.get_by_label("Kind:").select_option("openai")
    page.get_by_label("Model:").fill("m")
    page.get_by_label("Base URL:").fill(base_url)
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto("/admin/")
    page.get_by_role("link", name="Open the provider to test it").click()
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_text("Test: mine works")).to_be_visible()
    page.goto("/admin/")


def _explore_a_topic(page):
    page.get_by_role("link", name="Add a topic").click()
    page.get_by_label("Name:").fill("Bridges of Paris")
    page.get_by_label("Target (entries):").fill("20")
    page.get_by_role("button", name="Save and continue editing").click()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("1 topic asked to start.")).to_be_visible()

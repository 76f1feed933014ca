"""A browser that nothing escapes: console errors and refused scripts fail the test."""

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.portal import ARGUMENTS, DatabaseThread, Portal, browser_executable
from tests.factories import ProducerFactory, RequestFactory, RunFactory
from topics.models import Topic


@pytest.fixture
def database(transactional_db):
    thread = DatabaseThread()
    yield thread
    thread.close()


@pytest.fixture(scope="session")
def portal_of_all_tests(django_db_setup, tmp_path_factory):
    portal = Portal(tmp_path_factory.mktemp("portal") / "log")
    yield portal
    portal.kill()


@pytest.fixture
def portal(portal_of_all_tests, database):
    """The portal, running, whatever the test before has done to it."""
    portal_of_all_tests.make_sure_it_runs()
    return portal_of_all_tests


@pytest.fixture
def fresh_portal(portal):
    """For commands: they enter the history by numbers of content types, which change from test to test."""
    portal.kill()
    portal.start()


@pytest.fixture(scope="session")
def executable():
    executable = browser_executable()
    if executable is None:
        pytest.fail("no Chromium: install chromium, chromium-browser or google-chrome")
    return executable


@pytest.fixture
def browser(executable, database, tmp_path, monkeypatch):
    # A profile of its own, whatever home the machine has.
    monkeypatch.setenv("HOME", str(tmp_path))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, headless=True, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def complaints():
    """What the browser complained about; a test that expects something takes it out."""
    return []


@pytest.fixture
def page(browser, portal, complaints):
    context = browser.new_context(base_url=portal.url)
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    # Not of the page's making: what a killed portal leaves behind.
    gone = ("WebSocket connection to", "net::ERR_CONNECTION_REFUSED", "net::ERR_CONNECTION_RESET", "net::ERR_EMPTY")
    assert [text for text in complaints if not any(words in text for words in gone)] == []


@pytest.fixture
def run(database):
    def make():
        run = RunFactory(number=1, topic__name="Paris attractions")
        Topic.objects.filter(pk=run.topic.pk).start_over()
        return run

    return database(make)


@pytest.fixture
def request_made(database, run):
    return database(lambda: RequestFactory(producer=ProducerFactory(run=run, slot=3), provider__name="a model"))

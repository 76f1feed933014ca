"""Two people at one topic at once: each sees what the other does, and what both ask for happens once."""

import pytest
from playwright.sync_api import expect

from orchestration.models import Run
from tests.browser.live import add, connection, figure, open_live_page, shown, sign_in
from topics.models import Topic

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def colleague(browser, portal, page):
    """A page of somebody else's browser; it ends before the first one's, which looks at the complaints."""
    context = browser.new_context(base_url=portal.url)
    other = context.new_page()
    other.set_default_timeout(15_000)
    yield other
    context.close()


def state(page):
    return page.locator("[data-state-words]")


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def test_each_sees_what_the_other_does(fresh_portal, page, colleague, database, run, request_made):
    add(database, request_made, "Louvre", "Orsay")
    database(lambda: Run.objects.update(unique=2))
    for person in (page, colleague):
        sign_in(person, database, admin=True)
        open_live_page(person, run)
    press(page, "Pause")
    for person in (page, colleague):
        expect(state(person)).to_have_text("Pausing")
        expect(person.get_by_role("button", name="Pause", exact=True)).to_be_disabled()
    expect(connection(page)).to_have_text("Live")
    # What one rejects is gone from the count that the other sees.
    page.goto(f"/admin/topics/attribute/?topic={run.topic.pk}")
    page.locator("[data-entry]", has_text="Orsay").get_by_role("checkbox").check()
    page.keyboard.press("r")
    expect(page.locator("[data-entry]", has_text="Orsay")).to_contain_text("Rejected")
    expect(figure(colleague, "entries")).to_have_text("1")
    press(colleague, "Stop")
    expect(state(colleague)).to_have_text("Stopping")
    add(database, request_made, "Pantheon")
    open_live_page(page, run)
    expect(state(page)).to_have_text("Stopping")
    assert shown(page)[0] == "Pantheon"
    expect(colleague.locator("[data-entries] tr")).to_have_count(3)


def test_a_start_that_both_confirm_is_one(fresh_portal, page, colleague, database, run, request_made):
    add(database, request_made, "Louvre")
    for person in (page, colleague):
        sign_in(person, database, admin=True)
        open_live_page(person, run)
        press(person, "Start over")
    for person in (page, colleague):
        press(person, "Start over and replace the list")
        expect(person.get_by_text("was asked to start over")).to_be_visible()
    assert database(lambda: Topic.objects.get().starts) == 2

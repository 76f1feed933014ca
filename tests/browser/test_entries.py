"""Browsing and reviewing in a real browser, by keyboard, with texts that would like to be markup."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories import AttributeFactory, ProducerFactory, RequestFactory, RunFactory, UserFactory
from tests.live import session_of
from topics.models import Attribute, Review

pytestmark = [pytest.mark.django_db(transaction=True)]

HOSTILE = "<img src=x onerror=document.title='taken'>"
LIST = "/admin/topics/attribute/"


@pytest.fixture
def entries(database):
    """Two pages of entries, the newest of them hostile."""

    def make():
        run = RunFactory(number=1, topic__name="Paris attractions")
        request = RequestFactory(producer=ProducerFactory(run=run, slot=3), provider__name=HOSTILE, partition=HOSTILE)
        texts = [*(f"Musée {number}" for number in range(60)), "W" * 200, HOSTILE]
        built = [AttributeFactory.build(request=request, topic=run.topic, text=text) for text in texts]
        return Attribute.objects.bulk_create(built)

    return database(make)


def sign_in(page, database, **user):
    session = database(lambda: session_of(UserFactory(**user)))
    page.context.add_cookies([{"name": "sessionid", "value": session, "domain": "127.0.0.1", "path": "/"}])


def state(page, place):
    return page.locator("[data-state-words]").nth(place)


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def verdicts(database):
    return database(lambda: set(Review.objects.exclude(verdict="").values_list("found", "verdict")))


def assert_fits(page):
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.set_viewport_size({"width": 1280, "height": 720})


def test_reviewing_by_keyboard(fresh_portal, page, database, entries):
    sign_in(page, database, admin=True)
    page.goto(LIST)
    expect(page.locator(".entry-text a").first).to_have_text(HOSTILE)
    assert page.locator("#content img").count() == 0
    assert_fits(page)

    press(page, "?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    press(page, "r")  # not while the keys are being read
    press(page, "Escape", "j", "j", "j", "k", "r")
    expect(state(page, 1)).to_have_text("Rejected")
    expect(page.locator("[data-notice]")).to_contain_text("Rejected 1 entry.")
    press(page, "j", "x", "j", "x", "a")
    expect(state(page, 2)).to_have_text("Accepted")
    expect(state(page, 3)).to_have_text("Accepted")
    press(page, "u")
    expect(state(page, 2)).to_have_text("New")
    assert verdicts(database) == {("W" * 200, "rejected")}

    press(page, "n")
    expect(page.locator("[data-entry]")).to_have_count(12)
    press(page, "/")
    page.keyboard.type("musee 5")
    press(page, "Enter")
    expect(page.locator("[data-entry]")).to_have_count(11)
    expect(page).to_have_url(re.compile("q=musee"))
    page.get_by_text("All that match").click()
    page.get_by_role("button", name="Reject all…").click()
    expect(page.get_by_text("reject 11 entries")).to_be_visible()
    page.get_by_role("button", name="Reject all of them").click()
    expect(page.get_by_text("Rejected 11 entries: filter: text musee 5.")).to_be_visible()

    press(page, "j", "Enter")
    expect(page.get_by_role("heading", name="Musée 59")).to_be_visible()
    assert_fits(page)
    page.get_by_label("Written as").fill(f"Musée {HOSTILE}")
    page.get_by_role("button", name="Correct").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Musée {HOSTILE}")
    assert page.locator("#content img").count() == 0
    assert page.title() != "taken"


def test_who_may_only_look_has_no_keys_for_verdicts(page, database, entries):
    sign_in(page, database, permissions=["topics.view_attribute", "topics.view_topic"])
    page.goto(LIST)
    expect(page.get_by_text("Your account may not change entries")).to_be_visible()
    expect(page.get_by_role("button", name="Reject", exact=True)).to_be_disabled()
    press(page, "j", "x", "r", "j", "a", "Enter")
    expect(page.get_by_role("heading", name="W" * 200)).to_be_visible()
    assert verdicts(database) == set()

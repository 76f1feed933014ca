"""Roles and first sign-ins in a real browser."""

import re

import pytest
from axes.models import AccessAttempt
from playwright.sync_api import expect

from igentai_site.team.limits import PAIR_LIMIT
from igentai_site.team.models import Member
from tests.factories import RunFactory, TopicFactory, UserFactory
from tests.live import session_of
from topics.models import Topic

pytestmark = [pytest.mark.django_db(transaction=True)]

REASON = "Your role (viewer) may look only: ask an administrator."
CLOSING_SECONDS = 10


def sign_in(page, database, **user):
    member = database(lambda: UserFactory(**user))
    cookie = {"name": "sessionid", "value": database(session_of, member), "domain": "127.0.0.1", "path": "/"}
    page.context.add_cookies([cookie])
    return member


def fill_in(page, **values):
    for label, value in values.items():
        page.get_by_label(label.replace("_", " ")).fill(value)


def test_a_viewer_who_cannot(page, database, complaints):
    run = database(RunFactory, topic__name="Paris attractions")
    viewer = sign_in(page, database, role="viewer")

    page.goto("/admin/topics/topic/")
    for name in ("Add topic", "Start over (replaces the list)", "Stop"):
        button = page.get_by_role("button", name=name)
        expect(button).to_be_disabled()
        expect(button).to_have_attribute("title", REASON)
    expect(page.get_by_text(REASON).first).to_be_visible()

    page.goto(f"/topics/{run.topic.pk}/live/")
    expect(page.locator("[data-connection-words]")).to_have_text("Live")
    expect(page.get_by_role("button", name="Stop")).to_be_disabled()
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    answer = page.request.post(
        f"/topics/{run.topic.pk}/stop/",
        form={"csrfmiddlewaretoken": token},
        headers={"Referer": page.url, "Accept": "application/json"},
    )
    assert (answer.status, answer.json()["detail"]) == (403, REASON)

    with page.expect_event("websocket") as opened:
        page.reload()
    expect(page.locator("[data-connection-words]")).to_have_text("Live")
    # Given to the browser, not waited for by chance: the server promises it.
    with opened.value.expect_event("close", timeout=CLOSING_SECONDS * 1000):
        database(viewer.groups.clear)
    expect(page.locator("[data-connection-words]")).not_to_have_text("Live")
    # What the page fetches meanwhile is refused; the browser reports the status itself.
    complaints[:] = [text for text in complaints if "status of 403" not in text]


def test_the_first_sign_in(page, database):
    def newcomer():
        member = UserFactory(username="kim", role="operator")
        Member.set_duty(member, must_change_password=True)
        return TopicFactory(name="Paris attractions")

    topic = database(newcomer)
    page.goto(f"/topics/{topic.pk}/live/")
    fill_in(page, Username="kim", Password="password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("The password you signed in with was made for you.")).to_be_visible()

    page.goto("/admin/topics/topic/")  # nothing else is there yet
    expect(page).to_have_url(re.compile(r"/admin/password_change/\?next="))
    page.go_back()
    fill_in(page, Old_password="password")
    page.get_by_label("New password:").fill("a longer and better one")
    page.get_by_label("New password confirmation").fill("a longer and better one")
    page.get_by_role("button", name="Change my password").click()
    expect(page).to_have_url(re.compile(rf"/topics/{topic.pk}/live/$"))
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    expect(page.locator("[data-connection-words]")).to_have_text("Live")
    assert database(lambda: Topic.objects.count()) == 1


def test_too_many_failures(page, database, complaints):
    def nearly():
        UserFactory(username="kim", role="viewer")
        AccessAttempt.objects.create(username="kim", ip_address="127.0.0.1", failures_since_start=PAIR_LIMIT - 1)

    database(nearly)
    page.goto("/admin/login/")
    fill_in(page, Username="kim", Password="wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Too many failed sign-ins")).to_be_visible()
    expect(page.get_by_text("Try again at")).to_be_visible()
    assert [text for text in complaints if "429" in text] == complaints
    complaints.clear()

"""Signing out everywhere: one's own sessions elsewhere, or all of a member's; and what ends them besides."""

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from igentai_site.team.models import AuditEvent
from igentai_site.team.signing_out import end_sessions
from orchestration.portal.consumers import LiveConsumer
from tests.factories import ApiTokenFactory, TopicFactory, UserFactory
from tests.live import database, session_of, watching
from tests.programs import VIEWER, program

pytestmark = [pytest.mark.storage, pytest.mark.django_db]

ELSEWHERE = "/admin/sign_out_elsewhere/"


@pytest.fixture
def kim():
    return UserFactory(username="kim", role="viewer")


def signed_in(member):
    browser = Client()
    browser.force_login(member)
    return browser


def is_in(browser):
    return browser.get(reverse("admin:index")).status_code == 200


def page_for(member):
    return reverse("admin:auth_user_sign_out", args=[member.pk])


def last_event():
    event = AuditEvent.objects.latest("id")
    return event.kind, event.name, event.detail


def test_one_stays_signed_in_here_and_nowhere_else(kim):
    here, lost, other, sam = signed_in(kim), signed_in(kim), signed_in(kim), signed_in(UserFactory(role="viewer"))
    page = here.get(reverse("admin:password_change")).content.decode()
    assert f'<a href="{ELSEWHERE}"' in page
    assert "Here you stay" in here.get(ELSEWHERE).content.decode()
    assert is_in(lost)
    response = here.post(ELSEWHERE, follow=True)
    assert "You are signed out everywhere else: 2 sessions ended." in response.content.decode()
    assert [is_in(browser) for browser in (here, lost, other, sam)] == [True, False, False, True]
    assert last_event() == ("signed out", "kim", "Everywhere else: 2 sessions.")


def test_an_administrator_signs_a_member_out(kim):
    boss, lost = signed_in(UserFactory(username="boss", role="administrator")), signed_in(kim)
    page = boss.get(reverse("admin:auth_user_change", args=[kim.pk])).content.decode()
    assert f'<a href="{page_for(kim)}">Sign out everywhere</a>' in page
    assert is_in(lost)
    assert boss.post(page_for(kim)).headers["Location"] == reverse("admin:auth_user_change", args=[kim.pk])
    assert [is_in(browser) for browser in (boss, lost)] == [True, False]
    assert last_event() == ("signed out", "kim", "Everywhere, by boss: 1 session.")


def test_an_administrator_does_not_sign_out_who_may_more():
    root = UserFactory(admin=True)
    boss, browser = signed_in(UserFactory(role="administrator")), signed_in(root)
    assert boss.post(page_for(root)).status_code == 403
    assert is_in(browser)


def test_an_administrators_own_page_leads_to_the_one_that_keeps_this_session():
    boss = UserFactory(role="administrator")
    browser = signed_in(boss)
    assert browser.post(page_for(boss)).headers["Location"] == ELSEWHERE
    assert is_in(browser)


def test_a_page_of_another_site_signs_nobody_out(kim):
    lost, here = signed_in(kim), Client(enforce_csrf_checks=True)
    here.force_login(kim)
    assert here.post(ELSEWHERE).status_code == 403
    assert is_in(lost)


def test_the_page_says_that_tokens_go_on(kim):
    ApiTokenFactory(user=kim)
    boss = signed_in(UserFactory(role="administrator"))
    for browser, page in ((signed_in(kim), ELSEWHERE), (boss, page_for(kim))):
        assert "<strong>1 API token</strong> goes on" in browser.get(page).content.decode()


def test_a_session_that_is_being_used_at_that_moment_does_not_come_back(kim):
    session = signed_in(kim).session
    session["noted"] = True
    assert end_sessions(kim) == 1
    with pytest.raises(UpdateError):
        session.save()
    assert not Session.objects.exists()


def test_a_password_that_an_administrator_sets_ends_them_too(kim, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    new = "a longer and better one"
    lost = signed_in(kim)
    form = {"password1": new, "password2": new, "usable_password": "true"}
    boss = signed_in(UserFactory(role="administrator"))
    assert boss.post(reverse("admin:auth_user_password_change", args=[kim.pk]), form).status_code == 302
    assert not is_in(lost)


def test_who_is_made_inactive_and_active_again_signs_in_anew(kim):
    boss, lost = signed_in(UserFactory(role="administrator")), signed_in(kim)
    change = reverse("admin:auth_user_change", args=[kim.pk])
    for active in ({}, {"is_active": "on"}):
        assert boss.post(change, {"username": "kim", "role": "viewer", **active}).status_code == 302
    assert not is_in(lost)


def test_the_tokens_of_who_is_made_inactive_are_refused_from_that_moment(kim):
    client = program(user=kim)
    boss = signed_in(UserFactory(role="administrator"))
    assert client.get("/topics").status_code == 200
    boss.post(reverse("admin:auth_user_change", args=[kim.pk]), {"username": "kim", "role": "viewer"})
    assert client.get("/topics").status_code == 401


@pytest.mark.django_db(transaction=True)
async def test_an_open_live_page_is_closed(monkeypatch):
    monkeypatch.setattr(LiveConsumer, "tick_seconds", 0.02)
    monkeypatch.setattr(LiveConsumer, "recheck_seconds", 0.05)
    topic = await database(TopicFactory)
    member = await database(UserFactory, permissions=VIEWER)
    session = await database(session_of, member)
    async with watching(topic, session) as viewer:
        await viewer.next()
        await database(end_sessions, member)
        assert await viewer.closed() == 4401

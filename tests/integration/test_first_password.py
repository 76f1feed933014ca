"""Whose password was made by others chooses one first: on pages and sockets alike."""

from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.urls import reverse

from igentai_site.team.models import AuditEvent, Member
from igentai_site.team.sessions import BEGAN, LONGEST_SECONDS
from orchestration.portal.consumers import LiveConsumer
from tests.factories import TopicFactory, UserFactory
from tests.live import database, session_of, watching
from topics.models import Topic
from topics.refusals import PASSWORD_FIRST, refusal

pytestmark = [pytest.mark.storage, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def cheap_passwords(settings):
    """Those that a test sets or tries: each would take a third of a second."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


NEW = "a longer and better one"
HTML = {"accept": "text/html,application/xhtml+xml"}
CHANGE = "/admin/password_change/"


@pytest.fixture
def newcomer():
    return due(UserFactory(role="operator"))


def due(user):
    Member.set_duty(user, must_change_password=True)
    return user


def choose(client, new=NEW, old="password", then="/"):
    form = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post(f"{CHANGE}?next={then}", form, headers=HTML)


def test_each_page_leads_to_the_password_and_back(client, newcomer):
    topic = TopicFactory()
    wanted = reverse("portal:live", args=[topic.pk])
    client.force_login(newcomer)
    response = client.get(f"{wanted}?q=1", headers=HTML)
    assert response.headers["Location"] == f"{CHANGE}?next=%2Ftopics%2F{topic.pk}%2Flive%2F%3Fq%3D1"
    page = client.get(response.headers["Location"], headers=HTML).content.decode()
    assert "The password you signed in with was made for you." in page
    assert choose(client, then=f"{wanted}%3Fq=1").headers["Location"] == f"{wanted}?q=1"
    response = client.get(wanted, headers=HTML)
    assert response.status_code == 200
    assert "Your password is changed." in response.content.decode()
    assert AuditEvent.objects.filter(kind=AuditEvent.Kind.PASSWORD, user=newcomer).exists()


def test_nothing_is_done_before(client, newcomer):
    topic = TopicFactory()
    client.force_login(newcomer)
    response = client.post(reverse("portal:command", args=[topic.pk, "start_over"]), headers=HTML)
    assert response.headers["Location"].startswith(CHANGE)
    assert not Topic.objects.wanted().exists()
    assert refusal(newcomer, "topics.view_topic") == PASSWORD_FIRST


def test_a_program_is_told_so(client, newcomer):
    client.force_login(newcomer)
    response = client.get(reverse("admin:index"))
    assert (response.status_code, response.json()) == (403, {"detail": PASSWORD_FIRST})


def test_signing_out_is_always_possible(client, newcomer):
    client.force_login(newcomer)
    assert client.post(reverse("admin:logout"), headers=HTML).status_code == 200


@pytest.mark.parametrize(
    ("new", "complaint"), [("password", "This is the password you have."), ("12345", "This password is too short.")]
)
def test_the_new_password_is_another_and_a_good_one(client, newcomer, new, complaint):
    client.force_login(newcomer)
    response = choose(client, new=new)
    assert (response.status_code, complaint in response.content.decode()) == (200, True)
    assert client.get(reverse("admin:index"), headers=HTML).status_code == 302


def test_who_chose_stays_signed_in_here_and_nowhere_else(client, newcomer):
    elsewhere = type(client)()
    elsewhere.force_login(newcomer)
    client.force_login(newcomer)
    choose(client)
    assert client.get(reverse("admin:index"), headers=HTML).status_code == 200
    assert reverse("admin:login") in elsewhere.get(reverse("admin:index"), headers=HTML).headers["Location"]


@pytest.mark.parametrize("then", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_it_leads_to_no_other_site(client, newcomer, then):
    client.force_login(newcomer)
    assert choose(client, then=then).headers["Location"] == reverse("admin:index")


def test_whom_no_portal_made_has_no_duty(client):
    client.force_login(UserFactory(role="viewer"))
    assert client.get(reverse("admin:index"), headers=HTML).status_code == 200


def test_the_first_administrator_changes_what_was_printed(client):
    output = StringIO()
    call_command("prepare", stdout=output)
    assert "You choose your own when you sign in." in output.getvalue()
    password = output.getvalue().split("only now:")[1].split()[0]
    signed_in = client.post(reverse("admin:login"), {"username": "admin", "password": password}, headers=HTML)
    assert signed_in.status_code == 302
    assert client.get(signed_in.headers["Location"], headers=HTML).headers["Location"].startswith(CHANGE)
    assert choose(client, old=password, then="/admin/").headers["Location"] == "/admin/"
    assert client.get(reverse("admin:index"), headers=HTML).status_code == 200
    assert not get_user_model().objects.get().member.must_change_password


def test_a_session_ends_at_last_even_when_it_is_used(client):
    member = UserFactory(role="viewer")
    client.force_login(member)
    session = client.session
    session[BEGAN] -= LONGEST_SECONDS
    session.save()
    response = client.get(reverse("admin:index"), headers=HTML)
    assert response.headers["Location"].startswith(reverse("admin:login"))


# Sockets


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("loss", "code"),
    [
        (lambda member: member.groups.clear(), 4403),
        (due, 4403),
        (lambda member: type(member).objects.filter(pk=member.pk).update(is_active=False), 4401),
    ],
    ids=["role taken", "password due", "deactivated"],
)
@pytest.mark.parametrize("role", ["viewer", "administrator"])
async def test_an_open_page_is_closed_when_its_reader_may_no_longer(monkeypatch, loss, code, role):
    monkeypatch.setattr(LiveConsumer, "tick_seconds", 0.02)
    monkeypatch.setattr(LiveConsumer, "recheck_seconds", 0.05)
    topic = await database(TopicFactory)
    member = await database(UserFactory, role=role)
    session = await database(session_of, member)
    async with watching(topic, session) as viewer:
        await viewer.next()
        await database(loss, member)
        assert await viewer.closed() == code


@pytest.mark.django_db(transaction=True)
async def test_a_superuser_whose_password_is_due_opens_nothing():
    topic = await database(TopicFactory)
    session = await database(lambda: session_of(due(UserFactory(admin=True))))
    async with watching(topic, session) as viewer:
        assert await viewer.closed() == 4403


def test_rights_are_checked_often_enough():
    assert LiveConsumer.recheck_seconds + LiveConsumer.tick_seconds < 10

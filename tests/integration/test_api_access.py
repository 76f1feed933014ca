"""Who may use the API: tokens, sessions, permissions, limits; and how refusals read."""

import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from igentai_site.api.auth import Caller, still_allowed
from igentai_site.api.models import ApiToken
from igentai_site.api.rates import allowances
from igentai_site.team.models import Member
from tests.factories import ApiTokenFactory, TopicFactory, UserFactory
from tests.programs import API, OPERATOR, ROLES, VIEWER, Program, error, program
from topics.commands import COMMANDS
from topics.models import Topic

pytestmark = [pytest.mark.storage, pytest.mark.django_db]

READING = ["/me", "/topics", "/topics/{}", "/topics/{}/status", "/attributes", "/openapi.json"]
FOR_VIEWERS = [path for path in READING if path not in ("/me", "/openapi.json")]
CHANGING = [
    ("POST", "/topics", {"name": "New"}, 201),
    ("PATCH", "/topics/{}", {"target": 5}, 200),
    ("POST", "/topics/{}/start", None, 202),
    ("POST", "/topics/{}/start_over", {"confirm_replaces_list": True}, 202),
]
BODIES = pytest.mark.parametrize(("method", "path", "body", "status"), CHANGING, ids=lambda value: str(value)[:20])


@pytest.fixture
def topic():
    return TopicFactory()


# Roles


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("path", FOR_VIEWERS)
def test_reading_wants_the_permission_to_view(role, path, topic):
    response = program(ROLES[role]).get(path.format(topic.pk))
    assert response.status_code == (403 if role == "nobody" else 200)
    if role == "nobody":
        assert "topics.view_" in error(response)["what_to_do"]


@pytest.mark.parametrize("role", ROLES)
@BODIES
def test_changing_wants_the_permission_to_change(role, method, path, body, status, topic):
    response = program(ROLES[role]).send(method, path.format(topic.pk), body)
    assert response.status_code == (status if role == "operator" else 403), response.content
    topic.refresh_from_db()
    if role != "operator":
        assert (Topic.objects.count(), topic.starts, topic.target) == (1, 0, None)


@pytest.mark.parametrize("command", ["start", *COMMANDS])
def test_a_viewer_commands_nothing(command, topic):
    assert program(VIEWER).post(f"/topics/{topic.pk}/{command}").status_code == 403


def test_a_permission_is_asked_at_each_request(topic):
    user = UserFactory(permissions=VIEWER)
    client = program(user=user)
    assert client.get("/topics").status_code == 200
    user.user_permissions.clear()
    assert client.get("/topics").status_code == 403


def test_a_superuser_may_all(topic):
    assert program(user=UserFactory(admin=True)).post(f"/topics/{topic.pk}/start").status_code == 202


def test_the_token_says_whom_it_acts_for():
    user = UserFactory(permissions=["topics.view_topic"])
    told = program(user=user, read_only=True).get("/me").json()
    assert told == {"user": user.username, "roles": [], "permissions": ["topics.view_topic"], "read_only": True}


# Tokens


@pytest.mark.parametrize("path", READING)
def test_without_a_token_nothing_is_told(path, topic):
    response = Program().get(path.format(topic.pk))
    assert (response.status_code, error(response)["code"]) == (401, "no_token")
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer  ",
        "Bearer unknown",
        "Basic dTpw",
        "igentai_x",
        "Bearer \x00",
        "Bearer \xe9\xff",
        "Bearer " + "x" * 9000,
    ],
)
def test_a_header_that_is_no_token_of_ours_is_refused(header, topic):
    response = Client(headers={"Authorization": header}).get(f"{API}/topics")
    assert response.status_code == 401
    error(response)


def test_a_token_in_the_address_is_none(topic):
    ApiTokenFactory(secret="igentai_known", user=UserFactory(admin=True))
    for name in ("token", "access_token", "api_key"):
        assert Program().get("/topics", **{name: "igentai_known"}).status_code == 401


def test_an_expired_token_is_refused():
    now = timezone.now()
    assert program(VIEWER, expires_at=now + timedelta(minutes=1)).get("/topics").status_code == 200
    response = program(VIEWER, expires_at=now - timedelta(seconds=1)).get("/topics")
    assert (response.status_code, error(response)["code"]) == (401, "expired_token")


def test_a_revoked_token_is_refused():
    client = program(VIEWER)
    ApiToken.objects.all().delete()
    assert error(client.get("/topics"))["code"] == "unknown_token"


def test_the_tokens_of_a_deactivated_account_are_refused():
    user = UserFactory(permissions=VIEWER, is_active=False)
    response = program(user=user).get("/topics")
    assert (response.status_code, error(response)["code"]) == (401, "account_disabled")


def test_the_tokens_of_one_who_must_choose_a_password_first_are_refused():
    user = UserFactory(permissions=VIEWER)
    Member.set_duty(user, must_change_password=True)
    response = program(user=user).get("/topics")
    assert (response.status_code, error(response)["code"]) == (401, "password_change_needed")


def test_a_token_that_may_only_read_changes_nothing(topic):
    client = program(OPERATOR, read_only=True)
    assert client.get("/topics").status_code == 200
    assert error(client.post(f"/topics/{topic.pk}/start"))["code"] == "read_only"
    topic.refresh_from_db()
    assert topic.starts == 0


def test_its_use_is_noted_once_a_minute():
    client = program(VIEWER)
    client.get("/topics")
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    client.get("/topics")
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(minutes=2))
    client.get("/topics")
    assert (ApiToken.objects.get().last_used_at or first) > first - timedelta(minutes=1)


def test_who_asks_too_often_is_told_to_wait():
    client, other = program(VIEWER), program(VIEWER)
    mine = ApiToken.objects.order_by("id")[0]
    soon = time.monotonic() + 60  # so nothing is refilled while the test runs
    while allowances.take(f"token {mine.hash}", soon):
        pass
    refused = client.get("/me")
    assert (refused.status_code, error(refused)["code"]) == (429, "too_many")
    assert refused.headers["Retry-After"] == "1"
    assert other.get("/me").status_code == 200


# Browsers


def test_a_signed_in_browser_may_read(client, topic):
    client.force_login(UserFactory(permissions=VIEWER))
    assert client.get(f"{API}/topics").status_code == 200


def test_a_signed_in_browser_changes_nothing(client, topic):
    client.force_login(UserFactory(admin=True))
    for path in ("/topics", f"/topics/{topic.pk}/start"):
        response = client.post(f"{API}{path}", {"name": "Forged"}, content_type="application/json")
        assert (response.status_code, error(response)["code"]) == (401, "no_token")
    assert Topic.objects.count() == 1


def test_a_wrong_token_is_not_made_good_by_a_session(client):
    client.force_login(UserFactory(admin=True))
    assert client.get(f"{API}/topics", headers={"Authorization": "Bearer wrong"}).status_code == 401


# While being served


def refusal(caller, permission):
    error = still_allowed(caller, permission)
    return error.code if error else ""


def caller_with(token):
    return Caller(token.user, "key", token.pk, read_only=False)


def test_who_is_being_served_may_lose_the_right():
    token = ApiTokenFactory(user=UserFactory(permissions=VIEWER))
    caller = caller_with(token)
    assert refusal(caller, VIEWER[0]) == ""
    assert refusal(caller, "topics.add_topic") == "forbidden"
    token.user.is_active = False
    token.user.save()
    assert refusal(caller, VIEWER[0]) == "account_disabled"
    token.delete()
    assert refusal(caller, VIEWER[0]) == "unknown_token"


def test_who_signs_out_is_served_no_longer(client):
    user = UserFactory(permissions=VIEWER)
    client.force_login(user)
    caller = Caller(user, "key", None, read_only=True, session_key=client.session.session_key)
    assert refusal(caller, VIEWER[0]) == ""
    client.logout()
    assert refusal(caller, VIEWER[0]) == "signed_out"


# Errors


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/topics/99999999999999999999999", 404),
        ("GET", "/topics/0/status", 404),
        ("GET", "/topics/x", 404),
        ("DELETE", "/topics", 405),
        ("POST", "/topics/1/explode", 404),
        ("GET", "/attributes?limit=0", 422),
        ("GET", "/attributes?limit=1001", 422),
        ("GET", "/attributes?after=-1", 422),
        ("GET", "/attributes?after=99999999999999999999", 422),
        ("GET", "/attributes?state=strange", 422),
        ("GET", "/attributes?provider=nobody", 422),
        ("GET", "/attributes?run=1", 422),
        ("GET", "/topics?limit=abc", 422),
    ],
)
def test_every_error_has_one_shape(method, path, status):
    response = program(OPERATOR).send(method, path)
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/json"
    assert error(response)
    assert ("Allow" in response.headers) == (status == 405)


@pytest.mark.parametrize(("body", "status"), [("{", 400), ("[]", 422), ("\xff", 400), ("null", 422)])
def test_a_body_that_cannot_be_read_is_refused(body, status):
    client = program(OPERATOR).client
    response = client.generic("POST", f"{API}/topics", body.encode("latin-1"), "application/json")
    assert response.status_code == status
    error(response)


def test_a_body_that_is_too_large_is_refused(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    response = program(OPERATOR).post("/topics", {"name": "x" * 200})
    assert (response.status_code, error(response)["code"]) == (413, "too_large")


def test_nothing_is_kept_by_caches():
    assert program(VIEWER).get("/topics").headers["Cache-Control"] == "no-store"

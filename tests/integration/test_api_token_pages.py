"""The page API tokens: everybody's own, shown once, revoked by their owner or an administrator."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import ADDITION, DELETION, LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from igentai_site.api.models import MOST_TOKENS, ApiToken
from igentai_site.api.tokens import digest
from tests.factories import ApiTokenFactory, UserFactory
from tests.programs import Program

pytestmark = [pytest.mark.storage, pytest.mark.django_db]

LIST, ADD = reverse("admin:api_apitoken_changelist"), reverse("admin:api_apitoken_add")
FORM = {"name": "nightly job", "expires": "30"}


@pytest.fixture
def member():
    return UserFactory(permissions=["topics.view_topic"])


@pytest.fixture
def page(client, member):
    client.force_login(member)
    return client


@pytest.fixture
def administrator():
    client = Client()
    client.force_login(UserFactory(permissions=["api.view_apitoken", "api.delete_apitoken"]))
    return client


def revoke_page(token):
    return reverse("admin:api_apitoken_delete", args=[token.pk])


def secret_in(response):
    return response.content.decode().split('readonly value="')[1].split('"')[0]


def test_a_token_is_made_and_works(page, member):
    response = page.post(ADD, FORM)
    secret, token = secret_in(response), ApiToken.objects.get()
    assert Program(secret).get("/topics").status_code == 200
    assert (token.user, token.name, token.read_only) == (member, "nightly job", False)
    assert token.expires_at
    assert timedelta(days=29) < token.expires_at - timezone.now() < timedelta(days=31)
    assert secret.startswith("igentai_")
    assert len(secret) > 50
    assert secret.startswith(token.prefix)


def test_it_is_shown_once_and_kept_nowhere(page):
    response = page.post(ADD, FORM)
    secret, token = secret_in(response), ApiToken.objects.get()
    assert "no-store" in response.headers["Cache-Control"]
    assert token.hash == digest(secret)
    for address in (LIST, reverse("admin:api_apitoken_change", args=[token.pk])):
        html = page.get(address).content.decode()
        assert token.prefix in html
        assert secret not in html
        assert token.hash not in html
    assert secret not in str(LogEntry.objects.values())


def test_no_two_are_alike(page):
    assert secret_in(page.post(ADD, FORM)) != secret_in(page.post(ADD, FORM))


def test_one_that_never_expires_and_may_only_read(page):
    page.post(ADD, {**FORM, "expires": "never", "read_only": "on"})
    token = ApiToken.objects.get()
    assert (token.expires_at, token.read_only) == (None, True)
    assert "never" in page.get(LIST).content.decode()


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "  "}, {"expires": "12345"}, {"name": "x" * 101}])
def test_what_is_wrong_is_refused(page, wrong):
    response = page.post(ADD, {**FORM, **wrong})
    assert "errorlist" in response.content.decode()
    assert not ApiToken.objects.exists()


def test_nobody_has_more_than_a_few(page, member):
    ApiToken.objects.bulk_create(
        ApiToken(user=member, name="old", prefix="igentai_", hash=str(number)) for number in range(MOST_TOKENS)
    )
    assert "Revoke some" in page.post(ADD, FORM).content.decode()
    assert ApiToken.objects.count() == MOST_TOKENS


def test_making_and_revoking_are_in_the_history(page, member):
    page.post(ADD, FORM)
    page.post(revoke_page(ApiToken.objects.get()), {"post": "yes"})
    assert not ApiToken.objects.exists()
    entries = LogEntry.objects.filter(user=member).order_by("id")
    assert [entry.action_flag for entry in entries] == [ADDITION, DELETION]
    assert "nightly job" in entries[1].object_repr


def test_others_are_not_seen_and_not_revoked(page):
    other = ApiTokenFactory(name="somebody else's")
    assert "somebody else" not in page.get(LIST).content.decode()
    assert page.get(reverse("admin:api_apitoken_change", args=[other.pk])).status_code == 302
    page.post(revoke_page(other), {"post": "yes"})
    page.post(LIST, {"action": "delete_selected", "_selected_action": other.pk, "post": "yes"})
    assert ApiToken.objects.filter(pk=other.pk).exists()


def test_an_administrator_revokes_anybody_s(administrator):
    token = ApiTokenFactory()
    assert token.user.username in administrator.get(LIST).content.decode()
    assert "Revoke the token" in administrator.get(revoke_page(token)).content.decode()
    administrator.post(revoke_page(token), {"post": "yes"})
    assert not ApiToken.objects.exists()


def test_several_are_revoked_at_once_after_a_confirmation(page, member):
    tokens = [ApiTokenFactory(user=member) for _ in range(3)]
    chosen = {"action": "delete_selected", "_selected_action": [token.pk for token in tokens[:2]]}
    assert "Revoke these tokens?" in page.post(LIST, chosen).content.decode()
    assert ApiToken.objects.count() == 3
    page.post(LIST, {**chosen, "post": "yes"})
    assert list(ApiToken.objects.all()) == [tokens[2]]


def test_a_stranger_signs_in_first(client):
    for address in (LIST, ADD, reverse("api-reference")):
        assert client.get(address).headers["Location"].startswith("/admin/login/")


def test_a_form_of_another_site_makes_none(member):
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    assert client.post(ADD, FORM).status_code == 403
    assert not ApiToken.objects.exists()


def test_a_name_is_text(page):
    html = page.post(ADD, {**FORM, "name": "<img src=x>"}).content.decode()
    assert "<img" not in html
    assert "&lt;img src=x&gt;" in html


def test_an_empty_page_says_what_to_do(page):
    assert "make the first" in page.get(LIST).content.decode()


def test_the_page_of_the_api_has_no_inline_code(page):
    response = page.get(reverse("api-reference"))
    html = response.content.decode()
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert "/api/v1/topics/{topic_id}/status" in html
    for inline in ("<style", " style=", " onclick=", "//cdn"):
        assert inline not in html
    assert page.get("/api/v1/").headers["Location"] == reverse("api-reference")

"""The pages of providers: keys and health at a glance, every setting, and the button that tries one."""

import os
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orchestration.models import ProviderHealth
from producers.models import Provider
from tests.factories import ProviderFactory, UserFactory
from tests.fakes.replies import Status, Streamed, always
from tests.fakes.server import ScriptedServer

pytestmark = [pytest.mark.storage, pytest.mark.django_db]

CANARY = "sk-canary-0123456789"
RED = Streamed(("Red<script>alert(1)</script>\n",), usage=(10, 1))


@pytest.fixture
def administrator(client):
    client.force_login(UserFactory(admin=True))
    return client


@pytest.fixture
def server():
    with ScriptedServer(always(RED)) as server:
        yield server


def button_of(provider):
    return reverse("admin:producers_provider_test", args=[provider.pk])


def page_of(provider):
    return reverse("admin:producers_provider_change", args=[provider.pk])


def pressed(client, provider):
    """The page after the button was pressed."""
    response = client.post(button_of(provider), follow=True)
    assert response.redirect_chain == [(page_of(provider), 302)]
    return response.content.decode()


def local(server, **values):
    return ProviderFactory(**{"kind": "openai", "model": "m", "base_url": server.base_url, **values})


# The button


def test_a_provider_without_a_key_is_called_and_the_result_is_told_escaped(administrator, server):
    html = pressed(administrator, local(server, name="mine"))
    assert "Test: mine works: it answered in" in html
    assert 'class="success"' in html
    assert "Red&lt;script&gt;alert(1)" in html
    assert "<script>alert" not in html
    assert len(server.requests) == 1


def test_a_failure_is_told_with_what_to_do(administrator):
    with ScriptedServer(always(Status(404, {"error": {"message": "<b>no such model</b>"}}))) as server:
        html = pressed(administrator, local(server))
    assert 'class="error"' in html
    assert "check the model&#x27;s name and the base URL" in html
    assert "<b>no such" not in html


def test_a_simulated_provider_is_called_and_said_to_be_simulated(administrator):
    html = pressed(administrator, ProviderFactory(name="sham", model="strong", options={"latency": 0, "errors": 0}))
    assert "Test: sham (simulated) works" in html


def test_without_the_key_the_page_says_why_and_what_makes_the_call(administrator, server):
    html = pressed(administrator, local(server, name="the team's; ls", key_variable="TEAM_API_KEY"))
    assert "TEAM_API_KEY is not set in this process. The portal runs without keys by design" in html
    assert "manage.py providers test &#x27;the team&#x27;&quot;&#x27;&quot;&#x27;s; ls&#x27;" in html
    assert 'class="warning"' in html
    assert server.requests == []


def test_a_portal_that_has_the_key_makes_the_call(administrator, server, monkeypatch):
    monkeypatch.setitem(os.environ, "TEAM_API_KEY", CANARY)
    html = pressed(administrator, local(server, key_variable="TEAM_API_KEY"))
    assert "works: it answered" in html
    assert CANARY[:8] not in html
    assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"


def test_the_button_wants_a_post(administrator, server):
    assert administrator.get(button_of(local(server))).status_code == 405
    assert server.requests == []


def test_the_button_wants_the_permission(client, server):
    provider = local(server)
    client.force_login(UserFactory(permissions=["producers.view_provider"]))
    assert client.post(button_of(provider)).status_code == 403
    assert 'disabled title="Your account may not change providers' in client.get(page_of(provider)).content.decode()
    assert server.requests == []


def test_the_permission_to_change_providers_is_enough(client, server):
    client.force_login(UserFactory(permissions=["producers.view_provider", "producers.change_provider"]))
    provider = local(server)
    assert button_of(provider) in client.get(page_of(provider)).content.decode()
    assert "works: it answered" in pressed(client, provider)


def test_strangers_sign_in_first(client, server):
    response = client.post(button_of(local(server)))
    assert response.headers["Location"].startswith(reverse("admin:login"))
    assert server.requests == []


def test_the_button_wants_its_token(server):
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(admin=True))
    assert client.post(button_of(local(server))).status_code == 403
    assert server.requests == []


def test_a_provider_that_is_gone(administrator):
    assert administrator.post("/admin/producers/provider/404/test/").status_code == 404


def test_what_was_pressed_is_in_the_history(administrator, server):
    provider = local(server)
    pressed(administrator, provider)
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.get_change_message()) == (str(provider.pk), "Tested: it works.")


# The list and the form


def listed(client):
    return client.get(reverse("admin:producers_provider_changelist")).content.decode()


def test_the_list_shows_keys_and_health(administrator):
    provider = ProviderFactory(kind="anthropic", model="claude")
    ProviderFactory()
    html = listed(administrator)
    assert "ANTHROPIC_API_KEY: not in the portal" in html
    assert "none needed" in html
    assert "not used yet" in html
    ProviderHealth.objects.create(provider=provider, state="out", detail="<i>bad</i>", updated_at=timezone.now())
    html = listed(administrator)
    assert "out of use, 0 s ago: &lt;i&gt;bad&lt;/i&gt;" in html


def test_the_list_shows_no_key(administrator, monkeypatch):
    monkeypatch.setitem(os.environ, "ANTHROPIC_API_KEY", CANARY)
    ProviderFactory(kind="anthropic", model="claude")
    html = listed(administrator)
    assert "present: ANTHROPIC_API_KEY" in html
    assert CANARY[:8] not in html


FORM = {
    "name": "mine",
    "enabled": "on",
    "kind": "openai",
    "model": "gpt-4o",
    "weight": "1",
    "base_url": "",
    "key_variable": "",
    "input_rate": "2",
    "output_rate": "8",
    "cached_rate": "0.5",
    "daily_cap_usd": "5",
    "requests_per_minute": "60",
    "tokens_per_minute": "100000",
    "concurrency": "8",
    "thinking_tokens": "4000",
    "options": "{}",
}


def added(client, **values):
    return client.post(reverse("admin:producers_provider_add"), {**FORM, **values})


def test_every_setting_is_in_the_form(administrator):
    assert added(administrator).status_code == 302
    mine = Provider.objects.get(name="mine")
    assert (mine.cached_rate, mine.daily_cap_usd, mine.concurrency) == (Decimal("0.5"), Decimal(5), 8)
    assert (mine.requests_per_minute, mine.tokens_per_minute, mine.thinking_tokens) == (60, 100_000, 4_000)
    html = administrator.get(page_of(mine)).content.decode()
    for heading in ("Price", "How much, and how fast", "Where it is, and who pays"):
        assert heading in html


@pytest.mark.parametrize("host", ["169.254.169.254", "0xa9fea9fe", "[fe80::1]", "metadata.google.internal"])
def test_the_form_refuses_addresses_of_the_machines_own_network(administrator, host):
    response = added(administrator, base_url=f"http://{host}/v1")
    assert "own network" in response.content.decode()
    assert not Provider.objects.exists()

"""`manage.py providers`: the list, the discovery, and one small real call with an explanation."""

import json
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from orchestration.management.commands.providers import Command
from orchestration.models import ProviderHealth
from orchestration.onboarding import LocalServer
from producers.models import Provider
from tests.factories import ProviderFactory
from tests.fakes.replies import Status, Streamed, Whole, always
from tests.fakes.server import ScriptedServer

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]

CANARY = "sk-canary-0123456789"
COLOURS = Streamed(("Red\nGreen", "\nBlue\n"), usage=(1000, 100))


def command(*words, environ=None, servers=()):
    """What the command writes; it never shows a key."""
    out = StringIO()
    asked = Command(stdout=out)
    asked.environ, asked.servers = environ or {}, servers
    call_command(asked, *words)
    assert CANARY[:8] not in out.getvalue()
    return out.getvalue()


def row(name, **keywords):
    [line] = [line for line in command(**keywords).splitlines() if line.startswith(name)]
    return " ".join(line.split())


def health(provider, **values):
    ProviderHealth.objects.create(provider=provider, **{"updated_at": timezone.now(), **values})


# The list


def test_with_nothing_real_it_says_what_to_do_and_lists_the_simulated_ones():
    told = command()
    assert told.count("simulated-") == 3
    assert "No real provider is configured" in told
    assert "OPENAI_API_KEY or ANTHROPIC_API_KEY or GEMINI_API_KEY" in told
    assert "Ollama" in told
    assert "what they list is simulated" in told


def test_a_row_says_all_that_matters():
    ProviderFactory(
        name="mine", kind="openai", model="gpt-4o", input_rate=Decimal("2.5"), output_rate=10, weight=0.25
    )
    told = row("mine", environ={"OPENAI_API_KEY": CANARY})
    assert told == "mine openai gpt-4o present: OPENAI_API_KEY 2.5/10 not used yet yes 0.25"
    assert "No real provider" not in command()


def test_disabled_real_providers_are_said_to_be_disabled():
    ProviderFactory(name="mine", vendor=True, enabled=False)
    assert "Every real provider is disabled" in command()
    assert " no 1" in row("mine")


@pytest.mark.parametrize(
    ("values", "environ", "words"),
    [
        ({"kind": "simulated"}, {"OPENAI_API_KEY": CANARY}, "none needed"),
        ({}, {}, "missing: OPENAI_API_KEY"),
        ({}, {"OPENAI_API_KEY": "  "}, "missing: OPENAI_API_KEY"),
        ({}, {"OPENAI_API_KEY": CANARY}, "present: OPENAI_API_KEY"),
        ({"kind": "anthropic"}, {}, "missing: ANTHROPIC_API_KEY"),
        ({"kind": "gemini"}, {"GEMINI_API_KEY": CANARY}, "present: GEMINI_API_KEY"),
        ({"key_variable": "TEAM_API_KEY"}, {"OPENAI_API_KEY": CANARY}, "missing: TEAM_API_KEY"),
        ({"base_url": "http://127.0.0.1:11434/v1"}, {"OPENAI_API_KEY": CANARY}, "none needed"),
        ({"base_url": "https://api.openai.com/v1"}, {}, "missing: OPENAI_API_KEY"),
        ({}, {"OPENAI_BASE_URL": "http://gateway/v1"}, "not set: OPENAI_API_KEY"),
        (
            {"base_url": "http://gateway/v1/"},
            {"OPENAI_BASE_URL": "http://gateway/v1", "OPENAI_API_KEY": CANARY},
            "present: OPENAI_API_KEY",
        ),
    ],
)
def test_a_key_is_present_missing_or_not_needed(values, environ, words):
    ProviderFactory(name="mine", **{"kind": "openai", "model": "gpt-4o", **values})
    assert f" {words} " in row("mine", environ=environ)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "openai", "model": "gpt-4o-mini"}, "0.15/0.6"),
        ({"kind": "openai", "model": "nobody-knows-this"}, "unknown: state a rate"),
        ({"kind": "openai", "model": "llama", "input_rate": 0, "output_rate": 0}, "free"),
        ({"model": "cheap"}, "0.15/0.6 simulated"),
    ],
)
def test_a_price_is_known_free_simulated_or_to_be_stated(values, words):
    ProviderFactory(name="mine", **values)
    assert f" {words} not used yet" in row("mine")


def test_health_comes_with_its_age():
    now = timezone.now()
    health(ProviderFactory(name="a"), updated_at=now - timedelta(seconds=90))
    health(
        ProviderFactory(name="b"), state="paused", paused_until=now + timedelta(minutes=5, seconds=30), detail="429"
    )
    health(ProviderFactory(name="c"), state="out", detail="bad\x1b[31m key", updated_at=now - timedelta(days=3))
    assert "ready, 1 min ago" in row("a")
    assert "paused for 5 min more, 0 s ago: 429" in row("b")
    assert "out of use, 3 d ago: bad [31m key" in row("c")


def test_it_is_an_array_for_machines():
    provider = ProviderFactory(name="mine", kind="openai", model="gpt-4o-mini", weight=0.5)
    health(provider, state="out", detail="no key")
    mine = next(each for each in json.loads(command("--json")) if each["name"] == "mine")
    assert mine["health"].pop("age_seconds") >= 0
    assert mine == {
        "name": "mine",
        "kind": "openai",
        "model": "gpt-4o-mini",
        "simulated": False,
        "enabled": True,
        "weight": 0.5,
        "key": {"state": "missing", "variable": "OPENAI_API_KEY"},
        "usd_per_million_tokens": {"in": 0.15, "out": 0.6},
        "health": {"state": "out", "detail": "no key"},
    }


# The discovery


def test_discovery_says_what_it_found():
    with ScriptedServer(always(Status(200, {"data": [{"id": "llama"}]}))) as server:
        place = LocalServer("ollama", int(server.base_url.rsplit(":", 1)[1].removesuffix("/v1")))
        told = command("discover", environ={"GEMINI_API_KEY": CANARY}, servers=[place])
    assert "GEMINI_API_KEY is set" in told
    assert "OPENAI_API_KEY is not set" in told
    assert "New: gemini:gemini-2.5-flash" in told
    assert "New: ollama:llama, free" in told
    assert "Nothing new" in command("discover", environ={"GEMINI_API_KEY": CANARY})


def test_discovery_of_nothing_says_what_to_do():
    assert "Nothing was found: set OPENAI_API_KEY" in command("discover")


def test_discovery_that_is_switched_off_says_so():
    told = command("discover", environ={"OPENAI_API_KEY": CANARY, "IGENTAI_DISCOVERY": "0"})
    assert "switched off by IGENTAI_DISCOVERY" in told
    assert not Provider.objects.exclude(kind="simulated").exists()


# The test


@pytest.fixture
def ask():
    """Test a provider at a server that gives one reply: what was said, and what was asked."""

    def asked(reply, environ=None, **values):
        with ScriptedServer(always(reply)) as server:
            ProviderFactory(**{"name": "mine", "kind": "openai", "model": "m", "base_url": server.base_url, **values})
            return command("test", "mine", environ=environ), server.requests

    return asked


def failure(ask, reply, environ=None, **values):
    with pytest.raises(CommandError) as refusal:
        ask(reply, environ, **values)
    assert refusal.value.returncode == 1
    assert CANARY not in str(refusal.value)
    return str(refusal.value)


@pytest.mark.parametrize("reply", [COLOURS, Whole("Red\nGreen\nBlue", usage=(1000, 100))])
def test_a_provider_that_works_is_told_with_tokens_cost_and_time(ask, reply):
    told, [request] = ask(reply, input_rate=1, output_rate=10)
    assert "mine works: it answered in " in told
    assert "Answer: Red, Green, Blue" in told
    assert "Tokens: 1000 in, 100 out. Cost: $0.002000" in told
    assert (request.json["model"], request.json["max_tokens"]) == ("m", 200)
    assert "colours" in request.body.decode()
    assert "List 3 more entries" in request.body.decode()


def test_what_is_not_known_is_not_made_up(ask):
    told, _ = ask(Streamed(("Red",), finish=None))
    assert "Tokens: the provider did not say. Cost: unknown" in told
    assert "without saying that it was complete" in told


def test_a_price_that_is_unknown_is_to_be_stated(ask):
    told, _ = ask(COLOURS)
    assert "Cost: unknown, as no price is known: state a rate" in told


def test_a_free_one_costs_nothing(ask):
    told, _ = ask(COLOURS, input_rate=0, output_rate=0)
    assert "Cost: nothing" in told


def test_what_a_model_says_is_bounded_and_cannot_steer_the_terminal(ask):
    told, _ = ask(Streamed(("\x1b]0;owned\x07\u202eRed\x9b31m" + "x" * 100_000,)))
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert len(told) < 600


def test_a_simulated_one_says_that_it_is():
    ProviderFactory(name="sham", model="strong", options={"latency": 0, "errors": 0})
    told = command("test", "sham")
    assert "sham (simulated) works" in told
    assert "of simulated money" in told


def test_a_disabled_one_is_tested_and_said_to_be_disabled(ask):
    told, _ = ask(COLOURS, enabled=False)
    assert "disabled, so no topic uses it" in told


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Status(401, {"error": {"message": f"Incorrect key {CANARY}"}}), "put a valid one into TEAM_API_KEY"),
        (Status(403, ""), "put a valid one into TEAM_API_KEY"),
        (Status(402, ""), "no money left"),
        (Status(429, {"error": {"code": "insufficient_quota"}}), "no money left"),
        (Status(404, ""), "check the model's name and the base URL"),
        (Status(400, ""), "does not take this kind of request"),
        (Status(429, "", (("retry-after", "7"),)), "wait 7 s"),
        (Status(503, ""), "try again in a few minutes"),
        (Status(200, "<html></html>", (("content-type", "text/html"),)), "check the kind and the base URL"),
        (Status(302, "", (("location", "http://127.0.0.1:1/"),)), "mend the provider's settings"),
    ],
)
def test_what_is_wrong_comes_with_what_to_do(ask, reply, words):
    told = failure(ask, reply, {"TEAM_API_KEY": CANARY}, key_variable="TEAM_API_KEY")
    assert words in told
    assert "mine failed after " in told


def test_a_missing_key_is_named_before_anything_is_sent(ask):
    assert "set TEAM_API_KEY in the environment" in failure(ask, COLOURS, key_variable="TEAM_API_KEY")


@pytest.mark.parametrize(
    ("kind", "variable"),
    [("openai", "OPENAI_API_KEY"), ("anthropic", "ANTHROPIC_API_KEY"), ("gemini", "GEMINI_API_KEY")],
)
def test_the_missing_key_of_a_vendor_is_named(kind, variable):
    ProviderFactory(name="mine", kind=kind, model="m")
    with pytest.raises(CommandError, match=f"set {variable} in the environment of the engine") as refusal:
        command("test", "mine")
    assert refusal.value.returncode == 1


def test_a_server_that_is_not_running_is_asked_after():
    with ScriptedServer(always(COLOURS)) as server:
        ProviderFactory(name="mine", kind="openai", model="m", base_url=server.base_url)
    with pytest.raises(CommandError, match=r"is the server running on this machine\? .*127\.0\.0\.1"):
        command("test", "mine")


def test_an_address_that_no_form_has_checked_is_refused():
    ProviderFactory(name="mine", kind="openai", model="m", base_url="http://169.254.169.254/v1")
    with pytest.raises(CommandError, match="the machine's own network"):
        command("test", "mine")


def test_a_simulated_model_that_does_not_exist():
    ProviderFactory(name="sham", model="nobody")
    with pytest.raises(CommandError, match="there is no simulated model 'nobody'"):
        command("test", "sham")


@pytest.mark.parametrize(
    "words", [("test", "nobody"), ("test",), ("test", "a", "b"), ("fly",), ("--json", "discover")]
)
def test_wrong_arguments_have_a_status_of_their_own(words):
    with pytest.raises(CommandError) as refusal:
        command(*words)
    # What argparse refuses exits with 2 by itself where the command came from a shell.
    assert refusal.value.returncode == (2 if words in (("test", "nobody"), ("--json", "discover")) else 1)

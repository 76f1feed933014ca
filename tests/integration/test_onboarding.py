"""Providers come up by themselves from keys and from model servers on this machine, once each."""

import json
from contextlib import ExitStack
from decimal import Decimal
from importlib import import_module

import pytest

from orchestration import prices
from orchestration.choosing import choose, chosen_for
from orchestration.logic.pricing import Rates
from orchestration.onboarding import (
    LOCAL_SERVERS,
    LONGEST_MODEL,
    MAX_BYTES,
    LocalServer,
    bring_up,
    chat_models,
    is_switched_off,
)
from producers.models import Provider
from producers.providers.registry import ADAPTERS
from producers.providers.vendors import VENDORS
from tests.factories import ProviderFactory, TopicFactory
from tests.fakes.replies import Endless, Hanging, Status, Streamed, always
from tests.fakes.server import ScriptedServer

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]

KEYS = {"OPENAI_API_KEY": "sk-1", "ANTHROPIC_API_KEY": "sk-2", "GEMINI_API_KEY": "sk-3"}


def models(*names):
    return Status(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in names]})


@pytest.fixture
def serve():
    """Start a scripted server and return it as one that discovery asks."""
    with ExitStack() as stack:

        def start(reply, name="ollama"):
            server = stack.enter_context(ScriptedServer(always(reply)))
            place = LocalServer(name, int(server.base_url.rsplit(":", 1)[1].removesuffix("/v1")))
            return server, place

        yield start


def found(environ, *servers):
    return [provider.name for provider in bring_up(environ, servers)]


# Keys


def test_each_key_brings_up_an_inexpensive_model_of_its_vendor():
    assert found(KEYS) == ["openai:gpt-4.1-mini", "anthropic:claude-haiku-4-5", "gemini:gemini-2.5-flash"]
    for provider in Provider.objects.all():
        assert provider.enabled
        assert (provider.base_url, provider.key_variable) == ("", "")
        provider.full_clean()
        rates = prices.rates_of(provider)
        assert rates is not None
        assert 0 < rates.tokens_in < 2


def test_every_kind_but_the_simulated_is_a_vendors():
    assert ADAPTERS.keys() - {"simulated"} == VENDORS.keys()
    assert all(import_module(ADAPTERS[kind]).VENDOR is vendor for kind, vendor in VENDORS.items())


@pytest.mark.parametrize("environ", [{}, {"OPENAI_API_KEY": ""}, {"OPENAI_API_KEY": " \n"}, {"TEAM_API_KEY": "sk"}])
def test_no_key_brings_up_nothing(environ):
    assert found(environ) == []
    assert not Provider.objects.exists()


def test_nothing_is_made_twice():
    found(KEYS)
    assert found(KEYS) == []
    assert Provider.objects.count() == 3


@pytest.mark.parametrize("change", [{"enabled": False}, {"name": "ours"}, {"model": "gpt-9"}])
def test_what_people_changed_is_not_made_again(change):
    found(KEYS)
    Provider.objects.filter(kind="openai").update(**change)
    assert found(KEYS) == []


def test_a_provider_of_the_kind_leaves_the_key_to_it():
    ProviderFactory(kind="openai", model="gpt-4o")
    ProviderFactory(kind="anthropic", model="big", base_url="https://gateway.example.org/v1")
    assert found(KEYS) == ["gemini:gemini-2.5-flash"]


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:11434/v1", "http://localhost:1234/v1", "http://[::1]:8080"])
def test_a_server_of_this_machine_does_not_take_the_place_of_the_vendor(base_url):
    ProviderFactory(kind="openai", model="llama", base_url=base_url)
    assert "openai:gpt-4.1-mini" in found(KEYS)


def test_the_command_line_finds_what_came_up_by_the_same_name():
    found(KEYS)
    choose(TopicFactory(), ["openai:gpt-4.1-mini=0.5"], [])
    assert Provider.objects.filter(kind="openai").count() == 1


def test_what_came_up_takes_the_place_of_the_simulated_ones():
    topic = TopicFactory()
    assert all(each.provider.is_simulated for each in chosen_for(topic))
    assert set(found(KEYS)) == {each.provider.name for each in chosen_for(topic)}


def test_a_name_that_is_taken_is_left_alone():
    taken = ProviderFactory(name="openai:gpt-4.1-mini")
    assert "openai:gpt-4.1-mini" not in found(KEYS)
    taken.refresh_from_db()
    assert taken.is_simulated


# Servers of this machine


def test_a_model_server_is_found_asked_without_a_key_and_free(serve):
    server, place = serve(models("nomic-embed-text", "whisper-1", "llama3.2:3b", "other"))
    [provider] = bring_up({"HTTP_PROXY": "http://127.0.0.1:1", "TEAM_API_KEY": "sk"}, [place])
    assert (provider.name, provider.model) == ("ollama:llama3.2:3b", "llama3.2:3b")
    assert (provider.kind, provider.base_url, provider.key_variable) == ("openai", server.base_url, "")
    assert prices.rates_of(provider) == Rates(Decimal(0), Decimal(0))
    provider.full_clean()
    [request] = server.requests
    assert (request.method, request.path) == ("GET", "/v1/models")
    assert not {"authorization", "x-api-key", "cookie"} & set(request.headers)


def test_a_server_whose_provider_is_there_is_not_asked_again(serve):
    server, place = serve(models("llama"))
    assert found({}, place) == ["ollama:llama"]
    Provider.objects.update(enabled=False, name="renamed")
    assert found({}, place) == []
    assert len(server.requests) == 1


@pytest.mark.parametrize("form", ["http://localhost:{}/v1/", "http://127.0.0.1:{}", "http://[::1]:{}/v1"])
def test_the_same_server_under_another_name_is_the_same(serve, form):
    server, place = serve(models("llama"))
    ProviderFactory(kind="openai", model="mine", base_url=form.format(place.port))
    assert found({}, place) == []
    assert server.requests == []


def test_two_servers_with_the_same_model_both_come_up(serve):
    (_, one), (_, two) = serve(models("llama")), serve(models("llama"))
    assert found({}, one, two) == ["ollama:llama", f"ollama-{two.port}:llama"]


@pytest.mark.parametrize(
    "reply",
    [
        Status(200, "<html>The portal</html>"),
        Status(404, {"data": [{"id": "llama"}]}),
        Status(401, {"error": "key needed"}),
        Status(302, "", (("location", "http://127.0.0.1:1/v1/models"),)),
        Status(200, {"data": "llama"}),
        Status(200, {"data": [{"name": "llama"}]}),
        Status(200, {"data": [{"id": 7}]}),
        Status(200, ["llama"]),
        Status(200, "[" * 100_000),
        models(),
        models("text-embedding-3", "tts-1"),
        Streamed(("llama",)),
        Endless(),
        Hanging(models("llama"), 0),
        Hanging(models("llama"), 40),
        Status(200, json.dumps({"data": [{"id": "llama"}], "padding": "x" * MAX_BYTES})),
    ],
)
def test_what_is_no_model_server_is_passed_over(serve, reply):
    _, place = serve(reply)
    assert found({}, place) == []
    assert not Provider.objects.exists()


def test_a_redirect_is_not_followed(serve):
    target, _ = serve(models("llama"))
    _, place = serve(Status(307, "", (("location", f"{target.base_url}/models"),)))
    assert found({}, place) == []
    assert target.requests == []


def test_nobody_listening_is_no_trouble(serve):
    with ScriptedServer(always(models("llama"))) as server:
        port = int(server.base_url.rsplit(":", 1)[1].removesuffix("/v1"))
    assert found({}, LocalServer("ollama", port)) == []


# What a server says is a stranger's text


@pytest.mark.parametrize("name", ["", "  ", "a\x1b[31m", "a\x00b", "a\nb", "a\u202eb", "x" * (LONGEST_MODEL + 1)])
def test_a_name_that_cannot_be_shown_or_stored_is_passed_over(name):
    assert chat_models(json.dumps({"data": [{"id": name}, {"id": "llama"}]}).encode()) == ["llama"]


def test_a_long_model_gets_a_name_that_fits(serve):
    _, place = serve(models("x" * LONGEST_MODEL))
    [provider] = bring_up({}, [place])
    assert provider.model == "x" * LONGEST_MODEL
    assert len(provider.name) == 100


@pytest.mark.parametrize(
    "body",
    [b"", b'{"data": [{"id": "\\ud800"}]}', b"null", b"{}", b"\xff\xfe", b'{"data": null}', b'{"data": [null]}'],
)
def test_what_is_no_list_of_models_names_none(body):
    assert chat_models(body) == []


# The switch


@pytest.mark.parametrize("word", ["0", "false", " No ", "OFF"])
def test_discovery_can_be_switched_off(serve, word):
    server, place = serve(models("llama"))
    assert found({**KEYS, "IGENTAI_DISCOVERY": word}, place) == []
    assert server.requests == []
    assert not Provider.objects.exists()


@pytest.mark.parametrize("environ", [{}, {"IGENTAI_DISCOVERY": "1"}, {"IGENTAI_DISCOVERY": ""}])
def test_discovery_is_on_otherwise(environ):
    assert not is_switched_off(environ)


def test_the_usual_ports_are_asked():
    assert [server.base_url for server in LOCAL_SERVERS] == [
        f"http://127.0.0.1:{port}/v1" for port in (11434, 1234, 8080, 8000)
    ]

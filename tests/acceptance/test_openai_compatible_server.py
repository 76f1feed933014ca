"""An OpenAI-compatible server that igentai has not seen, behind OPENAI_BASE_URL."""

import time

import pytest

from orchestration.models import Request
from producers.link.keys import normal_form
from tests.acceptance.support import command_line, texts, until
from tests.acceptance.wholeness import assert_whole, every_stored_text
from tests.fakes.list_answers import list_answers
from tests.fakes.replies import Gate, Gated, Status, Streamed, always
from tests.fakes.server import ScriptedServer
from topics.models import Topic

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "sk-canary-8f1d2c7be04a4e6f"
REFUSED = Status(500, {"error": {"message": "Oops", "type": "server_error"}})
WORLD = [
    "Eiffel Tower", "Louvre", "Musée d'Orsay", "Notre-Dame de Paris", "Sacré-Cœur", "Arc de Triomphe", "Panthéon",
    "Place de l'Étoile", "Pont Neuf", "Sainte-Chapelle", "Centre Pompidou", "Les Invalides", "Parc Monceau",
    "Musée Rodin", "Palais Garnier", "Jardin du Luxembourg", "Café de Flore", "Rue Crémieux", "La Défense",
    "Moulin Rouge", "59 Rivoli", "Le 104", "Bois de Vincennes", "Montmartre", "Belleville", "Кафе Пушкинъ",
    "東京食堂",
    *(f"{kind} {name}" for kind in ("Café", "Hôtel", "Square", "Passage") for name in (
        "Balzac", "Colette", "Daumier", "Éluard", "Flaubert", "Gavroche", "Hugo", "Ionesco", "Jaurès", "Lamartine",
        "Musset", "Nerval", "Prévert", "Racine", "Sagan", "Triolet", "Valéry", "Zola", "Voltaire", "Yourcenar",
    )),
]  # fmt: skip


def environ(server: ScriptedServer) -> dict[str, str]:
    return {"OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": CANARY}


def command(*more: object) -> tuple[object, ...]:
    return ("--provider", "openai:unseen-1", "--topic", "Paris attractions", "-n", 3, "--json", *more)


@pytest.mark.storage
def test_the_list_is_the_servers_world_and_the_summary_is_honest(igentai):
    with ScriptedServer(list_answers(WORLD)) as server:
        ended = igentai.explore(*command("--iterations", 9, "--rate", "openai:unseen-1=2/8"), environ=environ(server))
    assert ended.status == 0, ended.stderr
    topic = Topic.objects.get()
    # In normal form: with several requests under way, another spelling may come first.
    assert sorted(map(normal_form, texts(topic))) == sorted(map(normal_form, WORLD))
    assert_whole(topic, igentai)
    summary = ended.summary
    assert summary["unique"] == len(WORLD)
    assert summary["stop_reason"] == "iterations"
    assert summary["simulated"] is False
    assert summary["requests"] == len(server.requests) == 27
    # Each fifth, each seventh and the eleventh and twenty-second; what two faults share happens once.
    failures = [number for number in range(1, 28) if number % 5 == 0 or number % 7 == 0 or number % 11 == 0]
    assert summary["failed_requests"] == len(failures)
    assert summary["unpriced_requests"] == 0
    assert summary["providers"]["openai:unseen-1"]["failed_requests"] == len(failures)


def test_tokens_and_cost_are_what_the_server_reported(igentai):
    answer = Streamed(("Louvre\nMontmartre\n",), usage=(1_000, 200))
    with ScriptedServer(always(answer)) as server:
        ended = igentai.explore(*command("--iterations", 2, "--rate", "openai:unseen-1=2/8"), environ=environ(server))
    summary = ended.summary
    assert (summary["tokens_in"], summary["tokens_out"]) == (6_000, 1_200)
    assert summary["cost_usd"] == pytest.approx((6_000 * 2 + 1_200 * 8) / 1_000_000)
    assert summary["providers"]["openai:unseen-1"]["cost_usd"] == summary["cost_usd"]


def test_a_price_that_nobody_knows_is_said_to_be_unknown(igentai):
    with ScriptedServer(always(Streamed(("Louvre\n",), usage=(10, 5)))) as server:
        summary = igentai.explore(*command("--iterations", 1), environ=environ(server)).summary
    assert (summary["cost_usd"], summary["unpriced_requests"]) == (0, 3)


@pytest.mark.storage
def test_the_key_goes_to_the_server_and_nowhere_else(igentai):
    gate = Gate()
    world = list_answers(WORLD, faults={4: Status(429, {"error": {"message": f"Slow down, {CANARY}"}})})

    def script(number, request):
        reply = world(number, request)
        return Gated(reply, gate) if number == 1 else reply

    with ScriptedServer(script) as server:
        engine = igentai.start(*command("--iterations", 5), environ=environ(server))
        until(lambda: len(server.requests) >= 3, what="requests under way")
        command_lines = [word for process in igentai.processes() for word in command_line(process)]
        gate.open()
        ended = engine.ended()
    assert ended.status == 0, ended.stderr
    assert "producers.worker" in command_lines
    assert not [word for word in command_lines if CANARY in word]
    assert {received.headers["authorization"] for received in server.requests} == {f"Bearer {CANARY}"}
    assert {received.path for received in server.requests} == {"/v1/chat/completions"}
    assert CANARY not in ended.stdout + ended.stderr
    assert Request.objects.filter(outcome="failed").exists()
    assert not [row for row in every_stored_text() if CANARY in row]
    assert not [path for path in igentai.outputs.rglob("*") if path.is_file() and CANARY in path.read_text()]


def test_no_request_is_made_before_a_retry_after_has_passed(igentai):
    slow_down = Status(429, {"error": {"message": "Slow down"}}, (("retry-after", "2"),))
    world = list_answers(WORLD, faults={})
    moments = []

    def script(number, request):
        moments.append(time.monotonic())
        return slow_down if number == 1 else world(number, request)

    with ScriptedServer(script) as server:
        arguments = ("--provider", "openai:unseen-1", "--topic", "Paris", "-n", 1, "--json", "--iterations", 4)
        ended = igentai.explore(*arguments, environ=environ(server))
    assert ended.summary["failed_requests"] == 1
    # Two are in flight at once: the second was under way when the first was refused.
    assert moments[2] - moments[0] >= 2.0


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Status(401, {"error": {"message": "Incorrect API key"}}), "key"),
        (Status(404, {"error": {"message": "The model does not exist", "code": "model_not_found"}}), "model"),
        (Status(402, {"error": {"message": "No credit left"}}), "credit"),
    ],
    ids=["key", "model", "payment"],
)
def test_a_provider_that_refuses_for_good_fails_the_run_with_the_reason(igentai, reply, reason):
    with ScriptedServer(always(reply)) as server:
        ended = igentai.explore(*command(), environ=environ(server), seconds=20)
    assert ended.status == 1
    assert ended.summary["stop_reason"] == "no_usable_provider"
    assert reason in ended.summary["stop_detail"].casefold()
    assert reason in ended.stderr.casefold()
    assert CANARY not in ended.stdout + ended.stderr
    assert ended.summary["unique"] == 0


def test_a_run_that_met_nothing_but_failures_has_failed_though_its_requests_are_spent(igentai):
    with ScriptedServer(always(REFUSED)) as server:
        ended = igentai.explore(*command("--iterations", 2), environ=environ(server), seconds=30)
    assert ended.summary["failed_requests"] == ended.summary["requests"] == len(server.requests) == 6
    assert ended.status == 1


def test_without_a_key_a_real_address_is_not_even_asked(igentai):
    ended = igentai.explore(*command(), environ={"OPENAI_BASE_URL": "https://api.openai.com/v1"}, seconds=20)
    assert ended.status == 1
    assert "OPENAI_API_KEY" in ended.summary["stop_detail"]

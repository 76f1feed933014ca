"""Three vendors at a time, on one budget: each in its own format, with faults, kills and changes of mind."""

import os
import signal
from contextlib import ExitStack

import pytest

from orchestration.models import ProviderHealth, Request, Run
from orchestration.reservations import Reservation
from producers.link.keys import normal_form
from producers.models import Provider, ProviderWeight
from tests.acceptance.support import requests_made, texts, until
from tests.acceptance.wholeness import assert_whole, every_stored_text
from tests.fakes.dialects import ANTHROPIC, GEMINI, OPENAI
from tests.fakes.replies import Broken, Hanging, Script, Status, Streamed, always
from tests.fakes.server import ScriptedServer
from topics.models import Topic

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "sk-canary-77aa01c4"
VARIABLES = {
    "openai": ("OPENAI_BASE_URL", "OPENAI_API_KEY", OPENAI),
    "anthropic": ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY", ANTHROPIC),
    "gemini": ("GOOGLE_GEMINI_BASE_URL", "GEMINI_API_KEY", GEMINI),
}
WORLD = [f"{kind} {number}" for number in range(400) for kind in ("Rue", "Place", "Passage")]


@pytest.fixture
def vendors():
    """`vendors(openai=script, …)` serves each script in its vendor's dialect and returns servers and environment."""
    with ExitStack() as stack:

        def serve(**scripts: Script):
            servers: dict[str, ScriptedServer] = {}
            environ: dict[str, str] = {}
            for kind, script in scripts.items():
                url, key, dialect = VARIABLES[kind]
                servers[kind] = stack.enter_context(ScriptedServer(script, dialect))
                environ |= {url: servers[kind].base_url, key: CANARY}
            return servers, environ

        yield serve


def streets(step: int) -> Script:
    """The world from another beginning for each vendor: ten entries an answer, fifty tokens."""

    def answer(number, request):
        start = (number * 10 + step * 400) % len(WORLD)
        return Streamed(tuple(f"{entry}\n" for entry in WORLD[start : start + 10]), usage=(200, 50))

    return answer


def endless(street: str) -> Script:
    """Always something new."""
    return lambda number, request: Streamed(
        tuple(f"{street} {number}-{place}\n" for place in range(10)), usage=(200, 50)
    )


def faulty(script: Script, every: int, fault) -> Script:
    return lambda number, request: fault if number % every == 0 else script(number, request)


def explore(igentai, environ, *more):
    kinds = ("openai:A=0.5", "anthropic:B=0.3", "gemini:C=0.2")
    rates = ("openai:A=10/100", "anthropic:B=10/100", "gemini:C=10/100")
    return igentai.start(
        *("--topic", "Streets of Paris", "-n", 3, "--json", *more),
        *(word for kind in kinds for word in ("--provider", kind)),
        *(word for rate in rates for word in ("--rate", rate)),
        environ=environ,
    )


def cost_of_answers(servers) -> float:
    """What the servers' own logs say, at 10 and 100 USD per million tokens, were every answer billed in full."""
    return sum(len(server.requests) for server in servers.values()) * (200 * 10 + 50 * 100) / 1e6


def test_each_is_asked_in_its_own_format_and_the_budget_holds_in_spite_of_faults(igentai, vendors):
    slow = Status(429, {"error": {"message": "Slow down"}}, (("retry-after", "0"),))
    servers, environ = vendors(
        openai=faulty(streets(0), 5, slow),
        anthropic=faulty(streets(1), 4, Status(529, {"error": {"type": "overloaded_error", "message": "Busy"}})),
        gemini=faulty(streets(2), 3, Streamed(("I would rather",), finish=None, usage=(200, 50))),
    )
    # An answer costs 0.007 and may cost 0.24, so that the end is reached in ever smaller answers.
    over = explore(igentai, environ, "--budget", "0.6").ended()
    assert over.status == 0, over.stderr
    summary = over.summary
    assert summary["stop_reason"] == "budget"
    assert 0.5 < summary["cost_usd"] <= 0.6
    assert set(summary["providers"]) == {"openai:A", "anthropic:B", "gemini:C"}
    assert all(each["unique"] for each in summary["providers"].values())
    assert {normal_form(text) for text in texts(Topic.objects.get())} <= {normal_form(entry) for entry in WORLD}
    # One that the end of the run cut may not have reached its server.
    assert 0 <= summary["requests"] - sum(len(server.requests) for server in servers.values()) <= 6
    assert_whole(Topic.objects.get(), igentai)
    assert not any(CANARY in text for text in every_stored_text())
    assert CANARY not in over.stderr
    assert not any(CANARY in path.read_text() for path in igentai.outputs.rglob("*.*"))


def test_what_servers_break_off_counts_at_its_worst_and_does_not_pass_the_budget(igentai, vendors):
    answer = Streamed(tuple(f"{entry}\n" for entry in WORLD[:10]), usage=(200, 50))
    servers, environ = vendors(
        openai=faulty(streets(0), 3, Broken(answer, 400)),
        anthropic=faulty(streets(1), 3, Status(500)),
        gemini=faulty(streets(2), 3, Broken(answer, 0)),
    )
    over = explore(igentai, environ, "--budget", "2").ended()
    assert over.status == 0, over.stderr
    summary = over.summary
    assert summary["stop_reason"] == "budget"
    assert summary["lost_usd"] > 0.2, "of the one or the other that was broken off, by far the most"
    assert cost_of_answers(servers) <= summary["cost_usd"] + summary["lost_usd"] <= 2


@pytest.mark.storage
def test_kills_of_producers_and_engine_do_not_pass_the_budget(igentai, vendors):
    servers, environ = vendors(openai=streets(0), anthropic=streets(1), gemini=streets(2))
    engine = explore(igentai, environ, "--budget", "3")
    for made in (10, 25):
        until(lambda made=made: requests_made() > made, what="commits")  # type: ignore[misc]
        os.kill(igentai.workers()[0].pid, signal.SIGKILL)
    until(lambda: requests_made() > 40, what="commits")
    engine.kill()
    until(lambda: not igentai.processes(), what="no process is left")
    over = explore(igentai, environ, "--budget", "3", "--resume").ended()
    assert over.status == 0, over.stderr
    runs = Run.objects.order_by("number")
    assert all(float(run.cost_usd + run.lost_usd) <= 3 for run in runs)
    assert cost_of_answers(servers) <= sum(float(run.cost_usd + run.lost_usd) for run in runs) + 1e-9
    assert not Reservation.objects.exists()


def test_a_vendor_that_refuses_for_good_is_out_and_the_others_carry_on(igentai, vendors):
    servers, environ = vendors(
        openai=always(Status(401, {"error": {"message": "Incorrect API key"}})),
        anthropic=streets(1),
        gemini=always(Status(404, {"error": {"message": "no such model", "status": "NOT_FOUND"}})),
    )
    over = explore(igentai, environ, "--target", 150).ended()
    assert over.status == 0, over.stderr
    assert over.summary["stop_reason"] == "target"
    # Each was under way at most once for each request that the producers may have open.
    assert len(servers["openai"].requests) <= 6
    assert len(servers["gemini"].requests) <= 6
    health = {each.provider.name: each for each in ProviderHealth.objects.select_related("provider")}
    assert (health["openai:A"].state, health["anthropic:B"].state) == ("out", "ready")
    assert "Incorrect API key" in health["openai:A"].detail


def test_a_vendor_that_hangs_keeps_nobody_else_waiting(igentai, vendors):
    _, environ = vendors(openai=always(Hanging(Streamed(("Rue 1\n",)))), anthropic=streets(1), gemini=streets(2))
    over = explore(igentai, environ, "--target", 200, "--routing", "round_robin").ended()
    assert (over.status, over.summary["stop_reason"]) == (0, "target")


def test_weights_and_disabling_take_effect_while_the_run_goes_on(igentai, vendors):
    servers, environ = vendors(openai=endless("Rue"), anthropic=endless("Place"), gemini=endless("Passage"))
    engine = explore(igentai, environ, "--iterations", 100_000, "--request-size", 10)
    until(lambda: requests_made() > 10, what="commits")
    for name, weight in (("openai:A", 0.0), ("anthropic:B", 1.0), ("gemini:C", 0.0)):
        ProviderWeight.objects.filter(provider__name=name).update(weight=weight, pinned=True)

    def asked_alone(kind: str) -> bool:
        before = {name: len(server.requests) for name, server in servers.items()}
        until(lambda: len(servers[kind].requests) > before[kind] + 20, what=f"requests to {kind}")
        return all(len(server.requests) == before[name] for name, server in servers.items() if name != kind)

    until(lambda: asked_alone("anthropic"), what="only the one with a weight is asked")
    ProviderWeight.objects.filter(provider__name="gemini:C").update(weight=1.0, pinned=True)
    Provider.objects.filter(name="anthropic:B").update(enabled=False)
    until(lambda: asked_alone("gemini"), what="the disabled one is asked no more")
    over = engine.stopped()
    assert over.status == 0, over.stderr
    assert Request.objects.filter(outcome="failed").count() == 0

"""The contract of `run_orchestrator --topic`, as design.md states it under "The command"."""

from pathlib import Path

import pytest

from orchestration.models import Request, Run, RunFigures
from orchestration.reservations import Reservation
from producers.models import Provider
from tests.acceptance.support import fast_provider, requests_made, steady_provider, texts, until
from tests.acceptance.wholeness import assert_whole
from tests.fakes.replies import Status, Streamed, always
from tests.fakes.server import ScriptedServer
from topics.models import Topic

pytestmark = pytest.mark.django_db(transaction=True)

CONTRACT = {
    "topic", "folder", "unique", "candidates", "requests", "failed_requests", "tokens_in", "tokens_out", "cost_usd",
    "seconds", "uam", "stop_reason", "coverage", "providers",
}  # fmt: skip
OF_A_PROVIDER = {
    "requests", "candidates", "unique", "cost_usd", "success_rate", "novelty_rate", "unique_per_dollar",
    "latency_p50_ms", "latency_p95_ms",
}  # fmt: skip
FAST = ("--topic", "Zoo animals", "--provider", "fast", "--json")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--no-such-flag"], "--no-such-flag"),
        (["--topic", "Zoo", "-n", "0"], "1 or more"),
        (["--target", "10"], "--target"),
        (["--topic", ""], "letter"),
        (["--topic", "?!"], "?!"),
        (["--topic", "caf\udce9"], "UTF-8"),
        (["--topic", "Zoo", "--provider", "nobody"], "nobody"),
        (["--topic", "Zoo", "--provider", "fast=2"], "2"),
        (["--topic", "Zoo", "--provider", "openai:my-model", "--budget", "1"], "--rate"),
    ],
    ids=lambda value: " ".join(value)[:40].encode("ascii", "replace").decode() if isinstance(value, list) else "",
)
def test_wrong_arguments_end_with_status_2_and_a_reason_and_change_nothing(igentai, arguments, complaint):
    fast_provider()
    ended = igentai.explore(*arguments, seconds=20)
    assert ended.status == 2, ended.stderr
    assert complaint in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
    assert not Topic.objects.exists()
    assert not any(igentai.outputs.rglob("*"))


@pytest.mark.storage
def test_summary_and_files_hold_what_was_promised(igentai):
    fast_provider()
    ended = igentai.explore(*FAST, "-n", 2, "--iterations", 3, "--prompt", "Only those\nwith fur")
    assert ended.status == 0
    topic = Topic.objects.get()
    assert_summary_keeps_the_contract(ended.summary, topic)
    assert_files_are_the_seeds(igentai.outputs)
    assert_whole(topic, igentai)
    state = igentai.read(topic, "state.json")
    assert (state["current_topic"], state["provider_weights"]) == ("Zoo animals", {"fast": 1.0})
    assert state["active_producer_count"] == 0
    assert isinstance(state["last_updated"], int)
    assert_figures_are_the_same_everywhere(igentai.read(topic, "metrics.json")["statistics"], ended.summary)


def assert_summary_keeps_the_contract(summary, topic: Topic) -> None:
    assert summary.keys() >= CONTRACT
    assert summary["providers"]["fast"].keys() >= OF_A_PROVIDER
    assert summary["coverage"].keys() >= {"estimate", "low", "high"}
    assert (summary["topic"], summary["folder"], summary["simulated"]) == ("Zoo animals", "zoo_animals", True)
    assert (summary["stop_reason"], summary["requests"]) == ("iterations", 6)
    assert [producer.requests.count() for producer in Run.objects.get().producers.all()] == [3, 3]
    assert summary["unique"] == len(texts(topic))


def assert_figures_are_the_same_everywhere(told, summary) -> None:
    kept = RunFigures.objects.get().data
    assert told == {name: value for name, value in kept.items() if name != "estimates"}
    run, short = told["run"]["run"], told["run"]["last_5_minutes"]
    assert [run[name] for name in ("requests", "candidates", "unique", "uam", "cost_usd")] == [
        summary[name] for name in ("requests", "candidates", "new", "uam", "cost_usd")
    ]
    assert (short["requests"], short["latency_p95_ms"]) == (run["requests"], run["latency_p95_ms"])
    assert [len(told[name]) for name in ("providers", "producers")] == [1, 2]
    assert sum(each["run"]["requests"] for each in told["prompts"].values()) == run["requests"]


def assert_files_are_the_seeds(outputs: Path) -> None:
    names = sorted(path.name for path in (outputs / "zoo_animals").iterdir())
    assert names == ["metrics.json", "output.txt", "state.json", "topic.txt"]
    described = (outputs / "zoo_animals" / "topic.txt").read_text()
    for words in ("Topic: Zoo animals", "Start Time: ", "Producer Count: 2", "with fur", "fast 1", "imulated"):
        assert words in described
    assert "zoo_animals" in (outputs / "global_state.json").read_text()


def test_without_json_the_summary_is_for_people(igentai):
    fast_provider()
    ended = igentai.explore("--topic", "Zoo animals", "--provider", "fast", "-n", 1, "--iterations", 2)
    assert ended.status == 0
    for word in (
        "Zoo animals",
        "unique",
        "(simulated)",
        "iterations",
        "unique per dollar",
        "p95",
        str(igentai.outputs / "zoo_animals"),
    ):
        assert word in ended.stdout


@pytest.mark.storage
def test_a_target_ends_a_run(igentai):
    fast_provider()
    summary = igentai.explore(*FAST, "-n", 2, "--target", 100).summary
    assert summary["stop_reason"] == "target"
    assert summary["unique"] >= 100


def test_minutes_end_a_run_and_progress_goes_to_standard_error_line_by_line(igentai):
    steady_provider()
    ended = igentai.explore(*FAST, "-n", 1, "--minutes", 0.1)
    assert ended.summary["stop_reason"] == "minutes"
    assert 6 <= ended.summary["seconds"] < 12
    lines = [line for line in ended.stderr.splitlines() if line.startswith("Zoo animals: running, ")]
    assert len(lines) == 1
    assert "entries; this run: " in lines[0]
    assert "\x1b" not in ended.stderr


@pytest.mark.storage
def test_a_budget_is_used_and_never_passed(igentai):
    fast_provider()
    summary = igentai.explore(*FAST, "-n", 3, "--budget", "1", "--rate", "fast=1/100").summary
    assert summary["stop_reason"] == "budget"
    # What is left does not pay for an answer of 200 tokens.
    assert 0.97 < summary["cost_usd"] <= 1
    assert (summary["lost_usd"], summary["warning"] != "") == (0, True)
    assert summary["cost_usd"] == pytest.approx((summary["tokens_in"] + 100 * summary["tokens_out"]) / 1e6, rel=1e-3)
    assert not Reservation.objects.exists()


def test_a_world_that_has_been_told_ends_the_run_as_exhausted(igentai):
    fast_provider(world_size=50)
    summary = igentai.explore(*FAST, "-n", 2).summary
    assert summary["stop_reason"] == "exhausted"
    # What the personality knows of fifty, and what it says off the topic.
    assert 35 <= summary["unique"] <= 120


@pytest.mark.storage
def test_resume_continues_a_list_and_a_start_without_it_replaces_the_list(igentai):
    fast_provider()
    once = (*FAST, "-n", 1, "--iterations", 2)
    igentai.explore(*once)
    topic = Topic.objects.get()
    first = texts(topic)
    igentai.explore(*once, "--resume")
    continued = texts(topic)
    assert continued[: len(first)] == first
    assert len(continued) > len(first)
    assert_whole(topic, igentai)
    summary = igentai.explore(*once).summary
    assert summary["unique"] == summary["new"] == len(texts(topic)) < len(continued)
    assert_whole(topic, igentai)
    assert Topic.objects.get().starts == 3


@pytest.mark.storage
def test_an_earlier_list_stands_until_a_provider_of_the_new_run_has_answered(igentai):
    fast_provider()
    igentai.explore(*FAST, "-n", 1, "--iterations", 1)
    topic = Topic.objects.get()
    list_before, files_before = texts(topic), contents(igentai)
    refused = Status(401, {"error": {"message": "Incorrect API key"}})
    with ScriptedServer(always(refused)) as server:
        ended = igentai.explore(
            *("--topic", "Zoo animals", "--provider", "openai:m", "-n", 2, "--json"),
            environ={"OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": "wrong"},
        )
    assert ended.status == 1
    assert ended.summary["stop_reason"] == "no_usable_provider"
    assert (ended.summary["unique"], ended.summary["new"]) == (len(list_before), 0)
    assert "key" in ended.stderr
    assert f"the earlier list was kept, with its {len(list_before)} entries" in ended.stderr
    assert texts(topic) == list_before
    assert contents(igentai) == files_before


def contents(igentai) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (igentai.outputs / "zoo_animals").iterdir()}


@pytest.mark.storage
def test_topics_whose_names_fold_alike_do_not_share_a_folder(igentai):
    fast_provider()
    arguments = ("--provider", "fast", "-n", 1, "--iterations", 1, "--json")
    first = igentai.explore("--topic", "Sci-Fi movies", *arguments).summary
    second = igentai.explore("--topic", "Sci Fi: movies!", *arguments).summary
    assert first["folder"] == "sci_fi_movies"
    assert second["folder"].startswith("sci_fi_movies")
    assert first["folder"] != second["folder"]
    for topic in Topic.objects.all():
        assert_whole(topic, igentai)


def test_prompt_size_partition_and_routing_reach_the_provider(igentai):
    with ScriptedServer(always(Streamed(("Lion\nTiger\n",), usage=(10, 4)))) as server:
        ended = igentai.explore(
            *("--topic", "Zoo animals", "--prompt", "Only striped ones.", "--request-size", 17, "-n", 2),
            *("--provider", "openai:alpha=0.9", "--provider", "openai:beta=0.1", "--routing", "priority"),
            *("--partition", "alphabet", "--iterations", 2, "--json"),
            environ={"OPENAI_BASE_URL": server.base_url},
        )
    assert ended.status == 0, ended.stderr
    questions = [" ".join(each["content"] for each in received.json["messages"]) for received in server.requests]
    assert all("Zoo animals" in text and "Only striped ones." in text and "List 17" in text for text in questions)
    blind = [text for text in questions if "names beginning with" not in text]
    assert len(blind) <= ended.summary["probes"] <= 1
    assert sum("the letters A to F" in text for text in questions) >= 1
    assert {received.json["model"] for received in server.requests} == {"alpha"}
    assert ended.summary["unique"] == 2


def test_a_weight_of_zero_means_never_and_the_simulated_providers_are_the_default(igentai):
    Provider.objects.bulk_create(
        Provider(name=f"simulated-{model}", kind="simulated", model=model, options={"latency": 0})
        for model in ("strong", "cheap", "flaky")
    )
    igentai.explore("--topic", "Zoo animals", "-n", 2, "--iterations", 10, "--json")
    # Whom it asks in a run so short is a matter of prices.
    names = set(Provider.objects.filter(producer_weights__weight__gt=0).values_list("name", flat=True))
    assert names == {"simulated-strong", "simulated-cheap", "simulated-flaky"}
    assert 0 < Request.objects.count() == Request.objects.filter(provider__name__in=names).count()
    weighted = ("--provider", "simulated-strong=1", "--provider", "simulated-cheap=0")
    summary = igentai.explore("--topic", "Zoo animals", *weighted, "-n", 1, "--iterations", 5, "--json").summary
    assert summary["providers"].keys() == {"simulated-strong"}


def test_a_signal_ends_a_run_in_good_order_with_its_summary(igentai):
    steady_provider()
    engine = igentai.start(*FAST, "-n", 2)
    until(lambda: requests_made() > 3, what="requests")
    ended = engine.stopped()
    assert ended.status == 0
    assert ended.summary["stop_reason"] == "signal"
    assert_whole(Topic.objects.get(), igentai)
    assert Topic.objects.get().desired_state == "stopped"

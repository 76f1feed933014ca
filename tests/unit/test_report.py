"""What is said of a run: the contract of the closing summary, and the files of a folder."""

import json
from dataclasses import replace
from decimal import Decimal

from orchestration.logic import report
from orchestration.logic.effects import FilterEffects
from orchestration.logic.estimates import Estimates, as_data
from orchestration.logic.report import RunFacts
from orchestration.logic.statistics import RequestEvent, RunStatistics, Totals

FACTS = RunFacts(
    topic="Museums",
    folder="museums",
    prompt="Name museums.",
    run=3,
    state="ended",
    started_at="2026-03-01 12:00:00",
    producer_count=2,
    active_producers=1,
    weights={"b": 0.5, "a": 1.0},
    simulated=False,
    entries=40,
    active_seconds=30.0,
    stop_reason="target",
    stop_detail="it is reached",
)


def counted():
    statistics = RunStatistics()
    for provider, slot, totals in [
        ("b", 0, Totals(1, 0, 20, 8, 1, 100, 50, Decimal("0.0100000004"))),
        ("a", 1, Totals(1, 0, 10, 2, 0, 70, 30, Decimal("0.02"))),
        ("a", 1, Totals(1, 1, 0, 0, 0, 0, 0, Decimal(0), 1)),
    ]:
        statistics.record(RequestEvent(1_000.0, provider, slot, totals))
    return statistics


def summary(**changes):
    return report.summary(replace(FACTS, **changes), counted())


def test_the_summary_has_all_that_the_contract_names():
    told = summary()
    contract = (
        "topic folder unique candidates requests failed_requests tokens_in tokens_out cost_usd seconds uam "
        "stop_reason coverage providers"
    )
    assert set(contract.split()) <= told.keys()
    assert set(told["coverage"]) == {"estimate", "low", "high"}
    for provider in told["providers"].values():
        assert {"requests", "candidates", "unique", "cost_usd"} <= provider.keys()


def test_the_summary_counts_the_list_and_what_the_run_did():
    told = summary()
    assert (told["topic"], told["folder"], told["stop_reason"]) == ("Museums", "museums", "target")
    assert (told["unique"], told["new"], told["candidates"], told["rejected"]) == (40, 10, 30, 1)
    assert (told["requests"], told["failed_requests"], told["unpriced_requests"]) == (3, 1, 1)
    assert (told["tokens_in"], told["tokens_out"], told["cost_usd"]) == (170, 80, 0.03)
    assert (told["seconds"], told["uam"]) == (30.0, 20.0)


def test_what_the_providers_cost_adds_up_to_what_the_run_cost_whatever_the_estimates_count():
    division = RequestEvent(1_000.0, "a", 1, Totals(1, 0, 0, 0, 0, 129, 40, Decimal("0.005")))
    statistics = counted()
    statistics.record(division)
    estimated = Estimates()
    estimated.record("a", (1, 2), (), cost=0.02, probe=False, found=2)
    told = report.summary(replace(FACTS, estimates=as_data(estimated)), statistics)
    assert told["cost_usd"] == 0.035
    assert {name: each["cost_usd"] for name, each in told["providers"].items()} == {"a": 0.025, "b": 0.01}


def test_the_summary_tells_each_provider_apart():
    told = summary()["providers"]
    assert list(told) == ["a", "b"]
    assert (told["a"]["requests"], told["a"]["unique"], told["a"]["cost_usd"]) == (2, 2, 0.02)
    assert (told["b"]["requests"], told["b"]["unique"], told["b"]["cost_usd"]) == (1, 8, 0.01)


def test_the_summary_says_what_each_provider_is_worth():
    strong, cheap = summary()["providers"]["b"], summary()["providers"]["a"]
    assert (strong["success_rate"], strong["novelty_rate"], strong["unique_per_dollar"]) == (1.0, 0.4, 800.0)
    assert (cheap["success_rate"], cheap["novelty_rate"]) == (0.5, 0.2)
    assert cheap["unique_per_dollar"] is None  # the cost of one request is unknown
    assert {"latency_p50_ms", "latency_p95_ms"} <= strong.keys()


def test_the_summary_says_what_the_filter_did():
    statistics = counted()
    for effects in (FilterEffects(60, 20, 2, 0, 0), FilterEffects(30, 25, 0, 1, 300), None):
        statistics.record(RequestEvent(1_000.0, "a", 0, Totals(), effects=effects))
    assert report.summary(FACTS, statistics)["filter"] == {
        "checked": 90,
        "probable_repeats": 45,
        "sent_as_hashes": 43,
        "asked_back": 2,
        "answers_aborted": 1,
        "tokens_saved": 300,
    }


def test_what_is_not_estimated_is_not_made_up():
    assert summary()["coverage"] == {"estimate": None, "low": None, "high": None}


def test_what_is_simulated_says_so():
    assert summary(simulated=True)["simulated"] is True
    assert "Simulated: yes" in report.topic_text(replace(FACTS, simulated=True))
    assert "Simulated" not in report.topic_text(FACTS)


def test_every_report_is_plain_json():
    for told in (
        summary(),
        report.metrics(FACTS, counted(), counted().figures(1_000.0)),
        report.state(FACTS, 1_767_225_600),
        report.summary(FACTS, RunStatistics()),
        report.metrics(FACTS, RunStatistics(), RunStatistics().figures(0.0)),
    ):
        assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_metrics_have_the_summary_the_last_minutes_and_each_producer():
    statistics = counted()
    statistics.record(RequestEvent(2_000.0, "b", 0, Totals(requests=1, candidates=4, unique=1)))
    told = report.metrics(FACTS, statistics, statistics.figures(2_000.0))
    assert report.summary(FACTS, statistics).items() <= told.items()
    assert (told["run"], told["state"], told["novelty_rate"]) == (3, "ended", 0.3235)
    assert (told["last_five_minutes"]["novelty_rate"], told["last_five_minutes"]["requests"]) == (0.25, 1)
    assert {slot: each["requests"] for slot, each in told["producers"].items()} == {"0": 2, "1": 2}


def test_metrics_have_the_run_in_figures():
    told = report.metrics(FACTS, counted(), counted().figures(1_000.0))["statistics"]
    assert list(told) == ["run", "providers", "producers", "partitions", "prompts", "styles"]
    assert told["providers"]["a"]["last_30_minutes"]["success_rate"] == 0.5


def test_a_rate_of_nothing_is_unknown():
    assert report.metrics(FACTS, RunStatistics(), RunStatistics().figures(0.0))["novelty_rate"] is None


def test_the_state_is_the_seeds_snapshot():
    assert report.state(FACTS, 1_767_225_600) == {
        "current_topic": "Museums",
        "total_unique_count": 40,
        "active_producer_count": 1,
        "provider_weights": {"a": 1.0, "b": 0.5},
        "run": 3,
        "state": "ended",
        "stop_reason": "target",
        "reviews": 0,
        "last_updated": 1_767_225_600,
    }


def test_the_topic_file_says_what_was_asked_for():
    assert report.topic_text(FACTS) == (
        "Topic: Museums\n"
        "Start Time: 2026-03-01 12:00:00 UTC\n"
        "Producer Count: 2\n"
        "Prompt: Name museums.\n"
        "Provider Weights: a 1, b 0.5\n"
    )


def test_the_lines_of_a_prompt_cannot_be_taken_for_others():
    for newline in ("\n", "\r\n", "\r", "\u2028", "\x0b"):
        text = report.topic_text(replace(FACTS, prompt=f"First.{newline}Topic: other{newline}{newline}Last."))
        lines = text.splitlines()
        assert lines[3:7] == ["Prompt: First.", "  Topic: other", "  ", "  Last."]
        assert "\r" not in text


def test_a_topic_without_words_of_its_own_has_its_file():
    assert "Prompt: \n" in report.topic_text(replace(FACTS, prompt=""))

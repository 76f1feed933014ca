"""The words of the home page, its first steps, times and amounts of money."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from orchestration.home.facts import FailedProducer, Over, Running, Today
from orchestration.home.needs import engine_need, producer_needs, provider_needs, run_needs
from orchestration.home.present import running_row, today_words
from orchestration.home.steps import StepFacts, all_done, steps
from orchestration.key_names import VARIABLE, is_set, without_keys
from orchestration.models import ProviderHealth
from orchestration.when import ago, span_words, when
from producers.models import Provider

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def running(**values):
    facts = {
        "topic_id": 1, "topic": "Bridges", "desired": "running", "starts": 1, "number": 1, "state": "running",
        "simulated": False, "producers": 2, "entries": 250, "unique": 100, "active_seconds": 60.0,
        "cost_usd": Decimal("0.25"), "unpriced": 0, "lost_usd": Decimal(0), "target": None, "budget_usd": None,
        "warning": "",
    }  # fmt: skip
    return Running(**{**facts, **values})


def over(**values):
    facts = {
        "id": 1, "topic_id": 7, "topic": "Bridges", "state": "ended", "stop_reason": "budget", "stop_detail": "",
        "simulated": False, "started_at": NOW, "ended_at": NOW, "active_seconds": 1.0, "unique": 1,
        "cost_usd": Decimal(0), "unpriced": 0, "lost_usd": Decimal(0),
    }  # fmt: skip
    return Over(**{**facts, **values})


def vendor(**values):
    provider = Provider(**{"id": 3, "name": "dear", "kind": "openai", "model": "m", **values})
    provider._state.fields_cache["health"] = None  # as a query leaves it that has looked
    return provider


# What runs


def test_a_run_shows_its_rate_and_how_far_it_is_towards_its_limits():
    row = running_row(running(target=500, budget_usd=Decimal(1)))
    assert (row.entries, row.per_minute, row.spent) == ("250", "100.0", "$0.2500")
    assert [(bar.words, bar.value, bar.most) for bar in row.progress] == [
        ("of 500 entries wanted", 250, 500),
        ("of $1.00 budget", 0.25, 1.0),
    ]


def test_a_run_that_has_no_list_yet_shows_no_numbers():
    row = running_row(running(entries=None, active_seconds=0.0))
    assert (row.entries, row.per_minute, row.progress) == ("–", "–", ())


# Money


def test_the_day_is_told_against_the_caps_and_simulated_money_apart():
    providers = [vendor(daily_cap_usd=Decimal(2)), Provider(id=4, name="sham", kind="simulated")]
    day = Today(requests=9, candidates=1000, unique=500, unpriced=0, by_provider={3: Decimal("1.7"), 4: Decimal(5)})
    told = today_words(day, providers, Decimal(10))
    assert (told.found, told.spent, told.simulated) == ("500", "$1.70", "$5.00")
    assert [(cap.name, cap.words, cap.is_near) for cap in told.caps] == [
        ("All providers together", "$1.70 of $10.00", False),
        ("dear", "$1.70 of $2.00", True),
    ]


# What needs a person


def test_an_engine_that_does_not_run_is_told_with_the_command():
    assert engine_need(running=True) == []
    [need] = engine_need(running=False)
    assert need.command == "python manage.py run_orchestrator"


def test_failed_runs_and_limits_lead_to_where_they_can_be_mended():
    limit, failed = run_needs([over(), over(state="failed", stop_reason="no_producer")])
    assert (limit.page, limit.key, limit.is_error) == ("topic", 7, False)
    assert (failed.page, failed.title, failed.is_error) == ("live", "“Bridges” failed.", True)
    [producer] = producer_needs([FailedProducer(1, 2, 7, "Bridges", "spoke\x1b nonsense")])
    assert (producer.title, producer.detail) == ("Producer 2 of “Bridges” failed.", "spoke nonsense")


@pytest.mark.parametrize(("told", "expected"), [(False, 1), (True, 0), (None, 0)])
def test_a_missing_key_is_told_only_where_it_is_known_to_be_missing(told, expected):
    needs = provider_needs([vendor()], {}, {}, lambda name: told)
    assert len(needs) == expected


def test_a_provider_that_is_out_or_has_spent_its_cap_is_told_once():
    out = vendor(key_variable="", base_url="http://127.0.0.1:1/v1")
    out.health = ProviderHealth(state="out", detail="the key was refused", updated_at=NOW)
    spent = vendor(id=5, name="spent", base_url="http://127.0.0.1:1/v1", daily_cap_usd=Decimal(1))
    needs = provider_needs([out, spent], {5: Decimal(1)}, {}, lambda name: True)
    assert [need.title for need in needs] == [
        "The provider “dear” is out of use.",
        "The provider “spent” has spent its daily cap.",
    ]


# The first steps


def test_the_steps_tick_themselves_off_and_the_first_open_one_is_next():
    nothing = StepFacts(started=False, entries=False, own_provider=None, provider_works=False, own_topic=False)
    assert [step.is_next for step in steps(nothing)] == [True, False, False, False]
    untested = StepFacts(started=True, entries=True, own_provider=Provider(), provider_works=False, own_topic=True)
    assert [step.is_done for step in steps(untested)] == [True, True, False, True]
    assert not all_done(steps(untested))
    assert all_done(
        steps(StepFacts(started=True, entries=True, own_provider=Provider(), provider_works=True, own_topic=True))
    )


# Keys by their names


def test_the_portal_learns_which_keys_are_set_and_no_key():
    environ = {"PATH": "/bin", "OPENAI_API_KEY": "sk-secret", "GEMINI_API_KEY": " "}
    told = without_keys(environ, "_API_KEY")
    assert told == {"PATH": "/bin", VARIABLE: "OPENAI_API_KEY"}
    assert (is_set("OPENAI_API_KEY", told), is_set("GEMINI_API_KEY", told)) == (True, False)
    assert is_set("OPENAI_API_KEY", {}) is None
    assert is_set("OPENAI_API_KEY", environ) is True


# Times


def test_times_are_relative_with_the_exact_one_beside():
    assert ago(NOW - timedelta(seconds=3), NOW) == "just now"
    assert ago(NOW + timedelta(seconds=3), NOW) == "just now"
    html = when(NOW - timedelta(hours=2), NOW)
    assert html == '<time datetime="2026-03-01T10:00:00+00:00" title="01 Mar 2026, 10:00:00 UTC">2 h ago</time>'
    assert when(None, NOW) == "–"


@pytest.mark.parametrize(
    ("seconds", "words"), [(5, "5 s"), (65, "1 min 05 s"), (3_900, "1 h 05 min"), (100_000, "1 d 3 h"), (-1, "0 s")]
)
def test_spans(seconds, words):
    assert span_words(seconds) == words

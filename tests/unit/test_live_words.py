"""What a live page says of a run: limits, estimates and errors in words; its charts' stretches; its tree of parts."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from orchestration.portal.buckets import MOST_BUCKETS, WIDTHS, width_for
from orchestration.portal.entries import Entry
from orchestration.portal.estimate_words import coverage_words, estimate_values, price_words, thousand_words
from orchestration.portal.part_tree import in_tree_order
from orchestration.portal.present import entry_values
from orchestration.portal.provider_values import error_words
from orchestration.portal.queries import ListState, RunLimits
from orchestration.portal.stop_values import stop_values
from tests.unit.run_states import RUN
from topics.models import TopicPartition

KNOWN = {"estimate": 0.6, "low": 0.5, "high": 0.7}
UNKNOWN = {"estimate": None, "low": None, "high": None}


def stops(figures=None, **limits):
    shown = stop_values(replace(RUN, limits=RunLimits(**limits)), ListState(1, 400), figures or {})
    return {stop["name"]: (stop["words"], stop["share"]) for stop in shown}


def test_a_run_without_limits_has_none_to_show():
    assert stops() == {}
    assert stop_values(None, ListState(0, 0), {}) == []


def test_each_limit_is_told_with_how_far_the_run_is():
    shown = stops(target=1000, budget_usd=Decimal("1.2000"), minutes=3, iterations=20)
    assert shown == {
        "Target": ("400 of 1,000 entries", 0.4),
        "Budget": ("$0.6000 of $1.20", 0.5),
        "Minutes": ("1.5 of 3 minutes", 0.5),
        "Iterations": ("30 of 60 requests (20 for each producer)", 0.5),
    }


def test_what_rests_on_estimates_says_when_these_are_not_known():
    unknown = stops(coverage=0.8, price_usd=Decimal("0.5"))
    assert unknown["Coverage"] == ("not known yet; 80% of the entries are asked for", None)
    assert unknown["Price"] == ("not known yet; at most $0.5000 for the next 100 entries", None)
    figures = {"estimates": {"coverage": KNOWN, "price_of_next_100_usd": {**KNOWN, "estimate": 0.25}}}
    known = stops(figures, coverage=0.8, price_usd=Decimal("0.5"))
    assert known["Coverage"] == ("at least 50% of 80% of the entries", 0.625)
    assert known["Price"] == ("$0.2500 of $0.5000 for the next 100 entries", 0.5)


def test_a_limit_that_is_passed_is_full():
    assert stops(target=100)["Target"][1] == 1.0


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({}, ("not known yet", "the run has no figures so far")),
        ({"coverage": UNKNOWN, "probes": 0}, ("not known yet", "no blind probe so far")),
        ({"coverage": UNKNOWN, "probes": 1}, ("not known yet", "too few blind probes: 1")),
        ({"coverage": UNKNOWN, "probes": 9}, ("not known yet", "9 blind probes tell too little")),
        ({"coverage": KNOWN}, ("60%", "50% to 70%")),
        ({"coverage": {**KNOWN, "high": None}}, ("60%", "50% to no end")),
        (
            {"coverage": UNKNOWN, "coverage_of_probed": {**KNOWN, "providers": ["a"], "unprobed": ["b"]}},
            ("60%", "50% to 70% of what a would name; never probed: b"),
        ),
    ],
)
def test_coverage_is_told_with_its_interval_or_with_why_it_is_not_known(known, words):
    assert coverage_words(known, "coverage") == words


def test_the_price_of_the_next_entries_may_have_an_open_end():
    assert price_words(UNKNOWN)[0] == "not known yet"
    assert price_words({"estimate": None, "low": 0.2, "high": None})[0] == "over $0.2000"
    assert price_words({"estimate": 0.5, "low": 0.2, "high": 0.9}) == ("$0.5000", "$0.2000 to $0.9000")


def test_a_thousand_entries_cost_what_they_have_cost():
    assert thousand_words(RUN) == "$2.00"
    assert thousand_words(replace(RUN, unique=0)) == "–"
    assert thousand_words(replace(RUN, cost_usd=Decimal(0), unpriced_requests=3)) == "price unknown"
    assert thousand_words(replace(RUN, cost_usd=Decimal(0))) == "$0.00"


def test_items_and_mass_are_told_apart():
    figures = {"estimates": {"coverage": KNOWN, "mass_coverage": {**KNOWN, "estimate": 0.9}, "unseen": "the rest"}}
    told = estimate_values(RUN, figures)
    assert (told["items"], told["mass"], told["unseen"]) == ("60%", "90%", "the rest")


def test_errors_are_told_in_words_the_most_frequent_first():
    assert error_words({"server_fault": 1, "rate_limited": 1200}) == "rate limited (1,200), server fault (1)"


@pytest.mark.parametrize("seconds", [0, 1, 200, 201, 3_600, 86_400, 10 * 86_400])
def test_a_run_has_at_most_two_hundred_stretches(seconds):
    assert seconds / width_for(seconds) <= MOST_BUCKETS


def test_a_run_of_years_has_the_widest_stretches():
    assert width_for(10**9) == WIDTHS[-1]


def test_parts_stand_below_the_part_that_they_were_split_from():
    parts = [
        TopicPartition(pk=number, words=words, parent=parent)
        for number, (words, parent) in enumerate(
            [("A to M", ""), ("N to Z", ""), ("A to F", "A to M"), ("a", "A to F"), ("lost", "gone"), ("own", "own")],
            1,
        )
    ]
    shown = [(part.words, depth) for part, depth in in_tree_order(parts)]
    assert shown == [("A to M", 0), ("A to F", 1), ("a", 2), ("N to Z", 0), ("lost", 0), ("own", 0)]


@pytest.mark.parametrize(("age", "words"), [(3.0, ""), (299.0, ""), (300.0, "25.0% in the last 5 minutes, falling")])
def test_the_last_minutes_are_told_apart_once_a_run_is_older(age, words):
    figures = {"run": {"last_5_minutes": {"novelty_rate": 0.25, "trend": {"direction": "falling"}}}}
    assert estimate_values(replace(RUN, active_seconds=age), figures)["lately"] == words


@pytest.mark.parametrize(("text", "badge"), [("Louvre", True), ("Old Bridge (simulated)", False)])
def test_entries_that_say_that_they_are_simulated_have_no_badge_as_well(text, badge):
    entry = Entry(1, text, "a model", True, 0, datetime(2026, 1, 1, tzinfo=UTC))
    assert entry_values(entry)["simulated"] is badge

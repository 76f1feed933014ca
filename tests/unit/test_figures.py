"""A run in figures: as decisions, files and pages read them."""

import json
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.figures import plain
from orchestration.logic.statistics import RunStatistics
from orchestration.logic.sums import Sums
from tests.unit.counting import histories, request


def counted(history, **fields):
    statistics = RunStatistics(**fields)
    for event in history:
        statistics.record(event)
    return statistics


def cells_of(history):
    cells: dict[tuple[str, int, str, str, str], Sums] = {}
    for event in history:
        cell = (event.provider, event.slot, event.partition, event.prompt, event.style)
        sums = cells.pop(cell, None) or Sums()
        sums.count(event, 0)
        cells[cell] = sums
    return cells


REQUESTS = [
    request(1_000.0, "a", 0, candidates=10, unique=8, cost_usd=Decimal("0.25"), response_ms=1_000, style="plain"),
    request(1_900.0, "b", 1, candidates=10, unique=2, cost_usd=Decimal("0.25"), response_ms=3_000, coherence=0.5),
    request(1_995.0, "b", 1, failed_requests=1, error_kind="timeout", cost_usd=Decimal(0), response_ms=9_000),
]


def test_the_run_and_its_windows():
    told = counted(REQUESTS, began=1_000.0).figures(2_000.0, 990.0).whole
    assert (told.run.totals.requests, told.long.totals.requests, told.short.totals.requests) == (3, 3, 2)
    assert (told.run.novelty_rate, told.short.novelty_rate) == (0.5, 0.2)
    assert (told.run.unique_per_dollar, told.short.unique_per_dollar) == (20.0, 8.0)
    assert (told.run.success_rate, told.short.success_rate) == (2 / 3, 0.5)
    assert (told.run.errors, told.short.coherence) == ({"timeout": 1}, 0.5)
    assert (told.run.seconds, told.long.seconds, told.short.seconds) == (990.0, 1_000.0, 290.0)
    assert told.short.uam == 2 * 60 / 290
    assert (told.run.trend, told.short.trend.direction) == (None, "unknown")


def test_a_young_runs_window_is_as_long_as_the_run():
    told = counted([request(1_000.0, unique=5, candidates=5)], began=990.0).figures(1_020.0).whole
    assert told.run.seconds == told.short.seconds == told.long.seconds == 30.0
    assert told.short.uam == 10.0


def test_each_provider_producer_partition_prompt_and_style_for_itself():
    told = counted(
        [
            request(0.0, "a", 0, partition="A to M", prompt="p1", style="plain", candidates=4, unique=1),
            request(0.0, "b", 1, partition="N to Z", prompt="p1", style="anchored", candidates=6, unique=3),
        ]
    ).figures(1.0)
    candidates = [
        {key: scopes.short.totals.candidates for key, scopes in mapping.items()}
        for mapping in (told.providers, told.producers, told.partitions, told.prompts, told.styles)
    ]
    assert candidates == [
        {"a": 4, "b": 6},
        {"0": 4, "1": 6},
        {"A to M": 4, "N to Z": 6},
        {"p1": 10},
        {"anchored": 6, "plain": 4},
    ]


def test_who_asked_nothing_lately_has_no_figures_of_late():
    scopes = counted(REQUESTS).figures(2_000.0).providers["a"]
    assert scopes.short is None
    assert scopes.long is not None
    assert scopes.run.latency_p50_ms in range(950, 1_051)


def test_a_fall_of_the_novelty_rate_is_told():
    history = [request(10.0 * t, candidates=50, unique=50 - t) for t in range(30)]
    short = counted(history).figures(295.0).whole.short
    assert short.trend.direction == "falling"
    trend = plain(counted(history).figures(295.0))["run"]["last_5_minutes"]["trend"]
    assert (trend["direction"], trend["p_value"], trend["novelty_rate_per_minute"]) == ("falling", 0.0, -0.12)


def test_a_run_without_requests_has_figures():
    told = plain(RunStatistics().figures(5.0, 3.0))
    assert told["run"]["run"]["requests"] == 0
    assert told["run"]["run"]["seconds"] == 3.0
    assert told["run"]["last_5_minutes"] is None
    assert told["providers"] == {}


@given(histories)
def test_figures_are_plain_json(history):
    told = plain(counted(history).figures(4_000.0))
    assert json.loads(json.dumps(told, allow_nan=False)) == told


@given(histories, st.floats(4_000, 6_000))
def test_an_engine_that_goes_on_has_the_figures_of_the_one_before(history, now):
    """The next engine's monotonic clock may stand anywhere; blocks are cut elsewhere then, but for whole ones."""
    before = counted(history, began=0.0)
    shift = 50_000.0
    after = RunStatistics(began=shift)
    late = [replace(each, at=each.at + shift) for each in history if each.at > now - 1_800]
    after.restore(late, cells_of(history))
    assert plain(after.figures(now + shift, now)) == plain(before.figures(now, now))
    assert after.total == before.total
    assert after.by_provider == before.by_provider
    assert after.by_slot == before.by_slot


def test_a_hundred_keys_of_each_dimension_stay_below_a_megabyte():
    history = [
        request(
            float(number),
            f"provider {number % 50}",
            number % 64,
            partition="x" * 190 + str(number),
            prompt=f"{number:032}",
        )
        for number in range(1_000)
    ]
    assert len(json.dumps(plain(counted(history).figures(1_000.0)))) < 1_000_000

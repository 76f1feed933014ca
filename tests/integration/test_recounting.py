"""Statistics from the database: the same as those of the engine that saw the requests."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from orchestration import recounting
from orchestration.logic.figures import plain
from orchestration.logic.statistics import RequestEvent, RunStatistics
from orchestration.models import Run
from orchestration.recounting import Moment, recounted
from tests.factories import ProducerFactory, RequestFactory, RunFactory
from tests.integration.arriving import NOON, Sender, new_engine

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]

# On both clocks the beginning of a block, so that requests fall into the same blocks by either.
NOW = Moment(90_000.0, NOON)


@pytest.fixture
def run(transactional_db):
    """One that began two hours before."""
    run = RunFactory()
    Run.objects.filter(pk=run.pk).update(started_at=NOON - timedelta(hours=2))
    return Run.objects.get(pk=run.pk)


def ago(seconds):
    return NOON - timedelta(seconds=seconds)


def eventful(one, other):
    """Requests with some of everything, the oldest first: how long ago, by whom, and what arrived."""
    ranged = {"partition": "A to M", "style": "anchored"}
    return [
        (5_000, one, one.sends("a", "b", tokens_in=9, tokens_cached=4, cost="0.5", response_time_ms=900)),
        (1_785, other, other.sends("a", "", cost=None, partition_coherence=0.5, **ranged)),
        (1_500, one, one.sends("c", "d", "e", response_time_ms=0, partition_coherence=0.7, probe=True)),
        (285, other, other.sends(outcome="failed", error_kind="timeout", cost="0.25", **ranged)),
        (280, other, other.sends(outcome="failed", **ranged)),
        (100, one, one.sends("f", outcome="cut", error_kind="connection_lost", response_time_ms=31_000)),
        *((90 - place, one, one.sends(f"g{place}", "a", response_time_ms=700 + place)) for place in range(9)),
    ]


def seen(seconds, sender, committed):
    """The request as the engine counted it that many seconds ago."""
    arrival, metadata = committed.arrival, committed.arrival.batch.metadata
    return RequestEvent(
        at=NOW.monotonic - seconds,
        provider=sender.provider.name,
        slot=arrival.slot,
        totals=committed.totals,
        error_kind=metadata.error_kind,
        partition=metadata.partition,
        prompt=arrival.prompt_hash,
        style=metadata.style,
        response_ms=metadata.response_time_ms,
        coherence=metadata.partition_coherence,
        probe=metadata.probe,
    )


def test_statistics_are_rebuilt_as_they_were(run):
    store, statistics = new_engine(), RunStatistics(began=NOW.monotonic - 7_200)
    one = Sender(ProducerFactory(run=run))
    for seconds, sender, arrival in eventful(one, one.colleague()):
        [committed] = store.commit([replace(arrival, finished_at=ago(seconds))])
        statistics.record(seen(seconds, sender, committed))
    rebuilt = recounted(run, NOW)
    assert rebuilt.total == statistics.total
    assert rebuilt.by_provider == statistics.by_provider
    assert rebuilt.by_slot == statistics.by_slot
    assert plain(rebuilt.figures(NOW.monotonic, 60.0)) == plain(statistics.figures(NOW.monotonic, 60.0))


def test_the_windows_hold_what_came_in_their_time(run):
    one = Sender(ProducerFactory(run=run))
    store = new_engine()
    store.commit([replace(each, finished_at=ago(seconds)) for seconds, _, each in eventful(one, one.colleague())])
    whole = recounted(run, NOW).figures(NOW.monotonic, 60.0).whole
    assert whole.long
    assert whole.short
    assert whole.short.trend
    requests = [scope.totals.requests for scope in (whole.run, whole.long, whole.short)]
    assert requests == [15, 14, 12]
    assert whole.short.errors == {"timeout": 1, "unknown": 1, "connection_lost": 1}
    assert whole.short.trend.direction == "steady"
    assert whole.run.totals.cost_usd == Decimal("0.75") + 12 * Decimal("0.001")


def test_the_clock_goes_on_where_the_last_engine_left(run):
    RequestFactory(producer__run=run, finished_at=ago(200), candidates=2)
    statistics = recounted(run, NOW)
    assert statistics.recent(NOW.monotonic + 90).candidates == 2
    assert statistics.recent(NOW.monotonic + 110).candidates == 0
    assert statistics.began == NOW.monotonic - 7_200


def test_a_request_of_the_future_counts_as_of_now(run):
    """The machine's time of day was set back meanwhile."""
    RequestFactory(producer__run=run, finished_at=NOON + timedelta(hours=1))
    statistics = recounted(run, NOW)
    assert statistics.recent(NOW.monotonic + 290).requests == 1
    assert statistics.recent(NOW.monotonic + 300).requests == 0


def test_other_runs_are_left_out(run):
    RequestFactory(finished_at=ago(10))
    statistics = recounted(run, NOW)
    assert statistics.total.requests == statistics.recent(NOW.monotonic).requests == 0


def test_of_a_great_many_requests_the_newest_are_read_and_the_window_is_as_long_as_they_took(run, monkeypatch):
    monkeypatch.setattr(recounting, "MOST_RECENT", 3)
    producer = ProducerFactory(run=run)
    for number in range(5):
        RequestFactory(producer=producer, finished_at=ago(100 - 10 * number))
    whole = recounted(run, NOW).figures(NOW.monotonic).whole
    assert whole.long
    assert (whole.run.totals.requests, whole.long.totals.requests) == (5, 3)
    assert whole.long.seconds == 80.0

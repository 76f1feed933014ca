"""A run over time: added up in the database, and told from where a page left off."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from orchestration.models import Run
from orchestration.portal.series import Asked, read_series
from tests.factories import ProducerFactory, ProviderFactory, RequestFactory, RunFactory, TopicFactory

pytestmark = [pytest.mark.storage, pytest.mark.django_db]

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def run():
    run = RunFactory()
    end = START + timedelta(minutes=60)
    Run.objects.filter(pk=run.pk).update(started_at=START, ended_at=end, state="ended")
    return run


@pytest.fixture
def producer(run):
    return ProducerFactory(run=run)


def series(of, **asked):
    return json.loads(read_series(of.topic_id, Asked(**asked)))


def request(producer, second, provider, **values):
    return RequestFactory(
        producer=producer, provider=provider, finished_at=START + timedelta(seconds=second), **values
    )


def test_a_topic_without_runs_has_no_series():
    assert json.loads(read_series(TopicFactory().pk, Asked()))["run"] == 0


def test_requests_are_added_up_by_stretch_and_provider(run, producer):
    a, b = ProviderFactory(name="a"), ProviderFactory(name="b")
    request(producer, 3, a, candidates=10, unique=8, cost_usd="0.5")
    request(producer, 59, a, candidates=10, unique=2, cost_usd="0.25", outcome="failed")
    request(producer, 59, b, candidates=5, unique=5)
    last = request(producer, 61, a, candidates=1, unique=1, cost_usd=0)
    told = series(run)
    assert (told["width"], told["start"], told["cursor"]) == (60, int(START.timestamp()), last.pk)
    assert told["buckets"] == [
        [0, "a", 2, 1, 0, 20, 10, 0.75],
        [0, "b", 1, 0, 1, 5, 5, 0.0],
        [1, "a", 1, 0, 0, 1, 1, 0.0],
    ]


def test_whoever_knows_some_is_told_the_rest(run, producer):
    provider = ProviderFactory(name="a")
    request(producer, 3, provider, candidates=10, unique=8)
    first = series(run)
    request(producer, 5, provider, candidates=3, unique=1)
    rest = series(run, run=run.number, width=first["width"], after=first["cursor"])
    assert rest["after"] == first["cursor"]
    assert rest["buckets"] == [[0, "a", 1, 0, 1, 3, 1, 0.0]]
    nothing = series(run, run=run.number, width=first["width"], after=rest["cursor"])
    assert nothing["buckets"] == []


@pytest.mark.parametrize("known", [{"run": 0}, {"width": 5}])
def test_another_run_or_width_is_told_from_the_beginning(run, producer, known):
    made = request(producer, 3, ProviderFactory(), candidates=1)
    told = series(run, **{"run": run.number, "width": 60, "after": made.pk, **known})
    assert told["after"] == 0
    assert len(told["buckets"]) == 1


def test_a_series_is_four_questions(run, producer, django_assert_num_queries):
    for second in range(20):
        request(producer, second * 60, ProviderFactory())
    with django_assert_num_queries(4):
        assert len(series(run)["buckets"]) == 20

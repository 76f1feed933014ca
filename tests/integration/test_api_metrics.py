"""The metrics: as the database has it, in a format that Prometheus can read, whatever things are named."""

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from igentai_site.api import metrics
from igentai_site.api.metrics import Collector, Totals
from orchestration.models import EngineLease, Request, Run
from tests.factories import (
    ProducerFactory,
    ProviderFactory,
    RequestFactory,
    RunFactory,
    RunFiguresFactory,
    TopicFactory,
    UserFactory,
)
from tests.programs import VIEWER, program
from topics.models import Topic

pytestmark = [pytest.mark.storage, pytest.mark.django_db]
HOSTILE = [
    'quo"te',
    "back\\slash",
    "new\nline",
    "\r\u2028\x85}",
    'a="b"} 1\nigentai_x 2',
    "日本\U0001f600",
    "\\n",
    "\t",
]


def scrape(totals=None):
    """Every sample: by its name and its labels."""
    text = generate_latest(Collector(totals or Totals())).decode()
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_an_empty_installation_has_metrics():
    samples = scrape()
    assert samples["igentai_engine_up",] == 0
    assert samples["igentai_topics",] == 0
    assert samples["igentai_producers", "running"] == 0


def test_the_engine_is_up_while_it_says_so():
    EngineLease.objects.update_or_create(pk=1, defaults={"released": False, "beat_at": timezone.now()})
    assert scrape()["igentai_engine_up",] == 1


def test_a_topic_in_figures():
    topic = TopicFactory(name="Rivers")
    RunFactory(topic=topic, number=1, over=True, unique=30)
    RunFactory(topic=topic, number=2, over=True, unique=20)
    newest = RunFactory(topic=topic, number=3, list_number=2, unique=5, candidates=50, cost_usd="1.5")
    RunFiguresFactory(run=newest, data={"estimates": {"coverage": {"estimate": 0.5, "low": 0.25, "high": None}}})
    ProducerFactory(run=newest, state="failed")
    samples = scrape()
    assert samples["igentai_entries_total", "Rivers"] == 55
    assert samples["igentai_list_entries", "Rivers"] == 25
    assert (samples["igentai_run_state", "Rivers", "running"], samples["igentai_run_state", "Rivers", "ended"]) == (
        1,
        0,
    )
    assert (samples["igentai_run_unique", "Rivers"], samples["igentai_run_candidates", "Rivers"]) == (5, 50)
    assert samples["igentai_run_cost_usd", "Rivers"] == 1.5
    assert samples["igentai_coverage_ratio", "Rivers", "low"] == 0.25
    assert ("igentai_coverage_ratio", "Rivers", "high") not in samples
    assert samples["igentai_producers", "failed"] == 1
    assert samples["igentai_portal_viewers", "Rivers"] == 0


def test_a_provider_in_figures():
    provider = ProviderFactory(name="cheap")
    for outcome, cost in (("complete", "0.5"), ("complete", None), ("failed", "0.25")):
        RequestFactory(provider=provider, outcome=outcome, cost_usd=cost, candidates=4, unique=2, tokens_in=10)
    samples = scrape()
    assert samples["igentai_requests_total", "cheap", "complete"] == 2
    assert samples["igentai_requests_total", "cheap", "failed"] == 1
    assert samples["igentai_cost_usd_total", "cheap"] == 0.75
    assert samples["igentai_unpriced_requests_total", "cheap"] == 1
    assert samples["igentai_candidates_total", "cheap"] == 12
    assert samples["igentai_provider_entries_total", "cheap"] == 6
    assert samples["igentai_tokens_total", "cheap", "in"] == 30


def test_only_what_is_new_is_summed_up():
    provider = ProviderFactory(name="cheap")
    totals = Totals()
    first = RequestFactory(provider=provider)
    totals.catch_up()
    assert totals.seen == first.pk
    RequestFactory(provider=provider)
    assert scrape(totals)["igentai_requests_total", "cheap", "complete"] == 2
    assert scrape(totals)["igentai_requests_total", "cheap", "complete"] == 2


def test_a_counter_never_falls_when_a_topic_is_deleted():
    row = RequestFactory(provider=ProviderFactory(name="cheap"))
    totals = Totals()
    assert scrape(totals)["igentai_requests_total", "cheap", "complete"] == 1
    Request.objects.all().delete()
    Topic.objects.filter(pk=row.run.topic.pk).delete()
    assert scrape(totals)["igentai_requests_total", "cheap", "complete"] == 1


def test_names_are_told_as_they_are_whatever_is_in_them():
    for name in HOSTILE:
        run = RunFactory(topic=TopicFactory(name=name, folder=name[:20]), number=1, unique=7)
        RequestFactory(provider=ProviderFactory(name=name), producer=ProducerFactory(run=run))
    samples = scrape()
    for name in HOSTILE:
        assert samples["igentai_list_entries", name] == 7
        assert samples["igentai_requests_total", *sorted([name, "complete"])] == 1
    assert not any(name.startswith("igentai_x") for name, *_ in samples)


def test_the_number_of_series_and_of_queries_is_bounded(django_assert_max_num_queries):
    provider = ProviderFactory()
    runs = [RunFactory(number=1, unique=number) for number in range(metrics.MOST_TOPICS + 20)]
    RequestFactory(provider=provider, producer=ProducerFactory(run=runs[0]))
    with django_assert_max_num_queries(12):
        samples = scrape()
    shown = {labels[0] for name, *labels in samples if name == "igentai_list_entries"}
    assert shown == {run.topic.name for run in runs[-metrics.MOST_TOPICS :]}
    assert samples["igentai_topics",] == len(runs)
    assert Run.objects.count() == len(runs)


def test_it_is_served_to_those_who_may_see_topics():
    viewer, nobody = program(VIEWER).client, program([]).client
    response = viewer.get("/metrics")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert list(text_string_to_metric_families(response.content.decode()))
    assert nobody.get("/metrics").status_code == 403
    refused = Client().get("/metrics")
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "no_token")
    assert viewer.post("/metrics").json()["error"]["code"] == "method_not_allowed"


def test_a_signed_in_browser_may_look_at_them(client):
    client.force_login(UserFactory(permissions=VIEWER))
    assert b"igentai_engine_up" in client.get("/metrics").content

"""Runs, requests, decisions and providers as the admin tells them: words and tables, and hostile text as text."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from orchestration.key_names import VARIABLE
from orchestration.models import RunFigures
from tests.factories import DecisionFactory, ProviderFactory, RequestFactory, RunFactory, UserFactory
from tests.unit.test_figure_tables import scopes

pytestmark = [pytest.mark.storage, pytest.mark.django_db]


@pytest.fixture
def administrator(client):
    client.force_login(UserFactory(admin=True))
    return client


def page(client, name, *arguments, **filters):
    response = client.get(reverse(f"admin:{name}", args=arguments), filters)
    assert response.status_code == 200
    return response.content.decode()


def test_a_run_is_told_in_sentences_with_its_figures_in_tables(administrator):
    run = RunFactory(over=True, stop_reason="target", unique=300, candidates=1200, requests=4, target=300)
    data = {"run": scopes(), "providers": {"<b>model": scopes()}}
    RunFigures.objects.create(run=run, data=data, updated_at=timezone.now())
    html = page(administrator, "orchestration_run_change", run.pk)
    for words in (
        "It reached its target.",
        "300 new of 1,200 candidates (25.0%), in 4 requests",
        "300 entries",
        "By provider",
        "<bdi>&lt;b&gt;model</bdi>",
        "All of it as JSON",
        "Last 30 minutes",
    ):
        assert words in html


def test_a_run_without_figures_says_when_they_come(administrator):
    assert "No figures yet" in page(administrator, "orchestration_run_change", RunFactory().pk)


def test_a_run_leads_to_its_own_requests_and_decisions(administrator):
    request, other = RequestFactory(), RequestFactory()
    html = page(administrator, "orchestration_run_change", request.run.pk)
    assert f"?run__id__exact={request.run.pk}" in html
    listed = page(administrator, "orchestration_request_changelist", run__id__exact=request.run.pk)
    assert str(request.pk) in listed
    assert str(other.pk) not in listed


def test_a_request_is_told_with_its_outcome_and_cost(administrator):
    earlier = timezone.now() - timedelta(minutes=5)
    request = RequestFactory(
        outcome="failed", error_kind="rate_limited", error="<i>slow down</i>", finished_at=earlier,
        prompt__text="Name <b>bridges</b>.", response_time_ms=1500, cost_usd=Decimal("0.25"), tokens_in=1000,
    )  # fmt: skip
    listed = page(administrator, "orchestration_request_changelist")
    for words in ("failed: rate limited", "5 min ago", "1.50 s", "$0.2500"):
        assert words in listed
    html = page(administrator, "orchestration_request_change", request.pk)
    for words in ("&lt;i&gt;slow down&lt;/i&gt;", "Name &lt;b&gt;bridges&lt;/b&gt;.", "1,000 in, 0 out", "unknown"):
        assert words in html


def test_a_decision_is_told_with_what_changed_and_why(administrator):
    DecisionFactory(kind="left_out", before="", after="<b>", reason="nothing new came")
    html = page(administrator, "orchestration_decision_changelist")
    for words in ("left out", "nothing → &lt;b&gt;", "nothing new came", "just now"):
        assert words in html


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("ANTHROPIC_API_KEY", "ANTHROPIC_API_KEY: set where the engine runs"),
        ("", "ANTHROPIC_API_KEY: not set where the engine runs"),
    ],
)
def test_whether_a_key_is_set_is_told_by_its_name(administrator, monkeypatch, told, words):
    monkeypatch.setenv(VARIABLE, told)
    provider = ProviderFactory(kind="anthropic", model="claude")
    assert words in page(administrator, "producers_provider_changelist")
    assert words in page(administrator, "producers_provider_change", provider.pk)

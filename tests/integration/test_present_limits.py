"""Caps and limits that people change while runs are under way."""

from decimal import Decimal

import pytest

from orchestration import opening
from orchestration.models import Run
from orchestration.present_limits import ProviderLimits, present_limits
from producers.models import Provider, TopicProvider
from tests.factories import ProviderFactory, TopicFactory
from tests.integration.arriving import new_engine, present_epoch
from topics.models import DesiredState, Topic

pytestmark = [pytest.mark.storage, pytest.mark.django_db]


@pytest.fixture
def run():
    topic = TopicFactory(desired_state=DesiredState.RUNNING, starts=1, budget_usd=2)
    provider = ProviderFactory(vendor=True, input_rate=1, output_rate=1)
    TopicProvider.objects.create(topic=topic, provider=provider)
    opened = opening.open_run(present_epoch(), topic.pk, 1, 3)
    assert opened is not None
    return opened


def test_they_are_as_people_have_them_now(run):
    [provider] = [each.row for each in run.providers.values()]
    ProviderFactory(vendor=True)  # of no run
    assert present_limits([run.run_id]).providers == {provider.pk: ProviderLimits(None, None, None, 16)}
    Provider.objects.update(
        daily_cap_usd=3, requests_per_minute=60, tokens_per_minute=9_000, concurrency=4, thinking_tokens=500
    )
    Topic.objects.update(budget_usd=Decimal("0.5"))
    present = present_limits([run.run_id])
    assert present.providers == {provider.pk: ProviderLimits(Decimal(3), 60, 9_000, 4, 500)}
    assert present.budgets == {run.run_id: Decimal("0.5")}


def test_without_a_run_there_are_none(run):
    assert (present_limits([]).providers, present_limits([]).budgets) == ({}, {})


def test_an_engine_that_goes_on_with_the_run_knows_its_new_budget(run):
    new_engine().set_budget(run.run_id, Decimal("0.5"))
    again = opening.open_run(present_epoch(), run.topic.pk, 1, 3)
    assert again is not None
    assert again.limits.budget_usd == Decimal("0.5")


def test_a_run_that_is_over_keeps_its_budget(run):
    store = new_engine()
    store.end_run(run.run_id, 1.0, "stopped", "", failed=False)
    store.set_budget(run.run_id, None)
    assert Run.objects.get(pk=run.run_id).budget_usd == 2

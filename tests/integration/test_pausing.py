"""A run that is paused: its time stands still and nothing is judged, and afterwards it is as if nothing had been."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from orchestration import opening
from orchestration.logic.lifecycle import StopReason
from orchestration.logic.statistics import RequestEvent, Totals
from orchestration.runtime import exploration as runtime
from orchestration.runtime.database import Database
from orchestration.runtime.exploration import Exploration
from orchestration.runtime.link_server import LinkServer
from orchestration.runtime.permits import Permits
from producers.models import TopicProvider
from tests.factories import ProviderFactory, TopicFactory
from tests.integration.arriving import new_engine
from topics.models import DesiredState

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]


@pytest.fixture
async def database(transactional_db):
    writer = Database()
    yield writer
    await writer.close()


async def an_exploration(database) -> Exploration:
    def prepared():
        store = new_engine()
        topic = TopicFactory(desired_state=DesiredState.RUNNING, starts=1)
        TopicProvider.objects.create(topic=topic, provider=ProviderFactory())
        return store, opening.open_run(store.epoch, topic.pk, 1, 1)

    async def nobody(arrival) -> None:
        raise AssertionError("nothing arrives here")

    store, opened = await database.once(prepared)
    permits = Permits(database, store, None)
    permits.open(opened)
    return Exploration(opened, LinkServer(), nobody, permits)


async def test_nothing_is_judged_and_time_stands_still_until_it_goes_on(database, monkeypatch):
    now = 1_000.0
    monkeypatch.setattr(runtime, "time", SimpleNamespace(monotonic=lambda: now))
    exploration = await an_exploration(database)
    exploration.begin_list()
    [provider] = exploration.opened.providers
    now += 60
    exploration.pause()
    dry = Totals(requests=1, candidates=60)
    for _ in range(600):
        exploration.statistics.record(RequestEvent(now, provider, 0, dry))
    now += 3_600
    assert (exploration.state, exploration.active_seconds, exploration.decide()) == ("paused", 60.0, None)
    assert exploration.helm.paused
    assert exploration.figures().whole.short is not None, "the last five minutes are over"
    assert exploration.facts().active_seconds == 60.0
    exploration.go_on()
    now += 5
    assert (exploration.state, exploration.active_seconds) == ("running", 65.0)
    stop = exploration.decide()
    assert stop is not None
    assert stop.reason == StopReason.EXHAUSTED


async def test_a_paused_run_that_the_engine_leaves_stays_paused(database):
    exploration = await an_exploration(database)
    assert exploration.state == "checking"
    exploration.pause()
    exploration.suspend()
    assert exploration.state == "paused"

"""The producer's work: whom it asks, when it does not ask, and what it hands over."""

from __future__ import annotations

import asyncio

import pytest

from producers.link.messages import (
    GenerationConfig,
    Stop,
    UpdateConfiguration,
)
from producers.providers.base import Question
from producers.providers.errors import RateLimited
from producers.worker.worker import Worker
from tests.unit.working import PATIENCE, Bench, FakeLink, start, working


async def test_it_asks_nothing_before_it_is_told_what(providers):
    async with working(providers) as bench:
        await bench.rest()
        assert (providers, bench.link.sent) == ({}, [])


async def test_it_asks_as_it_was_told(providers):
    async with working(providers) as bench:
        bench.tell(start(request_size=7, partition="A to F", seed=3))
        question = await bench.asked("a", 1)
        assert question == Question("museums", "Name museums.", 7, ("Louvre",), "A to F", 3, 0)
        assert bench.link.started
        assert bench.link.states == ["asking"]


async def test_an_answer_becomes_a_batch_and_the_next_request_begins(providers):
    async with working(providers) as bench:
        bench.tell(start())
        await bench.asked("a", 1)
        bench["a"].finish()
        question = await bench.asked("a", 2)
        [batch] = bench.link.batches
        assert batch.candidates == ("entry 0", "part two")
        assert (batch.metadata.provider, batch.metadata.outcome) == ("a", "complete")
        assert (batch.metadata.tokens_in, batch.metadata.tokens_out) == (10, 5)
        assert question.ordinal == 1


async def test_each_batch_has_an_id_of_its_own_also_in_another_life(providers):
    ids = []
    for _ in range(2):
        async with working(providers) as bench:
            bench.tell(start())
            for request in range(1, 4):
                await bench.asked("a", request)
                bench["a"].finish()
            await bench.asked("a", 4)
            ids += [batch.batch_id for batch in bench.link.batches]
    assert len(set(ids)) == 6


async def test_it_keeps_as_many_requests_open_as_it_may(providers):
    async with working(providers) as bench:
        bench.tell(start(in_flight=3))
        await bench.asked("a", 3)
        bench["a"].finish()
        await bench.asked("a", 4)
        assert len(bench["a"].open) == 3


async def test_new_configuration_takes_effect_with_the_next_request(providers):
    async with working(providers) as bench:
        bench.tell(start())
        await bench.asked("a", 1)
        bench.tell(UpdateConfiguration(prompt="Name small ones.", exclusions=("Orsay",)))
        await bench.rest()
        assert len(bench["a"].questions) == 1
        bench["a"].finish()
        question = await bench.asked("a", 2)
        assert (question.prompt, question.exclusions, question.count) == ("Name small ones.", ("Orsay",), 60)


async def test_a_higher_limit_takes_effect_at_once(providers):
    async with working(providers) as bench:
        bench.tell(start())
        await bench.asked("a", 1)
        bench.tell(UpdateConfiguration(generation=GenerationConfig(in_flight=2, request_size=9)))
        question = await bench.asked("a", 2)
        assert question.count == 9


async def test_new_weights_take_effect_with_the_next_request(providers):
    async with working(providers) as bench:
        bench.tell(start("a", "b", weights={"a": 1.0, "b": 0.0}))
        await bench.asked("a", 1)
        bench.tell(UpdateConfiguration(provider_weights={"a": 0.0, "b": 1.0}))
        bench["a"].finish()
        await bench.asked("b", 1)
        assert len(bench["a"].questions) == 1


async def test_a_change_before_any_topic_is_none(providers):
    async with working(providers) as bench:
        bench.tell(UpdateConfiguration(prompt="Name small ones."))
        await bench.rest()
        assert bench.link.sent == []


async def test_a_new_topic_replaces_the_one_before(providers):
    async with working(providers) as bench:
        bench.tell(start("a"))
        await bench.asked("a", 1)
        bench.tell(start("b"))
        bench["a"].finish()
        question = await bench.asked("b", 1)
        assert question.ordinal == 0
        assert [batch.metadata.provider for batch in bench.link.batches] == ["a"]


# Limits


async def test_it_makes_no_more_requests_than_it_may_and_says_when_all_is_committed(providers):
    async with working(providers) as bench:
        bench.tell(start(requests_left=2, in_flight=5))
        await bench.asked("a", 2)
        bench["a"].finish()
        bench["a"].finish()
        await bench.until(lambda: len(bench.link.batches) == 2)
        await bench.rest()
        assert "done" not in bench.link.states
        bench.ack()
        await bench.until(lambda: "done" in bench.link.states)
        assert len(bench["a"].questions) == 2


async def test_it_is_done_at_once_when_no_request_is_left(providers):
    async with working(providers) as bench:
        bench.tell(start(requests_left=0))
        await bench.until(lambda: bench.link.states == ["done"])
        assert bench["a"].questions == []


async def test_it_says_again_that_it_is_done_when_it_hears_from_the_engine(providers):
    """The first time may have been lost with a connection."""
    async with working(providers) as bench:
        bench.tell(start(requests_left=0))
        await bench.until(lambda: bench.link.states == ["done"])
        bench.tell(UpdateConfiguration(exclusions=()))
        await bench.until(lambda: bench.link.states == ["done", "done"])


async def test_while_nothing_is_acknowledged_it_asks_nothing_more(providers):
    async with working(providers, capacity=2) as bench:
        bench.tell(start())
        for request in (1, 2):
            await bench.asked("a", request)
            bench["a"].finish()
        await bench.until(lambda: bench.link.full)
        await bench.rest()
        assert len(bench["a"].questions) == 2
        bench.ack()
        await bench.asked("a", 3)


# Failures


async def test_a_failure_is_handed_over_with_all_that_the_engine_needs_to_judge_it(providers):
    async with working(providers) as bench:
        bench.tell(start())
        await bench.asked("a", 1)
        bench["a"].finish(RateLimited("too many", retry_after=300))
        await bench.asked("a", 2)
        [batch] = bench.link.batches
        assert (batch.metadata.outcome, batch.metadata.error_kind) == ("cut", "rate_limited")
        assert (batch.metadata.retry_after, batch.metadata.ask_id) == (300, bench.link.asks[0].ask_id)
        assert batch.candidates == ("entry 0",)


async def test_a_fault_of_ours_stops_the_worker_visibly(providers):
    link = FakeLink()
    bench = Bench(Worker(link, {}), link, providers)  # type: ignore[arg-type]
    task = asyncio.create_task(bench.worker.run())
    bench.tell(start())
    await bench.asked("a", 1)
    bench["a"].finish(ZeroDivisionError("a fault of ours"))  # type: ignore[arg-type]
    with pytest.raises(ZeroDivisionError, match="a fault of ours"):
        await asyncio.wait_for(task, PATIENCE)


# The end


async def test_a_stop_cuts_what_is_in_flight_and_hands_over_what_has_arrived(providers):
    async with working(providers) as bench:
        bench.tell(start(in_flight=2))
        await bench.asked("a", 2)
    batches = bench.link.batches
    assert {batch.candidates for batch in batches} == {("entry 0",), ("entry 1",)}
    assert {(batch.metadata.outcome, batch.metadata.finish_reason) for batch in batches} == {("cut", "stopped")}
    assert all(batch.metadata.tokens_estimated for batch in batches)
    assert len(bench["a"].questions) == 2
    assert bench["a"].closed


async def test_a_stop_waits_for_the_acknowledgement_of_the_last_words(providers):
    link = FakeLink()
    worker = Worker(link, {})  # type: ignore[arg-type]
    task = asyncio.create_task(worker.run())
    bench = Bench(worker, link, providers)
    bench.tell(start())
    await bench.asked("a", 1)
    bench.tell(Stop())
    await bench.until(lambda: link.batches)
    await bench.rest()
    assert not task.done()
    bench.ack()
    async with asyncio.timeout(PATIENCE):
        await task


async def test_its_heartbeat_tells_how_much_is_under_way(providers):
    async with working(providers) as bench:
        bench.tell(start(in_flight=2))
        await bench.asked("a", 2)
        beating = asyncio.create_task(bench.worker.beat(3_600))
        await bench.rest()
        beating.cancel()
        beat = bench.link.sent[-1]
    assert (beat.in_flight, beat.unacknowledged) == (2, 0)

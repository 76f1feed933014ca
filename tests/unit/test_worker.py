"""The producer's work: whom it asks, when it does not ask, and what it hands over."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from producers.link.messages import (
    Ask,
    Divide,
    GenerationConfig,
    Permit,
    Plan,
    Probe,
    ProviderSpec,
    Refusal,
    Status,
    Stop,
    Unusable,
    Unused,
    UpdateConfiguration,
)
from producers.providers import registry
from producers.providers.base import Question
from producers.providers.errors import Misconfigured, RateLimited
from producers.worker.worker import Worker
from tests.unit.working import PATIENCE, Bench, FakeLink, FakeProvider, start, working


@pytest.fixture
def providers(monkeypatch):
    """The fake providers that were built, by name."""
    built: dict[str, FakeProvider] = {}

    def make(spec: ProviderSpec, environ: Mapping[str, str]) -> FakeProvider:
        if spec.model == "wrong":
            raise Misconfigured("no such model")
        built[spec.name] = FakeProvider(spec.name)
        return built[spec.name]

    class Module:
        build = staticmethod(make)

    monkeypatch.setattr(registry, "import_module", lambda name: Module)
    return built


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


# Permits


def refusing(bench: Bench, name: str, seconds: float | None, reason: str = "not now") -> None:
    """From now on the engine refuses this provider."""

    def answer(ask: Ask):
        if ask.provider != name:
            return bench.link.permit(ask)
        return Refusal(ask_id=ask.ask_id, provider=name, seconds=seconds, reason=reason)

    bench.link.answer = answer


async def test_a_request_is_made_as_its_permit_says(providers):
    async with working(providers) as bench:
        bench.link.answer = lambda ask: Permit(ask_id=ask.ask_id, request_size=12, max_tokens_out=480)
        bench.tell(start(request_size=60))
        question = await bench.asked("a", 1)
        assert (question.count, question.max_tokens_out) == (12, 480)
        [ask] = bench.link.asks
        assert ask.bytes_in > len(question.text.encode())


async def test_nothing_is_asked_without_a_permit(providers):
    async with working(providers) as bench:
        bench.link.answer = lambda ask: None
        bench.tell(start(in_flight=3, requests_left=2))
        await bench.until(lambda: len(bench.link.asks) == 2)
        await bench.rest()
        assert (len(bench.link.asks), bench["a"].questions, bench.link.states) == (2, [], [])


async def test_asks_that_a_reconnect_may_have_lost_are_repeated_with_their_ids(providers):
    async with working(providers) as bench:
        bench.link.answer = lambda ask: None
        bench.tell(start())
        await bench.until(lambda: bench.link.asks)
        bench.tell(UpdateConfiguration())
        first, again = bench.link.asks
        assert first == again
        bench.tell(bench.link.permit(first))
        bench.tell(bench.link.permit(first))
        await bench.asked("a", 1)


async def test_a_permit_that_comes_after_the_stop_is_given_back(providers):
    async with working(providers) as bench:
        bench.link.answer = lambda ask: None
        bench.tell(start())
        await bench.until(lambda: bench.link.asks)
        bench.tell(Stop())
        bench.tell(bench.link.permit(bench.link.asks[0]))
    assert Unused(ask_id=bench.link.asks[0].ask_id) in bench.link.sent
    assert bench["a"].questions == []


async def test_a_permit_that_nobody_waits_for_any_more_is_given_back_and_one_in_use_is_not(providers):
    async with working(providers) as bench:
        refusing(bench, "a", 300)
        bench.tell(start("a", "b", weights={"a": 1.0, "b": 0.5}, routing="priority"))
        await bench.asked("b", 1)
        forgotten, used = bench.link.asks
        for ask in (forgotten, used):
            bench.tell(bench.link.permit(ask))
        await bench.rest()
        assert [message for message in bench.link.sent if isinstance(message, Unused)] == [
            Unused(ask_id=forgotten.ask_id)
        ]


async def test_while_one_is_refused_the_other_is_asked(providers):
    async with working(providers) as bench:
        refusing(bench, "a", 300)
        bench.tell(start("a", "b", weights={"a": 1.0, "b": 0.5}, routing="priority"))
        await bench.asked("b", 1)
        bench["b"].finish()
        await bench.asked("b", 2)
        assert [ask.provider for ask in bench.link.asks] == ["a", "b", "b"]


@pytest.mark.parametrize(("routing", "other"), [("priority", 0), ("backoff", 0), ("round_robin", 1)])
async def test_one_that_is_only_busy_is_waited_for_by_those_who_want_no_other(providers, routing, other):
    async with working(providers) as bench:
        busy = True

        def answer(ask: Ask):
            if ask.provider == "a" and busy:
                return Refusal(ask_id=ask.ask_id, provider="a", seconds=0.01, busy=True)
            return bench.link.permit(ask)

        bench.link.answer = answer
        bench.tell(start("a", "b", weights={"a": 1.0, "b": 0.5}, routing=routing))
        await bench.until(lambda: len(bench.link.asks) >= 2)
        await bench.rest()
        assert len(bench["b"].questions) == other
        busy = False


async def test_while_all_are_refused_it_says_why_and_waits(providers):
    async with working(providers) as bench:
        refusing(bench, "a", 300, "too many requests")
        bench.tell(start())
        await bench.until(lambda: bench.link.sent)
        await bench.rest()
        assert bench.link.sent == [Status(state="paused", detail="too many requests")]
        assert len(bench.link.asks) == 1


async def test_after_the_pause_it_asks_again(providers):
    async with working(providers) as bench:
        refusing(bench, "a", 0.0)
        bench.tell(start())
        await bench.until(lambda: len(bench.link.asks) == 3)
        bench.link.answer = bench.link.permit
        await bench.asked("a", 1)


async def test_a_provider_that_is_out_is_never_asked_for_again(providers):
    async with working(providers) as bench:
        refusing(bench, "a", None, "no such key")
        bench.tell(start())
        await bench.until(lambda: "out" in bench.link.states)
        assert Status(state="out", detail="a: no such key") in bench.link.sent
        assert len(bench.link.asks) == 1


async def test_without_a_usable_provider_it_says_why(providers):
    async with working(providers) as bench:
        bench.tell(start(wrong=("x", "y")))
        await bench.until(lambda: "out" in bench.link.states)
        assert bench.link.sent == [
            Unusable(provider="x", reason="no such model"),
            Unusable(provider="y", reason="no such model"),
            Status(state="out", detail="x: no such model; y: no such model"),
        ]


async def test_a_provider_that_nobody_wants_does_not_stand_in_for_one_that_is_out(providers):
    async with working(providers) as bench:
        bench.tell(start("b", wrong=("a",), weights={"a": 1.0, "b": 0.0}))
        await bench.until(lambda: "out" in bench.link.states)
        assert bench.link.sent[-1] == Status(state="out", detail="a: no such model")
        assert bench["b"].questions == []


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


# Plans, divisions and probes


async def test_each_provider_is_asked_by_its_own_plan(providers):
    async with working(providers) as bench:
        bench.tell(start("a", "b", routing="round_robin"))
        bench.tell(UpdateConfiguration(plans={"a": Plan(prompt="Name small ones.", style="anchors", request_size=9)}))
        question = await bench.asked("a", 1)
        assert (question.prompt, question.style, question.count) == ("Name small ones.", "anchors", 9)
        bench["a"].finish()
        question = await bench.asked("b", 1)
        assert (question.prompt, question.style) == ("Name museums.", "plain")


async def test_a_division_is_asked_for_once_and_its_answer_says_that_it_is_one(providers):
    async with working(providers) as bench:
        bench.tell(start())
        bench.tell(Divide(prompt="Divide this topic."))
        question = await bench.asked("a", 1)
        assert (question.text, question.purpose) == ("Divide this topic.", "division")
        bench["a"].finish()
        question = await bench.asked("a", 2)
        assert question.purpose == "entries"
        [batch] = bench.link.batches
        assert batch.metadata.purpose == "division"
        assert batch.candidates == ("entry 0", "part two")


async def test_a_division_that_one_may_not_be_asked_for_is_asked_of_another(providers):
    async with working(providers) as bench:
        refusing(bench, "a", 300)
        bench.tell(start("a", "b", weights={"a": 1.0, "b": 0.5}, routing="priority"))
        bench.tell(Divide(prompt="Divide this topic."))
        question = await bench.asked("b", 1)
        assert question.purpose == "division"


async def test_a_probe_goes_to_the_provider_it_is_for_whatever_its_weight(providers):
    async with working(providers) as bench:
        bench.tell(start("a", "b", weights={"a": 1.0, "b": 0.0}))
        bench.tell(Probe(provider="b"))
        question = await bench.asked("b", 1)
        assert (question.style, question.probe, question.exclusions) == ("blind", True, ())
        bench["b"].finish()
        await bench.asked("a", 1)
        [batch] = bench.link.batches
        assert (batch.metadata.style, batch.metadata.probe) == ("blind", True)


async def test_a_probe_of_one_that_is_out_or_unknown_is_given_up(providers):
    async with working(providers) as bench:
        bench.tell(start("a", wrong=("b",), weights={"a": 1.0, "b": 0.5}))
        bench.tell(Probe(provider="b"))
        bench.tell(Probe(provider="nobody"))
        question = await bench.asked("a", 1)
        assert question.style == "plain"


async def test_a_probe_that_is_refused_for_now_is_made_later(providers):
    async with working(providers) as bench:
        refusing(bench, "a", 0.0)
        bench.tell(start("a"))
        bench.tell(Probe(provider="a"))
        await bench.until(lambda: len(bench.link.asks) == 2)
        bench.link.answer = bench.link.permit
        question = await bench.asked("a", 1)
        assert question.style == "blind"


async def test_probes_and_divisions_wait_for_their_limits(providers):
    async with working(providers) as bench:
        bench.tell(start(requests_left=1))
        bench.tell(Probe(provider="a"))
        bench.tell(Divide(prompt="Divide this topic."))
        await bench.asked("a", 1)
        bench["a"].finish()
        await bench.until(lambda: bench.link.batches)
        bench.ack()
        await bench.until(lambda: "done" in bench.link.states)
        assert len(bench["a"].questions) == 1


async def test_a_new_topic_forgets_probes_and_divisions_of_the_one_before(providers):
    async with working(providers) as bench:
        bench.link.answer = lambda ask: None
        bench.tell(start())
        bench.tell(Divide(prompt="Divide this topic."))
        bench.tell(Probe(provider="a"))
        bench.link.answer = bench.link.permit
        bench.tell(start())
        question = await bench.asked("a", 1)
        assert (question.style, question.purpose) == ("plain", "entries")

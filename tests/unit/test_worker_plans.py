"""What the producer is told to ask for: plans for each provider, divisions, and blind probes."""

from __future__ import annotations

from producers.link.messages import (
    Divide,
    Plan,
    Probe,
    UpdateConfiguration,
)
from tests.unit.working import refusing, start, working


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

"""The producer asks by permit: what it does with one, without one, and when it is refused."""

from __future__ import annotations

import pytest

from producers.link.messages import (
    Ask,
    Permit,
    Refusal,
    Status,
    Stop,
    Unusable,
    Unused,
    UpdateConfiguration,
)
from tests.unit.working import refusing, start, working


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

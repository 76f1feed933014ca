"""One request: what came of it, and how it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

import pytest

from producers.link.codec import decode_for_engine, encode
from producers.link.messages import FilterUse, prompt_hash
from producers.providers.base import Event, Finished, Question, TextDelta, Usage
from producers.providers.errors import (
    BadAnswer,
    ContentRefused,
    EmptyAnswer,
    KeyRejected,
    ProviderError,
    RateLimited,
    TimedOut,
    Unreachable,
)
from producers.worker.asking import ask, metadata_of
from producers.worker.repeats import Listening, Unconfirmed

QUESTION = Question(topic="museums", prompt="Name museums.", count=5, partition="A to F")
LIST = TextDelta("- Louvre\n- Orsay\n")
DONE = Finished("stop", complete=True)
BROKE_OFF = Unreachable("it broke off", may_be_billed=True)


def all_ears() -> Listening:
    return Listening(frozenset(), QUESTION.count, None)


class Scripted:
    """Yields what it is given, then fails if it is given an error."""

    def __init__(self, *events: Event, error: BaseException | None = None) -> None:
        self.events: Sequence[Event] = events
        self.error = error
        self.closed = False

    async def stream(self, question: Question) -> AsyncGenerator[Event, None]:
        try:
            for event in self.events:
                yield event
            if self.error is not None:
                raise self.error
        finally:
            self.closed = True

    async def close(self) -> None:
        pass


def candidates_of(answer):
    return [text for _, text in answer.listening.new]


async def told(*events: Event, error: BaseException | None = None):
    answer = await ask(Scripted(*events, error=error), "a", QUESTION, all_ears())
    return answer, metadata_of(answer)


async def test_a_whole_answer_is_complete():
    answer, metadata = await told(LIST, Usage(12, 7), DONE)
    assert candidates_of(answer) == ["Louvre", "Orsay"]
    assert (metadata.outcome, metadata.finish_reason) == ("complete", "stop")
    assert (metadata.tokens_in, metadata.tokens_out, metadata.tokens_estimated) == (12, 7, False)
    assert (metadata.provider, metadata.asked_for, metadata.partition) == ("a", 5, "A to F")
    assert metadata.prompt_hash == prompt_hash("Name museums.")
    assert (metadata.error_kind, metadata.error, metadata.terminal) == ("", "", False)


async def test_entries_that_arrive_in_pieces_are_whole():
    answer, _ = await told(*(TextDelta(character) for character in LIST.text), DONE)
    assert candidates_of(answer) == ["Louvre", "Orsay"]


@pytest.mark.parametrize(
    ("events", "error", "outcome"),
    [
        ((LIST,), None, "cut"),
        ((LIST, Finished("length", complete=False)), None, "cut"),
        ((LIST,), Unreachable("it broke off"), "cut"),
        ((), Unreachable("no answer"), "failed"),
        ((), None, "failed"),
        ((Finished("length", complete=False),), None, "failed"),
        ((DONE,), None, "complete"),
    ],
)
async def test_the_outcome_tells_whole_cut_and_failed_apart(events, error, outcome):
    assert (await told(*events, error=error))[1].outcome == outcome


async def test_half_an_entry_is_none():
    answer, _ = await told(TextDelta("- Louvre\n- Ors"), error=Unreachable("it broke off"))
    assert candidates_of(answer) == ["Louvre"]


async def test_an_error_is_told_in_its_words():
    _, metadata = await told(error=KeyRejected("the key was refused"))
    assert (metadata.error_kind, metadata.error, metadata.terminal) == ("key_rejected", "the key was refused", True)


async def test_what_an_error_says_is_made_plain_and_short():
    _, metadata = await told(error=RateLimited("a\nb\x00c\x1b[31m" + "x" * 900))
    assert metadata.error.startswith("a b c [31m")
    assert len(metadata.error) <= 500


# What it cost


async def test_without_a_usage_tokens_are_estimated_from_what_was_read():
    _, metadata = await told(LIST, DONE)
    assert metadata.tokens_estimated
    assert (metadata.tokens_in, metadata.tokens_out) == (len(QUESTION.text) // 4, 5)


async def test_an_estimate_keeps_to_the_bound_of_the_answer():
    question = replace(QUESTION, max_tokens_out=4)
    answer = await ask(Scripted(LIST, error=BROKE_OFF), "a", question, all_ears())
    assert metadata_of(answer).tokens_out == 4


async def test_a_refusal_before_the_first_word_costs_nothing():
    _, metadata = await told(error=RateLimited("later"))
    assert (metadata.tokens_in, metadata.tokens_out) == (0, 0)


async def test_an_answer_that_broke_off_costs_what_had_arrived():
    _, metadata = await told(LIST, error=Unreachable("it broke off"))
    assert metadata.tokens_in > 0
    assert metadata.tokens_out == 5


@pytest.mark.parametrize(
    ("events", "error"),
    [
        ((), TimedOut("it never began")),
        ((LIST,), TimedOut("it fell silent")),
        ((), BROKE_OFF),
        ((LIST,), BROKE_OFF),
        ((LIST,), RateLimited("said in the middle of an answer")),
        ((), BadAnswer("rubbish")),
        ((), EmptyAnswer("no text, and no count")),
        ((LIST,), None),
        ((), None),
        ((LIST, Usage(100, 1)), None),
        ((Usage(100, 1),), BROKE_OFF),
        ((Usage(100, 1),), None),
    ],
)
async def test_what_a_provider_broke_off_may_have_cost_more_than_is_known(events, error):
    _, metadata = await told(*events, error=error)
    assert metadata.bill_unknown
    assert metadata.tokens_in > 0


@pytest.mark.parametrize(
    ("events", "error"),
    [
        ((), RateLimited("later")),
        ((), KeyRejected("who are you?")),
        ((), Unreachable("connection refused")),
        ((), TimedOut("no connection", may_be_billed=False)),
        ((LIST, DONE), None),
        ((LIST, Usage(12, 7), DONE), None),
        ((LIST, Usage(12, 7)), None),
        ((LIST, Finished("length", complete=False)), None),
        ((Usage(12, 700),), EmptyAnswer("all thoughts")),
        ((Usage(12, 0),), ContentRefused("no", may_be_billed=True)),
    ],
)
async def test_what_never_began_or_was_counted_at_its_end_has_a_known_cost(events, error):
    _, metadata = await told(*events, error=error)
    assert not metadata.bill_unknown


@pytest.mark.parametrize(
    "events",
    [
        (LIST, Usage(10**30, 10**30), DONE),
        (LIST, Finished("\ud800\x00" + "x" * 90, complete=True)),
        (TextDelta("- a\ud800b\n- c\x00d\n" * 40), DONE),
        (TextDelta("\n".join(f"- entry {number}" for number in range(3_000))), DONE),
        (TextDelta("x" * 100_000), DONE),
    ],
    ids=["usage", "reason", "text", "many", "long"],
)
async def test_whatever_a_provider_says_can_be_sent(events):
    answer, metadata = await told(*events)
    batch = Unconfirmed().batch("b", answer.listening, metadata, FilterUse())
    assert decode_for_engine(encode(batch)) == batch


# Its end


async def test_a_request_that_is_cancelled_keeps_what_has_arrived():
    waiting = asyncio.Event()

    class Endless(Scripted):
        async def stream(self, question: Question) -> AsyncGenerator[Event, None]:
            try:
                yield LIST
                waiting.set()
                await asyncio.Event().wait()
            finally:
                self.closed = True

    provider = Endless()
    task = asyncio.create_task(ask(provider, "a", QUESTION, all_ears()))
    await waiting.wait()
    task.cancel()
    answer = await task
    assert candidates_of(answer) == ["Louvre", "Orsay"]
    metadata = metadata_of(answer)
    assert (answer.stopped, answer.outcome, metadata.finish_reason) == (True, "cut", "stopped")
    assert (metadata.bill_unknown, metadata.tokens_estimated) == (False, True)
    assert (metadata.tokens_in, metadata.tokens_out) == (-(-len(QUESTION.text) // 3), 6), "carefully estimated"
    assert provider.closed


@pytest.mark.parametrize("error", [None, ProviderError("no luck")])
async def test_a_stream_is_closed_whatever_happens(error):
    provider = Scripted(LIST, error=error)
    await ask(provider, "a", QUESTION, all_ears())
    assert provider.closed


async def test_a_fault_of_an_adapter_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        await told(LIST, error=ZeroDivisionError())


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ((), "the answer broke off before its first entry"),
        ((Finished("length", complete=False),), "the answer ended at its limit before its first entry"),
    ],
)
async def test_an_answer_that_was_cut_before_its_first_entry_has_failed_and_says_so(events, words):
    metadata = metadata_of(await ask(Scripted(*events), "a", QUESTION, all_ears()))
    assert (metadata.outcome, metadata.error_kind, metadata.error) == ("failed", "bad_answer", words)


async def test_a_usage_from_before_the_end_is_not_taken_for_the_whole():
    text = TextDelta("- an entry\n" * 40)
    metadata = metadata_of(await ask(Scripted(Usage(100, 1), text), "a", QUESTION, all_ears()))
    assert (metadata.tokens_in, metadata.tokens_out, metadata.tokens_estimated) == (100, 110, True)
    metadata = metadata_of(
        await ask(Scripted(Usage(100, 1), text, Finished("stop", complete=True)), "a", QUESTION, all_ears())
    )
    assert (metadata.tokens_out, metadata.tokens_estimated) == (1, False)

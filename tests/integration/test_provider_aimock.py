"""The contract of every adapter once more, against a scripted server that others wrote."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from producers.providers.base import Event, Finished, Usage
from producers.providers.errors import (
    BadAnswer,
    KeyRejected,
    ProviderError,
    RateLimited,
    ServerFault,
    TimedOut,
    Unreachable,
)
from producers.providers.http import Deadlines
from tests.fakes.aimock import Aimock, running_aimock
from tests.fakes.asking import ADAPTERS, QUESTION, USUAL, Adapter, closing, collected, ending, heard, note, text
from tests.fakes.asking import no_proxy as no_proxy

IMPATIENT = Deadlines(read=0.2)


@pytest.fixture(scope="module")
def aimock() -> Iterator[Aimock]:
    with running_aimock() as server:
        yield server


@pytest.fixture(params=ADAPTERS, ids=lambda adapter: adapter.name)
def adapter(request) -> Adapter:
    row: Adapter = request.param
    return row


def base_url(adapter: Adapter, aimock: Aimock) -> str:
    """OpenAI's base URL holds the version."""
    return f"{aimock.url}/v1" if adapter.name == "openai" else aimock.url


async def failed(
    adapter: Adapter, aimock: Aimock, model: str, deadlines: Deadlines = USUAL
) -> tuple[list[Event], ProviderError]:
    """What was said before the error, and the error. It is asked once: when to ask again is the caller's part."""
    said: list[Event] = []
    before = len(aimock.requests(model))
    async with closing(adapter.at(base_url(adapter, aimock), deadlines, model=model)) as provider:
        with pytest.raises(ProviderError) as caught:
            await note(provider.stream(QUESTION), said)
    assert len(aimock.requests(model)) == before + 1
    return said, caught.value


async def test_an_answer_its_usage_and_its_end(adapter, aimock):
    events = await heard(adapter.at(base_url(adapter, aimock), model="answers"))
    assert text(events) == "Louvre\nMusée d'Orsay\nSainte-Chapelle\n"
    assert ending(events) == [Usage(12, 7), Finished(adapter.words["stop"], complete=True)]
    assert len(events) > len(ending(events)) + 1, "it came in pieces"


async def test_it_understands_the_question(adapter, aimock):
    await heard(adapter.at(base_url(adapter, aimock), model="answers"))
    request = aimock.requests("answers")[-1]
    assert [(each["role"], each["content"]) for each in request["body"]["messages"]][-1] == ("user", QUESTION.text)
    assert request["headers"][adapter.key_header[0]]


async def test_one_connection_serves_request_after_request(adapter, aimock):
    async with closing(adapter.at(base_url(adapter, aimock), model="answers")) as provider:
        assert await collected(provider) == await collected(provider)


async def test_an_answer_at_its_length_limit_was_cut(adapter, aimock):
    events = await heard(adapter.at(base_url(adapter, aimock), model="too-long"))
    assert text(events) == "Louvre\nMusée"
    assert ending(events)[-1] == Finished(adapter.words["length"], complete=False)


async def test_a_slow_first_byte_is_waited_for_up_to_the_deadline(adapter, aimock):
    assert text(await heard(adapter.at(base_url(adapter, aimock), model="slow"))) == "Louvre\n"
    said, error = await failed(adapter, aimock, "slow", IMPATIENT)
    assert (said, type(error)) == ([], TimedOut)


async def test_what_came_before_a_stall_is_kept(adapter, aimock):
    said, error = await failed(adapter, aimock, "stalls", IMPATIENT)
    assert text(said).startswith("Louvre\n")
    assert (type(error), error.terminal, error.may_be_billed) == (TimedOut, False, True)


async def test_what_came_before_the_stream_broke_off_is_kept(adapter, aimock):
    said, error = await failed(adapter, aimock, "breaks-off")
    assert text(said).startswith("Louvre\n")
    assert (type(error), error.terminal, error.may_be_billed) == (Unreachable, False, True)


async def test_a_rate_limit_says_how_long_to_wait(adapter, aimock):
    _, error = await failed(adapter, aimock, "limits")
    assert (type(error), error.terminal, error.retry_after) == (RateLimited, False, 7.0)
    assert "slow down" in str(error)
    assert not error.may_be_billed


@pytest.mark.parametrize("model", ["fails", "overloaded"])
async def test_a_fault_of_the_server_passes(adapter, aimock, model):
    _, error = await failed(adapter, aimock, model)
    assert (type(error), error.terminal, error.may_be_billed) == (ServerFault, False, False)


async def test_a_rejected_key_does_not(adapter, aimock):
    _, error = await failed(adapter, aimock, "locked")
    assert (type(error), error.terminal) == (KeyRejected, True)


async def test_rubbish_is_a_bad_answer(adapter, aimock):
    said, error = await failed(adapter, aimock, "babbles")
    assert (said, type(error)) == ([], BadAnswer)


async def test_a_server_that_hangs_up_is_unreachable(adapter, aimock):
    said, error = await failed(adapter, aimock, "hangs-up")
    assert (said, type(error)) == ([], Unreachable)

"""The small call that tries a provider: its deadline, and an advice for everything that can go wrong."""

from threading import Event

import pytest

from orchestration.probing import ADVICE, in_thread, probe
from producers.providers.errors import ProviderError, TimedOut
from tests.factories import ProviderFactory
from tests.fakes.replies import Endless, Hanging, Streamed, always
from tests.fakes.server import ScriptedServer

RED = Streamed(("Red\n",))


def at(server):
    return ProviderFactory.build(name="mine", kind="openai", model="m", base_url=server.base_url)


def test_a_call_that_takes_too_long_is_given_up():
    with ScriptedServer(always(Hanging(RED, 0))) as server:
        result = probe(at(server), {}, seconds=0.2)
    assert (result.ok, result.error_kind) == (False, "timed_out")
    assert "too slow" in result.advice


def test_a_model_that_thinks_has_room_for_it():
    with ScriptedServer(always(RED)) as server:
        provider = at(server)
        provider.thinking_tokens = 3_000
        assert probe(provider, {}).ok
    assert server.requests[0].json["max_tokens"] == 200 + 3_000


def test_work_that_cannot_be_cut_is_left_to_itself():
    gate = Event()

    def wait() -> None:
        gate.wait()

    with pytest.raises(TimedOut, match="no complete answer"):
        in_thread(wait, seconds=0.01)
    gate.set()


def test_what_work_in_a_thread_raises_is_raised_here():
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_thread(fail, seconds=None)


def test_every_error_has_its_advice():
    def below(error):
        return {each for child in error.__subclasses__() for each in (child, *below(child))}

    assert {error.kind for error in below(ProviderError) if error.__module__.startswith("producers")} == set(ADVICE)


def test_an_answer_without_end_is_cut_and_what_was_kept_of_it_is_bounded():
    with ScriptedServer(always(Endless())) as server:
        result = probe(at(server), {}, seconds=0.2)
    assert not result.ok
    assert len(result.text) <= 200

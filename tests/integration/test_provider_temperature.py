"""How freely the model is to choose its words: the wish of a question, and the option of its provider."""

from dataclasses import replace

import pytest

from producers.providers.errors import RequestRefused
from tests.fakes.asking import ANSWER, ANTHROPIC, GEMINI, OPENAI, QUESTION, closing, collected, heard
from tests.fakes.asking import no_proxy as no_proxy
from tests.fakes.replies import Status, always, in_turn

WARM = replace(QUESTION, temperature=1.3)
REFUSAL = Status(
    400, {"error": {"message": "Unsupported value: 'temperature' does not support 1.3 with this model."}}
)


def temperatures(server) -> list[float | None]:
    """What was sent, request by request."""
    return [request.json.get("generationConfig", request.json).get("temperature") for request in server.requests]


@pytest.fixture(params=[OPENAI, GEMINI], ids=lambda adapter: adapter.name)
def adapter(request):
    return request.param


async def test_the_question_says_it_and_the_providers_own_option_wins(adapter):
    with adapter.serving(always(ANSWER)) as server:
        await heard(adapter.at(server.base_url), WARM)
        await heard(adapter.at(server.base_url, options={"temperature": 0.2}), WARM)
    assert temperatures(server) == [1.3, 0.2]


async def test_a_server_that_refuses_it_is_asked_without_from_then_on(adapter):
    with adapter.serving(in_turn(REFUSAL, ANSWER)) as server:
        async with closing(adapter.at(server.base_url)) as provider:
            for _ in range(2):
                assert await collected(provider, WARM)
    assert temperatures(server) == [1.3, None, None]


async def test_an_option_that_a_server_refuses_is_not_left_out_in_silence(adapter):
    with adapter.serving(always(REFUSAL)) as server:
        with pytest.raises(RequestRefused, match="does not support"):
            await heard(adapter.at(server.base_url, options={"temperature": 1.3}))
        assert temperatures(server) == [1.3, 1.3]


async def test_a_kind_that_takes_none_is_sent_none():
    with ANTHROPIC.serving(always(ANSWER)) as server:
        await heard(ANTHROPIC.at(server.base_url), WARM)
    assert temperatures(server) == [None]

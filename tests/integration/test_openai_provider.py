"""What is particular to the OpenAI adapter. What it shares with the others is in `test_provider_contract`."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace

import pytest

from producers.link.messages import ProviderSpec
from producers.providers.base import Finished, Question, TextDelta, Usage
from producers.providers.dialect import Asking, Sampling
from producers.providers.errors import (
    BadAnswer,
    ContentRefused,
    PaymentRequired,
    ProviderError,
    RateLimited,
    RequestRefused,
    ServerFault,
)
from producers.providers.http import Deadlines
from producers.providers.http_provider import HTTPProvider
from producers.providers.openai import DIALECT, VENDOR, build, compose
from tests.fakes.asking import (
    ANSWER,
    KEY,
    OPENAI,
    QUESTION,
    closing,
    collected,
    ending,
    heard,
    text,
)
from tests.fakes.asking import no_proxy as no_proxy
from tests.fakes.list_answers import list_answers
from tests.fakes.replies import Events, Hanging, Reply, Status, Streamed, always, in_turn
from tests.fakes.server import ScriptedServer
from tests.fakes.wire import wire

LIMITED = replace(QUESTION, max_tokens_out=500)


class TestTheRequest:
    async def test_it_says_what_is_wanted_and_sets_no_temperature(self):
        with ScriptedServer(always(ANSWER)) as server:
            await heard(OPENAI.at(server.base_url))
        [request] = server.requests
        assert request.json.keys() == {"model", "messages", "stream", "stream_options"}
        assert request.json["model"] == "m-1"
        assert request.json["stream"] is True
        assert request.json["stream_options"] == {"include_usage": True}
        assert [message["role"] for message in request.json["messages"]] == ["system", "user"]
        assert request.json["messages"][1]["content"] == QUESTION.text

    async def test_it_sends_the_sampling_and_the_limit_that_are_set(self):
        with ScriptedServer(always(ANSWER)) as server:
            await heard(OPENAI.at(server.base_url, options={"temperature": 1, "top_p": 0.5}), LIMITED)
        sent = server.requests[0].json
        assert (sent["temperature"], sent["top_p"], sent["max_tokens"]) == (1, 0.5, 500)
        assert "max_completion_tokens" not in sent

    def test_openai_itself_wants_the_limit_under_its_new_name(self):
        request = compose(Asking("m", LIMITED, Sampling(), DIALECT.avoided["api.openai.com"]))
        assert request.max_completion_tokens == 500
        assert not request.max_tokens

    async def test_no_header_is_sent_without_a_key(self):
        with ScriptedServer(always(ANSWER)) as server:
            provider = ProviderSpec(name="p", kind="openai", model="m", base_url=server.base_url)
            await heard(build(provider, {VENDOR.key_variable: KEY}))
        assert "authorization" not in server.requests[0].headers
        assert KEY not in str(server.requests[0].headers)


class TestAnswers:
    @pytest.mark.parametrize("reason", ["content_filter", "tool_calls"])
    async def test_with_text_any_other_reason_to_end_means_that_the_answer_was_cut(self, reason):
        events = await OPENAI.hear(Streamed(("a",), finish=reason))
        assert ending(events) == [Finished(reason, complete=False)]

    async def test_reasoning_is_not_part_of_the_answer_and_the_last_usage_counts(self):
        reply = Events(
            (
                '{"choices": [{"delta": {"reasoning_content": "hm", "content": null}}]}',
                '{"choices": [{"delta": {"content": "a"}}], "usage": {"prompt_tokens": 1}}',
                '{"choices": [{"delta": {"content": [{"type": "thinking"}, {"text": "b"}]}}]}',
                '{"choices": [{"delta": {}, "finish_reason": "stop"}], "new_field": {}}',
                '{"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": null}}',
                '{"object": "ping"}',
                "[DONE]",
            )
        )
        assert await OPENAI.hear(reply) == [
            TextDelta("a"),
            TextDelta("b"),
            Usage(5, 0),
            Finished("stop", complete=True),
        ]

    async def test_a_model_that_declines_in_the_field_for_it_has_refused_though_it_ends_as_if_it_had_answered(self):
        reply = Events(
            (
                '{"choices": [{"delta": {"role": "assistant", "content": "", "refusal": null}}]}',
                '{"choices": [{"delta": {"refusal": "I\'m sorry, but "}}]}',
                '{"choices": [{"delta": {"refusal": "I can\'t help with that."}}]}',
                '{"choices": [{"delta": {}, "finish_reason": "stop"}]}',
                '{"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 9}}',
                "[DONE]",
            )
        )
        error = await OPENAI.fail(reply)
        assert type(error) is ContentRefused
        assert error.may_be_billed

    async def test_a_server_that_stays_silent_after_the_end_mark_costs_nothing(self):
        whole = len(b"".join(wire(ANSWER)))
        events = await OPENAI.hear(Hanging(ANSWER, whole - 5), Deadlines(read=5))
        assert ending(events) == [Usage(12, 7), Finished("stop", complete=True)]

    async def test_a_rate_limit_without_money_is_no_rate_limit(self):
        error = await OPENAI.fail(Status(429, {"error": {"message": "quota", "code": "insufficient_quota"}}))
        assert type(error) is PaymentRequired


def refusal(message: str, status: int = 400) -> Status:
    return Status(status, {"error": {"message": message, "type": "invalid_request_error"}})


def sent(server: ScriptedServer, *names: str) -> list[list[str]]:
    """Which of these parameters were in each request."""
    return [[name for name in names if name in request.json] for request in server.requests]


class TestParametersThatAServerRefuses:
    NO_USAGE = refusal("Unknown parameter: 'stream_options'")
    NEW_NAME = refusal("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", 422)
    OLD_NAME = refusal("max_completion_tokens: extra fields not permitted")
    LIMITS = ("max_tokens", "max_completion_tokens")

    async def test_a_server_is_asked_without_it_from_then_on(self):
        with ScriptedServer(in_turn(self.NO_USAGE, ANSWER)) as server:
            async with closing(OPENAI.at(server.base_url)) as provider:
                for _ in range(2):
                    assert text(await collected(provider)) == "Musée d'Orsay\n🗼"
        assert sent(server, "stream_options") == [["stream_options"], [], []]

    async def test_it_is_asked_only_once_more(self):
        with ScriptedServer(always(self.NO_USAGE)) as server:
            with pytest.raises(RequestRefused):
                await heard(OPENAI.at(server.base_url))
            assert len(server.requests) == 2

    async def test_each_of_several_requests_at_once_is_asked_once_more(self):
        def script(number: int, request) -> Reply:
            return self.NO_USAGE if "stream_options" in request else ANSWER

        with ScriptedServer(script) as server:
            async with closing(OPENAI.at(server.base_url)) as provider:
                answers = await asyncio.gather(*(collected(provider) for _ in range(3)))
        assert {text(answer) for answer in answers} == {"Musée d'Orsay\n🗼"}

    async def test_the_limit_is_sent_under_its_other_name_from_then_on(self):
        with ScriptedServer(in_turn(self.NEW_NAME, ANSWER)) as server:
            async with closing(OPENAI.at(server.base_url)) as provider:
                for _ in range(2):
                    await collected(provider, LIMITED)
        assert sent(server, *self.LIMITS) == [["max_tokens"], ["max_completion_tokens"], ["max_completion_tokens"]]

    async def test_a_host_known_to_want_the_new_name_may_yet_want_the_old_one(self):
        known = replace(DIALECT, avoided={"127.0.0.1": frozenset({"max_tokens"})})
        with ScriptedServer(in_turn(self.OLD_NAME, ANSWER)) as server:
            await heard(replace(OPENAI, dialect=known).at(server.base_url), LIMITED)
        assert sent(server, *self.LIMITS) == [["max_completion_tokens"], ["max_tokens"]]

    async def test_a_server_may_refuse_several_parameters(self):
        with ScriptedServer(in_turn(self.NO_USAGE, self.NEW_NAME, ANSWER)) as server:
            await heard(OPENAI.at(server.base_url), LIMITED)
        assert sent(server, "stream_options", *self.LIMITS)[-1] == ["max_completion_tokens"]

    async def test_a_limit_refused_under_both_names_is_refused_and_neither_is_forgotten(self):
        with ScriptedServer(in_turn(self.NEW_NAME, self.OLD_NAME, ANSWER)) as server:
            async with closing(OPENAI.at(server.base_url)) as provider:
                with pytest.raises(RequestRefused):
                    await collected(provider, LIMITED)
                await collected(provider, LIMITED)
        assert sent(server, *self.LIMITS) == [["max_tokens"], ["max_completion_tokens"], ["max_tokens"]]

    async def test_a_limit_that_was_not_sent_is_not_what_was_refused(self):
        with ScriptedServer(in_turn(self.NEW_NAME, ANSWER)) as server:
            with pytest.raises(RequestRefused):
                await heard(OPENAI.at(server.base_url))
            assert len(server.requests) == 1


class TestListAnswers:
    """The scripted model that acceptance tests use."""

    WORLD = tuple(f"Place {number}" for number in range(30))

    async def test_it_tells_its_whole_world_with_repeats_and_faults_in_between(self):
        with ScriptedServer(list_answers(self.WORLD, per_answer=10, repeats=2)) as server:
            async with closing(OPENAI.at(server.base_url)) as provider:
                outcomes = [await outcome(provider) for _ in range(14)]
        said = "\n".join(item for item in outcomes if isinstance(item, str))
        assert all(entry in said for entry in self.WORLD)
        assert any(entry.upper() in said for entry in self.WORLD)
        assert {type(item) for item in outcomes} == {str, RateLimited, ServerFault, BadAnswer}

    async def test_it_gives_no_more_than_it_is_asked_for(self):
        with ScriptedServer(list_answers(self.WORLD)) as server:
            assert text(await heard(OPENAI.at(server.base_url))) == "Place 0\nPlace 1\nPlace 2\n"

    async def test_a_script_that_fails_fails_the_test(self):
        def broken(number, request):
            raise LookupError("no reply")

        with pytest.raises(LookupError), ScriptedServer(broken) as server:
            async with closing(OPENAI.at(server.base_url)) as provider:
                assert type(await outcome(provider)) is ServerFault


async def outcome(provider: HTTPProvider) -> str | ProviderError:
    try:
        async with aclosing(provider.stream(Question(topic="t", prompt="p", count=10))) as events:
            return text([event async for event in events])
    except ProviderError as error:
        return error

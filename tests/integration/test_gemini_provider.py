"""What is particular to the Gemini adapter. What it shares with the others is in `test_provider_contract`."""

from __future__ import annotations

import json
from contextlib import aclosing
from dataclasses import replace

import msgspec
import pytest

from producers.link.messages import ProviderSpec
from producers.providers.base import Event, Finished, TextDelta, Usage
from producers.providers.dialect import SYSTEM_MESSAGE, Asking
from producers.providers.errors import ContentRefused, KeyRejected, QuotaExhausted, RateLimited, ServerFault
from producers.providers.gemini import VENDOR, build, compose, path
from tests.fakes.asking import ANSWER, GEMINI, KEY, QUESTION, closing, collected, ending, heard, note, text
from tests.fakes.asking import no_proxy as no_proxy
from tests.fakes.replies import Events, Json, Status, Streamed, always, in_turn


def chunk(*parts: dict[str, object], **candidate: object) -> dict[str, object]:
    return {"candidates": [{"content": {"parts": list(parts), "role": "model"}, **candidate}]}


def chunks(*values: Json) -> Events:
    return Events(tuple(map(json.dumps, values)))


def quota(*details: dict[str, object]) -> Status:
    said = {
        "code": 429,
        "message": "You exceeded your quota",
        "status": "RESOURCE_EXHAUSTED",
        "details": list(details),
    }
    return Status(429, {"error": said})


RETRY_INFO: dict[str, object] = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "45.8s"}
PER_DAY: dict[str, object] = {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier", "quotaValue": "50"}],
}


class TestTheRequest:
    async def test_it_says_what_is_wanted_in_the_vendors_words(self):
        with GEMINI.serving(always(ANSWER)) as server:
            await heard(GEMINI.at(server.base_url))
        [request] = server.requests
        assert request.json == {
            "systemInstruction": {"parts": [{"text": SYSTEM_MESSAGE}]},
            "contents": [{"role": "user", "parts": [{"text": QUESTION.text}]}],
            "generationConfig": {},
        }

    async def test_it_sends_the_sampling_and_the_limit_that_are_set(self):
        with GEMINI.serving(always(ANSWER)) as server:
            options = {"temperature": 0.7, "top_p": 1}
            await heard(GEMINI.at(server.base_url, options=options), replace(QUESTION, max_tokens_out=500))
        expected = {"maxOutputTokens": 500, "temperature": 0.7, "topP": 1.0}
        assert server.requests[0].json["generationConfig"] == expected

    @pytest.mark.parametrize(
        ("model", "thinking_tokens", "expected"),
        [
            ("gemini-2.5-flash", 0, {"thinkingBudget": 0}),
            ("models/gemini-2.5-flash-lite", 0, {"thinkingBudget": 0}),
            ("gemini-2.5-flash", 2_000, None),
            ("gemini-2.5-pro", 0, None),
            ("gemini-2.5-flash-image", 0, None),
            ("gemini-2.0-flash", 0, None),
        ],
    )
    def test_a_model_that_can_do_without_thoughts_is_asked_to(self, model, thinking_tokens, expected):
        request = compose(Asking(model, QUESTION, thinking_tokens=thinking_tokens))
        assert msgspec.to_builtins(request)["generationConfig"].get("thinkingConfig") == expected

    async def test_a_server_that_knows_no_thoughts_is_asked_once_more_without_a_word_of_them(self):
        unknown = "Invalid JSON payload received. Unknown name \"thinkingConfig\" at 'generation_config'"
        refused = Status(400, {"error": {"code": 400, "message": unknown, "status": "INVALID_ARGUMENT"}})
        with GEMINI.serving(in_turn(refused, ANSWER, ANSWER)) as server:
            spec = ProviderSpec(name="p", kind="gemini", model="gemini-2.5-flash", base_url=server.base_url)
            async with closing(build(spec, {})) as provider:
                for _ in range(2):
                    assert text(await collected(provider, QUESTION)) == text(await GEMINI.hear(ANSWER))
        sent = ["thinkingConfig" in request.json["generationConfig"] for request in server.requests]
        assert sent == [True, False, False]

    async def test_no_key_is_sent_where_none_belongs(self):
        with GEMINI.serving(always(ANSWER)) as server:
            provider = ProviderSpec(name="p", kind="gemini", model="m", base_url=server.base_url)
            await heard(build(provider, {VENDOR.key_variable: KEY}))
        assert "x-goog-api-key" not in server.requests[0].headers
        assert KEY not in str(server.requests[0])

    @pytest.mark.parametrize(
        ("model", "expected"),
        [
            ("gemini-2.5-flash", "/models/gemini-2.5-flash:streamGenerateContent?alt=sse"),
            ("models/gemini-2.5-flash", "/models/gemini-2.5-flash:streamGenerateContent?alt=sse"),
            ("../secrets?x#y", "/models/..%2Fsecrets%3Fx%23y:streamGenerateContent?alt=sse"),
        ],
    )
    def test_the_model_stands_in_the_path_and_cannot_leave_it(self, model, expected):
        assert path(model) == expected


class TestAnswers:
    async def test_thoughts_are_no_part_of_the_answer_but_are_paid_for(self):
        usage = {
            "promptTokenCount": 12,
            "candidatesTokenCount": 7,
            "thoughtsTokenCount": 30,
            "cachedContentTokenCount": 4,
        }
        reply = chunks(
            chunk({"text": "hm", "thought": True}, {"text": "a"}),
            {**chunk({"text": "b"}, finishReason="STOP"), "usageMetadata": usage},
        )
        assert await GEMINI.hear(reply) == [
            TextDelta("a"),
            TextDelta("b"),
            Usage(12, 37, 4),
            Finished("STOP", complete=True),
        ]

    async def test_a_reason_in_every_chunk_ends_nothing_before_the_last(self):
        reply = chunks(chunk({"text": "a"}, finishReason="STOP"), chunk({"text": "b"}, finishReason="MAX_TOKENS"))
        events = await GEMINI.hear(reply)
        assert text(events) == "ab"
        assert ending(events) == [Finished("MAX_TOKENS", complete=False)]

    async def test_a_whole_answer_may_be_an_array(self):
        pieces = [chunk({"text": "a"}), chunk({"text": "b"}, finishReason="STOP")]
        assert await GEMINI.hear(Status(200, pieces)) == [
            TextDelta("a"),
            TextDelta("b"),
            Finished("STOP", complete=True),
        ]

    async def test_an_error_in_an_array_is_an_error(self):
        failed = {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}
        assert type(await GEMINI.fail(Status(200, [chunk({"text": "a"}), failed]))) is ServerFault

    @pytest.mark.parametrize("reason", ["SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII"])
    @pytest.mark.parametrize("pieces", [(), ("a", "b")])
    async def test_a_filter_refuses_the_question(self, reason, pieces):
        error = await GEMINI.fail(Streamed(pieces, finish=reason))
        assert type(error) is ContentRefused
        assert reason in str(error)

    async def test_a_blocked_prompt_is_refused_after_its_cost(self):
        reply = chunks({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 9}})
        said: list[Event] = []
        with GEMINI.serving(always(reply)) as server:
            async with closing(GEMINI.at(server.base_url)) as provider, aclosing(provider.stream(QUESTION)) as events:
                with pytest.raises(ContentRefused, match="SAFETY"):
                    await note(events, said)
        assert said == [Usage(9, 0)]

    @pytest.mark.parametrize(
        "reason", ["MAX_TOKENS", "OTHER", "MALFORMED_FUNCTION_CALL", "FINISH_REASON_UNSPECIFIED"]
    )
    async def test_any_other_reason_to_end_means_the_answer_was_cut(self, reason):
        assert ending(await GEMINI.hear(Streamed(("a",), finish=reason))) == [Finished(reason, complete=False)]


class TestErrors:
    async def test_the_wait_stands_in_the_body(self):
        error = await GEMINI.fail(quota(RETRY_INFO))
        assert type(error) is RateLimited
        assert error.retry_after == 45.8

    async def test_a_quota_of_a_day_ends_the_day(self):
        error = await GEMINI.fail(quota(PER_DAY, RETRY_INFO))
        assert type(error) is QuotaExhausted
        assert error.terminal

    async def test_a_wrong_key_is_known_though_it_comes_as_a_bad_request(self):
        info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
        said = {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT", "details": [info]}
        assert type(await GEMINI.fail(Status(400, {"error": said}))) is KeyRejected

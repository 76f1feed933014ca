"""What is particular to the Anthropic adapter. What it shares with the others is in `test_provider_contract`."""

from __future__ import annotations

import json
from contextlib import aclosing
from dataclasses import replace

import pytest

from producers.link.messages import ProviderSpec
from producers.providers.anthropic import VENDOR, build
from producers.providers.base import Event, Finished, TextDelta, Usage
from producers.providers.dialect import SYSTEM_MESSAGE
from producers.providers.errors import ContentRefused, Misconfigured, PaymentRequired, RateLimited, ServerFault
from producers.providers.http import Deadlines
from tests.fakes.asking import ANSWER, ANTHROPIC, KEY, QUESTION, closing, ending, heard, note
from tests.fakes.asking import no_proxy as no_proxy
from tests.fakes.replies import Events, Hanging, Status, Streamed, always
from tests.fakes.wire import wire


def happenings(*events: dict[str, object]) -> Events:
    return Events(tuple(map(json.dumps, events)))


def started(**usage: object) -> dict[str, object]:
    return {"type": "message_start", "message": {"type": "message", "content": [], "usage": usage}}


def delta(kind: str = "text_delta", **fields: object) -> dict[str, object]:
    return {"type": "content_block_delta", "index": 0, "delta": {"type": kind, **fields}}


def stopped(reason: str, **usage: object) -> dict[str, object]:
    return {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": usage}


OVER: dict[str, object] = {"type": "message_stop"}


class TestTheRequest:
    async def test_it_says_what_is_wanted_in_the_vendors_words(self):
        with ANTHROPIC.serving(always(ANSWER)) as server:
            await heard(ANTHROPIC.at(server.base_url))
        [request] = server.requests
        assert request.headers["anthropic-version"] == "2023-06-01"
        assert "authorization" not in request.headers
        assert request.json == {
            "model": "m-1",
            "system": SYSTEM_MESSAGE,
            "messages": [{"role": "user", "content": QUESTION.text}],
            "max_tokens": 1024,
            "stream": True,
        }

    @pytest.mark.parametrize(("count", "limit", "expected"), [(3, None, 1024), (100, None, 4000), (100, 50, 50)])
    async def test_the_limit_is_as_wanted_or_ample_for_the_list(self, count, limit, expected):
        with ANTHROPIC.serving(always(ANSWER)) as server:
            await heard(ANTHROPIC.at(server.base_url), replace(QUESTION, count=count, max_tokens_out=limit))
        assert server.requests[0].json["max_tokens"] == expected

    async def test_a_model_that_thinks_has_room_for_it(self):
        with ANTHROPIC.serving(always(ANSWER)) as server:
            provider = ProviderSpec(
                name="p", kind="anthropic", model="m", base_url=server.base_url, thinking_tokens=5_000
            )
            await heard(build(provider, {}))
        assert server.requests[0].json["max_tokens"] == 1_024 + 5_000

    async def test_no_key_is_sent_where_none_belongs(self):
        with ANTHROPIC.serving(always(ANSWER)) as server:
            provider = ProviderSpec(name="p", kind="anthropic", model="m", base_url=server.base_url)
            await heard(build(provider, {VENDOR.key_variable: KEY}))
        assert "x-api-key" not in server.requests[0].headers
        assert KEY not in str(server.requests[0].headers)

    def test_it_takes_no_options(self):
        provider = ProviderSpec(name="p", kind="anthropic", model="m", options={"temperature": 1})
        with pytest.raises(Misconfigured, match=r"'temperature'.*options: none"):
            build(provider, {VENDOR.key_variable: KEY})


class TestAnswers:
    async def test_input_is_the_sum_of_what_was_new_written_to_the_cache_and_read_from_it(self):
        usage = {"input_tokens": 10, "cache_read_input_tokens": 20, "cache_creation_input_tokens": 30}
        reply = happenings(
            started(**usage, output_tokens=1), delta(text="a"), stopped("end_turn", output_tokens=7), OVER
        )
        assert ending(await ANTHROPIC.hear(reply))[0] == Usage(60, 7, 20)

    async def test_output_is_counted_from_the_beginning_each_time(self):
        reply = happenings(
            started(input_tokens=10, output_tokens=2),
            delta(text="a"),
            {"type": "message_delta", "delta": {"stop_reason": None}, "usage": {"output_tokens": 5}},
            stopped("end_turn", output_tokens=9, input_tokens=10, cache_read_input_tokens=None),
            OVER,
        )
        assert ending(await ANTHROPIC.hear(reply)) == [Usage(10, 9), Finished("end_turn", complete=True)]

    async def test_thinking_tools_pings_and_what_is_new_are_not_part_of_the_answer(self):
        reply = happenings(
            started(),
            {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
            delta("thinking_delta", thinking="hm"),
            delta("signature_delta", signature="x"),
            {"type": "ping"},
            delta("input_json_delta", partial_json="{"),
            {"type": "something_new", "index": 0, "data": [1]},
            {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": "a"}},
            delta(text="b"),
            stopped("stop_sequence"),
            OVER,
        )
        assert await ANTHROPIC.hear(reply) == [
            TextDelta("a"),
            TextDelta("b"),
            Finished("stop_sequence", complete=True),
        ]

    @pytest.mark.parametrize("reason", ["max_tokens", "tool_use", "pause_turn", "model_context_window_exceeded"])
    async def test_any_other_reason_to_end_means_the_answer_was_cut(self, reason):
        assert ending(await ANTHROPIC.hear(Streamed(("a",), finish=reason))) == [Finished(reason, complete=False)]

    async def test_a_refusal_in_the_middle_of_an_answer_is_one_after_its_cost(self):
        said: list[Event] = []
        with ANTHROPIC.serving(always(Streamed(("a",), finish="refusal", usage=(9, 2)))) as server:
            async with (
                closing(ANTHROPIC.at(server.base_url)) as provider,
                aclosing(provider.stream(QUESTION)) as events,
            ):
                with pytest.raises(ContentRefused, match="refusal"):
                    await note(events, said)
        assert said == [TextDelta("a"), Usage(9, 2)]

    async def test_a_whole_message_may_hold_several_blocks(self):
        content = [
            {"type": "thinking", "thinking": "hm"},
            {"type": "text", "text": "a"},
            {"type": "text", "text": "b"},
        ]
        reply = Status(200, {"type": "message", "content": content, "stop_reason": "end_turn", "usage": None})
        assert await ANTHROPIC.hear(reply) == [TextDelta("ab"), Finished("end_turn", complete=True)]

    async def test_a_server_that_stays_silent_after_the_end_costs_nothing(self):
        whole = len(b"".join(wire(ANSWER, ANTHROPIC.fake)))
        events = await ANTHROPIC.hear(Hanging(ANSWER, whole - 5), Deadlines(read=5))
        assert ending(events) == [Usage(12, 7), Finished("end_turn", complete=True)]


class TestErrors:
    @pytest.mark.parametrize(
        ("kind", "expected"),
        [("overloaded_error", ServerFault), ("api_error", ServerFault), ("rate_limit_error", RateLimited)],
    )
    async def test_an_error_in_the_stream_is_known_by_its_type(self, kind, expected):
        reply = happenings(
            started(), delta(text="a"), {"type": "error", "error": {"type": kind, "message": "Overloaded"}}
        )
        assert type(await ANTHROPIC.fail(reply)) is expected

    async def test_money_that_is_gone_is_known_though_it_comes_as_a_bad_request(self):
        words = "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade."
        body = {"type": "error", "error": {"type": "invalid_request_error", "message": words}, "request_id": "r"}
        assert type(await ANTHROPIC.fail(Status(400, body))) is PaymentRequired

    async def test_an_overloaded_server_is_at_fault(self):
        body = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}, "request_id": "r"}
        error = await ANTHROPIC.fail(Status(529, body))
        assert type(error) is ServerFault
        assert str(error) == "529: Overloaded"

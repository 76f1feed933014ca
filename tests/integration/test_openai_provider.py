"""The OpenAI adapter against scripted servers on real sockets."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from email.utils import formatdate

import pytest

from producers.link.messages import ProviderSpec
from producers.providers.base import Event, Finished, Question, TextDelta, Usage
from producers.providers.errors import (
    BadAnswer,
    KeyRejected,
    Misconfigured,
    ModelUnknown,
    PaymentRequired,
    ProviderError,
    RateLimited,
    RequestRefused,
    ServerFault,
    TimedOut,
    Unreachable,
)
from producers.providers.http import Deadlines
from producers.providers.openai import Endpoint, OpenAIProvider, build, find_endpoint
from tests.fakes.openai_server import (
    Broken,
    Endless,
    Events,
    Gate,
    Gated,
    GzipBomb,
    Hanging,
    OpenAIServer,
    Reply,
    Split,
    Status,
    Streamed,
    Whole,
    always,
    in_turn,
    list_answers,
    wire,
)

QUESTION = Question(topic="Paris", prompt="Sights of Paris.", count=3, exclusions=("Louvre",))
KEY = "sk-canary-0123456789"
ANSWER = Streamed(("Musée d'Or", "say\n", "🗼"), usage=(12, 7))
NOW = 1_763_802_000.0


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def provider_for(server: OpenAIServer, **deadlines: float) -> OpenAIProvider:
    endpoint = Endpoint(server.base_url, KEY)
    return OpenAIProvider(endpoint, "m-1", deadlines=Deadlines(**deadlines), clock=lambda: NOW)


@asynccontextmanager
async def closing(provider: OpenAIProvider):
    try:
        yield provider
    finally:
        await provider.close()


def asking(provider: OpenAIProvider, question: Question = QUESTION):
    return aclosing(provider.stream(question))


async def collected(provider: OpenAIProvider, question: Question = QUESTION) -> list[Event]:
    async with asking(provider, question) as events:
        return [event async for event in events]


async def heard(provider: OpenAIProvider, question: Question = QUESTION) -> list[Event]:
    async with closing(provider):
        return await collected(provider, question)


async def ask(reply: Reply, **deadlines: float) -> list[Event]:
    with OpenAIServer(always(reply)) as server:
        return await heard(provider_for(server, **deadlines))


async def fail(reply: Reply, **deadlines: float) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await ask(reply, **deadlines)
    return caught.value


def text(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def ending(events: list[Event]) -> list[Event]:
    return [event for event in events if not isinstance(event, TextDelta)]


class TestAnswers:
    async def test_an_answer_arrives_in_pieces_then_its_usage_then_its_end(self):
        assert await ask(ANSWER) == [
            TextDelta("Musée d'Or"),
            TextDelta("say\n"),
            TextDelta("🗼"),
            Usage(12, 7),
            Finished("stop", complete=True),
        ]

    async def test_the_request_says_what_is_wanted_and_sets_no_temperature(self):
        with OpenAIServer(always(ANSWER)) as server:
            await heard(provider_for(server))
        [request] = server.requests
        assert (request.method, request.path) == ("POST", "/v1/chat/completions")
        assert request.headers["authorization"] == f"Bearer {KEY}"
        assert request.json.keys() == {"model", "messages", "stream", "stream_options"}
        assert request.json["model"] == "m-1"
        assert request.json["stream"] is True
        assert request.json["stream_options"] == {"include_usage": True}
        assert [message["role"] for message in request.json["messages"]] == ["system", "user"]
        assert request.json["messages"][1]["content"] == QUESTION.text

    async def test_a_stream_cut_into_single_bytes_reads_the_same(self):
        assert await ask(Split(ANSWER)) == await ask(ANSWER)

    async def test_text_is_handed_out_while_the_answer_is_still_being_written(self):
        with OpenAIServer(always(Hanging(ANSWER, 700))) as server:
            provider = provider_for(server)
            async with closing(provider), asking(provider) as events:
                assert await anext(events) == TextDelta("Musée d'Or")

    @pytest.mark.parametrize("content_type", ["text/event-stream; charset=utf-8", "text/plain", "Text/Event-Stream"])
    async def test_a_stream_is_known_under_several_names(self, content_type):
        assert text(await ask(Streamed(("a",), content_type=content_type))) == "a"

    async def test_a_server_that_does_not_stream_is_understood(self):
        assert await ask(Whole("a\nb", usage=(3, 4))) == [
            TextDelta("a\nb"),
            Usage(3, 4),
            Finished("stop", complete=True),
        ]

    @pytest.mark.parametrize("reason", ["length", "content_filter", "tool_calls", "whatever"])
    async def test_any_other_reason_to_end_means_the_answer_is_not_complete(self, reason):
        assert ending(await ask(Streamed(("a",), finish=reason))) == [Finished(reason, complete=False)]

    @pytest.mark.parametrize(
        "reply",
        [
            Streamed(("a",), finish=None),
            Streamed(("a",), finish=None, done=False),
            Streamed(("a",), finish=""),
            Whole("a", finish=None),
        ],
    )
    async def test_an_answer_without_a_reason_to_end_was_cut(self, reply):
        events = await ask(reply)
        assert text(events) == "a"
        assert ending(events) == []

    async def test_a_reason_to_end_counts_without_the_end_mark(self):
        assert ending(await ask(Streamed(("a",), done=False))) == [Finished("stop", complete=True)]

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
        assert await ask(reply) == [
            TextDelta("a"),
            TextDelta("b"),
            Usage(5, 0),
            Finished("stop", complete=True),
        ]

    async def test_a_usage_of_nothing_is_no_usage(self):
        assert ending(await ask(Streamed(("a",), usage=(0, 0)))) == [Finished("stop", complete=True)]

    async def test_one_connection_serves_request_after_request(self):
        with OpenAIServer(always(ANSWER)) as server:
            provider = provider_for(server)
            async with closing(provider):
                for _ in range(3):
                    assert await collected(provider)
        assert [request.connection for request in server.requests] == [1, 1, 1]

    async def test_requests_run_side_by_side(self):
        gate = Gate()
        with OpenAIServer(in_turn(Gated(ANSWER, gate), ANSWER)) as server:
            async with closing(provider_for(server)) as provider:
                both = [asyncio.ensure_future(collected(provider)) for _ in range(2)]
                _, waiting = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
                assert len(waiting) == 1
                gate.open()
                first, second = await asyncio.gather(*both)
        assert first == second


class TestUsageOption:
    REFUSAL = Status(400, {"error": {"message": "Unknown parameter: 'stream_options'", "code": "unknown"}})

    async def test_a_server_that_refuses_it_is_asked_without_it_from_then_on(self):
        with OpenAIServer(in_turn(self.REFUSAL, ANSWER)) as server:
            provider = provider_for(server)
            async with closing(provider):
                for _ in range(2):
                    assert text(await collected(provider)) == "Musée d'Orsay\n🗼"
        assert ["stream_options" in request.json for request in server.requests] == [True, False, False]

    async def test_it_is_asked_only_once_more(self):
        with OpenAIServer(always(self.REFUSAL)) as server:
            with pytest.raises(RequestRefused):
                await heard(provider_for(server))
            assert len(server.requests) == 2

    async def test_each_of_two_requests_at_once_is_asked_once_more(self):
        def script(number: int, request) -> Reply:
            return self.REFUSAL if "stream_options" in request else ANSWER

        with OpenAIServer(script) as server:
            provider = provider_for(server)
            async with closing(provider):
                answers = await asyncio.gather(*(collected(provider) for _ in range(3)))
        assert {text(answer) for answer in answers} == {"Musée d'Orsay\n🗼"}


class TestStatuses:
    @pytest.mark.parametrize(
        ("status", "expected"),
        [
            (400, RequestRefused),
            (401, KeyRejected),
            (402, PaymentRequired),
            (403, KeyRejected),
            (404, ModelUnknown),
            (408, TimedOut),
            (422, RequestRefused),
            (429, RateLimited),
            (500, ServerFault),
            (529, ServerFault),
        ],
    )
    async def test_each_has_its_error_and_is_tried_once(self, status, expected):
        with OpenAIServer(always(Status(status, {"error": {"message": "because"}}))) as server:
            with pytest.raises(expected, match=f"{status}.*because"):
                await heard(provider_for(server))
            assert len(server.requests) == 1

    @pytest.mark.parametrize(
        ("value", "expected"),
        [("3", 3.0), (formatdate(NOW + 20, usegmt=True), 20.0), ("soon", None), ("86400", 300.0)],
    )
    @pytest.mark.parametrize("status", [429, 529])
    async def test_the_wait_that_the_server_asks_for_is_passed_on(self, status, value, expected):
        error = await fail(Status(status, headers=(("Retry-After", value),)))
        assert error.retry_after == expected

    async def test_a_rate_limit_may_ask_for_no_wait(self):
        assert (await fail(Status(429))).retry_after is None

    async def test_a_rate_limit_without_money_is_no_rate_limit(self):
        error = await fail(Status(429, {"error": {"message": "quota", "code": "insufficient_quota"}}))
        assert type(error) is PaymentRequired

    async def test_an_error_whose_body_breaks_off_is_still_that_error(self):
        assert type(await fail(Hanging(Status(503, "x" * 1000), 200), read=0.05)) is ServerFault

    @pytest.mark.parametrize("status", [401, 400, 429, 500])
    async def test_the_key_is_never_in_a_message(self, status):
        echo = "x" * 190 + f" you sent Bearer {KEY} " * 3
        for body in ({"error": {"message": echo}}, {"error": echo}, echo):
            error = await fail(Status(status, body))
            assert "canary" not in str(error)
            assert KEY[:8] not in repr(error)


class TestBadAnswers:
    async def test_an_error_object_in_the_stream_is_an_error(self):
        reply = Events(
            (
                '{"choices": [{"delta": {"content": "a"}}]}',
                json.dumps({"error": {"message": f"overloaded {KEY}", "type": "server_error", "code": 503}}),
            )
        )
        error = await fail(reply)
        assert type(error) is ServerFault
        assert "overloaded" in str(error)
        assert KEY not in str(error)

    async def test_an_error_object_in_a_body_with_status_200_is_an_error(self):
        assert type(await fail(Status(200, {"error": {"message": "slow down", "code": 429}}))) is RateLimited

    @pytest.mark.parametrize(
        "rubbish", ["{", "<html>", "null", "7", '{"choices": 7}', '{"choices": [null]}', "[" * 100_000]
    )
    async def test_a_malformed_chunk_is_no_answer(self, rubbish):
        assert type(await fail(Events(('{"choices": []}', rubbish, "[DONE]")))) is BadAnswer

    @pytest.mark.parametrize("kind", ["text/html", "image/png"])
    async def test_a_page_is_no_answer(self, kind):
        assert type(await fail(Status(200, "hello", (("content-type", kind),)))) is BadAnswer

    async def test_an_empty_json_body_is_no_answer(self):
        assert type(await fail(Status(200, "", (("content-type", "application/json"),)))) is BadAnswer

    async def test_an_endless_answer_is_cut_at_a_size_no_honest_one_has(self):
        assert "larger" in str(await fail(Endless()))

    async def test_a_large_body_is_cut_too(self):
        assert "larger" in str(await fail(Whole("x" * 5_000_000)))

    async def test_a_compressed_answer_counts_as_what_it_becomes(self):
        error = await fail(GzipBomb())
        assert type(error) is BadAnswer
        assert "larger" in str(error)

    async def test_an_answer_that_is_not_encoded_as_it_says_is_no_answer(self):
        assert type(await fail(Status(200, "plain", (("content-encoding", "gzip"),)))) is BadAnswer


class TestTheWire:
    async def test_a_connection_that_breaks_is_not_an_end(self):
        with OpenAIServer(always(Broken(ANSWER, 500))) as server:
            provider = provider_for(server)
            said: list[Event] = []
            async with closing(provider), asking(provider) as events:
                with pytest.raises(Unreachable):
                    await note(events, said)
        assert text(said).startswith("Musée")
        assert ending(said) == []

    @pytest.mark.parametrize("size", [0, 20, 500])
    async def test_silence_ends_at_the_read_deadline(self, size):
        error = await fail(Hanging(ANSWER, size), read=0.05)
        assert type(error) is TimedOut
        assert "read deadline" in str(error)

    async def test_silence_ends_at_the_total_deadline(self):
        error = await fail(Hanging(ANSWER, 500), total=0.05)
        assert type(error) is TimedOut
        assert "total deadline" in str(error)

    async def test_an_answer_that_never_ends_its_events_ends_at_the_total_deadline(self):
        assert type(await fail(Gated(ANSWER, Gate()), total=0.05)) is TimedOut

    async def test_the_deadline_never_cancels_the_consumer(self):
        """A consumer may dwell on an event past the deadline; it learns of it when it asks for the next."""
        with OpenAIServer(always(Hanging(ANSWER, 700))) as server:
            provider = provider_for(server, total=0.5)
            async with closing(provider), asking(provider) as events:
                await anext(events)
                deadline_passed = asyncio.Event()
                asyncio.get_running_loop().call_later(0.6, deadline_passed.set)
                await deadline_passed.wait()
                with pytest.raises(TimedOut):
                    [event async for event in events]

    async def test_a_server_that_stays_silent_after_the_end_mark_costs_nothing(self):
        whole = len(b"".join(wire(ANSWER)))
        events = await ask(Hanging(ANSWER, whole - 5), read=5)
        assert ending(events) == [Usage(12, 7), Finished("stop", complete=True)]

    async def test_nobody_listens(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
        with pytest.raises(Unreachable, match="no connection"):
            await heard(OpenAIProvider(Endpoint(f"http://127.0.0.1:{port}/v1"), "m"))

    async def test_a_cancelled_request_is_cancelled(self):
        loop, arrived = asyncio.get_running_loop(), asyncio.Event()

        def script(number, request) -> Reply:
            loop.call_soon_threadsafe(arrived.set)
            return Gated(ANSWER, Gate())

        with OpenAIServer(script) as server:
            task = asyncio.ensure_future(heard(provider_for(server)))
            await arrived.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    async def test_a_provider_that_is_closed_while_it_answers_has_an_error_of_the_tree(self):
        with OpenAIServer(always(Hanging(ANSWER, 700))) as server:
            provider = provider_for(server, read=0.5)
            async with closing(provider), asking(provider) as events:
                await anext(events)
                await provider.close()
                with pytest.raises(ProviderError):
                    await note(events, [])

    async def test_closing_twice_or_unused_is_fine(self):
        with OpenAIServer(always(ANSWER)) as server:
            provider = provider_for(server)
            await provider.close()
            await provider.close()

    async def test_a_proxy_that_cannot_be_used_is_a_matter_of_settings(self, monkeypatch):
        monkeypatch.setenv("HTTP_PROXY", "gopher://user:canary@proxy:1")
        with pytest.raises(Misconfigured) as caught:
            await heard(OpenAIProvider(Endpoint("http://127.0.0.1:1/v1"), "m"))
        assert "canary" not in str(caught.value)

    async def test_a_question_that_cannot_be_sent_is_refused(self):
        with OpenAIServer(always(ANSWER)) as server, pytest.raises(RequestRefused):
            await heard(provider_for(server), Question(topic="t", prompt="\ud800", count=1))


class TestTheKey:
    async def test_a_redirect_is_an_error_and_its_target_hears_nothing(self):
        with OpenAIServer(always(ANSWER)) as target:
            moved = Status(307, headers=(("Location", f"{target.base_url}/chat/completions"),))
            error = await fail(moved)
            assert target.requests == []
        assert type(error) is Misconfigured
        assert "redirect" in str(error)

    async def test_it_is_not_sent_to_a_base_url_it_was_not_configured_for(self):
        with OpenAIServer(always(ANSWER)) as server:
            await heard(build(spec(base_url=server.base_url), {"OPENAI_API_KEY": KEY}))
        assert "authorization" not in server.requests[0].headers
        assert KEY not in json.dumps(dict(server.requests[0].headers))

    async def test_it_is_sent_to_the_base_url_of_the_environment(self):
        with OpenAIServer(always(ANSWER)) as server:
            await heard(build(spec(), {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.base_url}))
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"

    async def test_no_header_is_sent_without_a_key(self):
        with OpenAIServer(always(ANSWER)) as server:
            await heard(build(spec(), {"OPENAI_BASE_URL": server.base_url}))
        assert "authorization" not in server.requests[0].headers


def spec(base_url: str = "", key_variable: str = "") -> ProviderSpec:
    return ProviderSpec(name="p", kind="openai", model="m", base_url=base_url, key_variable=key_variable)


class TestEndpoint:
    LOCAL = "http://127.0.0.1:8080/v1"

    @pytest.mark.parametrize(
        ("provider", "environ", "expected"),
        [
            (spec(), {"OPENAI_API_KEY": KEY}, ("https://api.openai.com/v1", KEY)),
            (spec(), {"OPENAI_API_KEY": f" {KEY}\n"}, ("https://api.openai.com/v1", KEY)),
            (spec("https://API.openai.com/v1/"), {"OPENAI_API_KEY": KEY}, ("https://api.openai.com/v1", KEY)),
            (spec(), {"OPENAI_BASE_URL": LOCAL}, (LOCAL, "")),
            (spec(), {"OPENAI_BASE_URL": f"{LOCAL}/", "OPENAI_API_KEY": KEY}, (LOCAL, KEY)),
            (spec(LOCAL), {"OPENAI_API_KEY": KEY}, (LOCAL, "")),
            (spec(LOCAL), {"OPENAI_BASE_URL": LOCAL, "OPENAI_API_KEY": KEY}, (LOCAL, KEY)),
            (spec(LOCAL, "MINE"), {"OPENAI_API_KEY": KEY}, (LOCAL, "")),
            (spec(LOCAL, "MINE"), {"OPENAI_API_KEY": "other", "MINE": KEY}, (LOCAL, KEY)),
            (spec(LOCAL, "OPENAI_API_KEY"), {"OPENAI_API_KEY": KEY}, (LOCAL, "")),
            (spec("", "MINE"), {"MINE": KEY}, ("https://api.openai.com/v1", KEY)),
        ],
    )
    def test_where_to_ask_and_with_which_key(self, provider, environ, expected):
        assert find_endpoint(provider, environ) == Endpoint(*expected)

    @pytest.mark.parametrize(
        ("provider", "environ", "named"),
        [
            (spec(), {}, "OPENAI_API_KEY"),
            (spec("", "MINE"), {"OPENAI_API_KEY": KEY}, "MINE"),
            (
                spec("https://api.openai.com/v1"),
                {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": LOCAL},
                "OPENAI_BASE_URL",
            ),
        ],
    )
    def test_openai_itself_needs_a_key(self, provider, environ, named):
        with pytest.raises(Misconfigured, match=named):
            find_endpoint(provider, environ)

    @pytest.mark.parametrize(
        "base_url",
        [
            "nonsense",
            "ftp://127.0.0.1/v1",
            "file:///etc/passwd",
            "http://",
            "http://[::1",
            "http://127.0.0.1/\x00",
            "http://user:canary@127.0.0.1/v1",
            "http://127.0.0.1/v1?key=canary",
            "http://127.0.0.1/v1#canary",
            "http://api.openai.com/v1",
        ],
    )
    def test_a_base_url_that_cannot_be_meant_is_refused_without_repeating_it(self, base_url):
        with pytest.raises(Misconfigured, match="base URL") as caught:
            find_endpoint(spec(base_url, "MINE"), {"MINE": KEY})
        assert "canary" not in str(caught.value)

    @pytest.mark.parametrize("value", ["sk canary", "sk-canary\nx: y", "clé-canary"])
    def test_a_value_that_is_no_key_is_refused_without_repeating_it(self, value):
        with pytest.raises(Misconfigured, match="OPENAI_API_KEY") as caught:
            find_endpoint(spec(), {"OPENAI_API_KEY": value})
        assert "canary" not in str(caught.value)

    def test_the_key_is_not_in_the_representation(self):
        assert KEY not in repr(find_endpoint(spec(), {"OPENAI_API_KEY": KEY}))


async def note(events: AsyncIterator[Event], said: list[Event]) -> None:
    async for event in events:
        said.append(event)


class TestGradedByLLMock:
    """llmock sees every attempt of a client and grades how it takes faults.

    When to ask again is the caller's part; `persist` is a caller that knows only what the adapter says.
    """

    @pytest.mark.parametrize(
        "break_it",
        [
            lambda llmock: llmock.rate_limit(times=2, retry_after=0.2),
            lambda llmock: llmock.fail(500),
            lambda llmock: llmock.fail(529, retry_after=0.2),
            lambda llmock: llmock.truncate(after_chunks=2),
            lambda llmock: llmock.disconnect(after_chunks=2),
            lambda llmock: llmock.corrupt(after_chunks=2),
            lambda llmock: llmock.stall(after_chunks=2, seconds=2),
        ],
    )
    async def test_a_passing_fault_is_overcome(self, llmock, break_it):
        # Paced, so that the server is still writing when the client hangs up, and sees it.
        break_it(llmock.reply("Louvre\nOrsay", times=None).pace(20))
        endpoint = find_endpoint(spec(), llmock.env())
        events = await persist(OpenAIProvider(endpoint, "m", deadlines=Deadlines(read=0.5)))
        assert text(events).split() == ["Louvre", "Orsay"]
        assert [type(event) for event in ending(events)] == [Usage, Finished]
        llmock.assert_resilient(strict=True)

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
    async def test_a_fault_that_will_not_pass_is_not_tried_again(self, llmock, status):
        llmock.fail(status, times=None)
        with pytest.raises(Misconfigured):
            await persist(build(spec(), llmock.env()))
        assert len(llmock.requests) == 1
        llmock.assert_resilient(strict=True)


BACK_OFF = 0.1


async def persist(provider: OpenAIProvider) -> list[Event]:
    """Ask until an answer is finished, waiting as told; give up where the adapter says none will come.

    The wait is real because llmock measures it: an attempt that overlaps its predecessor is another call.
    """
    async with closing(provider):
        for _ in range(5):
            try:
                events = await collected(provider)
            except ProviderError as error:
                if error.terminal:
                    raise
                await asyncio.sleep(error.retry_after or BACK_OFF)
                continue
            if events and isinstance(events[-1], Finished):
                return events
    raise AssertionError("no answer in five attempts")


class TestListAnswers:
    """The scripted model that acceptance tests use."""

    WORLD = tuple(f"Place {number}" for number in range(30))

    async def test_it_tells_its_whole_world_with_repeats_and_faults_in_between(self):
        with OpenAIServer(list_answers(self.WORLD, per_answer=10, repeats=2)) as server:
            async with closing(provider_for(server)) as provider:
                outcomes = [await outcome(provider) for _ in range(14)]
        said = "\n".join(item for item in outcomes if isinstance(item, str))
        assert all(entry in said for entry in self.WORLD)
        assert any(entry.upper() in said for entry in self.WORLD)
        assert {type(item) for item in outcomes} == {str, RateLimited, ServerFault, BadAnswer}

    async def test_it_gives_no_more_than_it_is_asked_for(self):
        with OpenAIServer(list_answers(self.WORLD)) as server:
            assert text(await heard(provider_for(server))) == "Place 0\nPlace 1\nPlace 2\n"

    async def test_a_script_that_fails_fails_the_test(self):
        def broken(number, request):
            raise LookupError("no reply")

        with pytest.raises(LookupError), OpenAIServer(broken) as server:
            async with closing(provider_for(server)) as provider:
                assert type(await outcome(provider)) is ServerFault


async def outcome(provider: OpenAIProvider) -> str | ProviderError:
    try:
        async with aclosing(provider.stream(Question(topic="t", prompt="p", count=10))) as events:
            return text([event async for event in events])
    except ProviderError as error:
        return error

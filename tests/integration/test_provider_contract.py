"""What every adapter over HTTP promises, against scripted servers on real sockets. A new vendor is one more row."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import ExitStack, aclosing
from email.utils import formatdate

import pytest

from producers.providers.base import Event, Finished, Question, TextDelta, Usage
from producers.providers.errors import (
    BadAnswer,
    ContentRefused,
    EmptyAnswer,
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
from tests.fakes.asking import (
    ADAPTERS,
    ANSWER,
    KEY,
    NOW,
    QUESTION,
    Adapter,
    closing,
    collected,
    ending,
    heard,
    note,
    text,
)
from tests.fakes.asking import no_proxy as no_proxy
from tests.fakes.replies import (
    Broken,
    Endless,
    Events,
    Gate,
    Gated,
    GzipBomb,
    Hanging,
    Reply,
    Split,
    Status,
    Streamed,
    Whole,
    always,
    in_turn,
)


@pytest.fixture(params=ADAPTERS, ids=lambda adapter: adapter.name)
def adapter(request) -> Adapter:
    row: Adapter = request.param
    return row


class TestAnswers:
    async def test_an_answer_arrives_in_pieces_then_its_usage_then_its_end(self, adapter):
        assert await adapter.hear(ANSWER) == [
            TextDelta("Musée d'Or"),
            TextDelta("say\n"),
            TextDelta("🗼"),
            Usage(12, 7),
            Finished(adapter.words["stop"], complete=True),
        ]

    async def test_the_request_shows_the_key_in_its_header_and_nowhere_else(self, adapter):
        with adapter.serving(always(ANSWER)) as server:
            await heard(adapter.at(server.base_url))
        [request] = server.requests
        name, value = adapter.key_header
        assert (request.method, request.path) == ("POST", adapter.path)
        assert request.headers[name] == value
        assert KEY not in request.path + request.body.decode()
        assert json.dumps(QUESTION.text) in request.body.decode()

    async def test_a_stream_cut_into_single_bytes_reads_the_same(self, adapter):
        assert await adapter.hear(Split(ANSWER)) == await adapter.hear(ANSWER)

    async def test_text_is_handed_out_while_the_answer_is_still_being_written(self, adapter):
        with adapter.serving(always(Hanging(ANSWER, adapter.size_until_second_piece()))) as server:
            async with (
                closing(adapter.at(server.base_url)) as provider,
                aclosing(provider.stream(QUESTION)) as events,
            ):
                assert await anext(events) == TextDelta("Musée d'Or")

    @pytest.mark.parametrize("content_type", ["text/event-stream; charset=utf-8", "text/plain", "Text/Event-Stream"])
    async def test_a_stream_is_known_under_several_names(self, adapter, content_type):
        assert text(await adapter.hear(Streamed(("a",), content_type=content_type))) == "a"

    async def test_a_server_that_does_not_stream_is_understood(self, adapter):
        assert await adapter.hear(Whole("a\nb", usage=(3, 4))) == [
            TextDelta("a\nb"),
            Usage(3, 4),
            Finished(adapter.words["stop"], complete=True),
        ]

    async def test_tokens_from_the_cache_are_some_of_those_that_went_in(self, adapter):
        assert ending(await adapter.hear(Streamed(("a",), usage=(12, 7), cached=9)))[0] == Usage(12, 7, 9)

    async def test_a_usage_of_nothing_is_no_usage(self, adapter):
        [finished] = ending(await adapter.hear(Streamed(("a",), usage=(0, 0))))
        assert isinstance(finished, Finished)

    async def test_an_answer_at_its_length_limit_was_cut(self, adapter):
        assert ending(await adapter.hear(Streamed(("a",), finish="length"))) == [
            Finished(adapter.words["length"], complete=False)
        ]

    async def test_an_unknown_reason_to_end_means_the_answer_is_not_complete(self, adapter):
        events = await adapter.hear(Streamed(("a",), finish="whatever"))
        assert ending(events) == [Finished("whatever", complete=False)]

    @pytest.mark.parametrize(
        "reply",
        [
            Streamed(("a",), finish=None),
            Streamed(("a",), finish=None, done=False),
            Streamed(("a",), finish=""),
            Whole("a", finish=None),
        ],
    )
    async def test_an_answer_without_a_reason_to_end_was_cut(self, adapter, reply):
        events = await adapter.hear(reply)
        assert text(events) == "a"
        assert ending(events) == []

    async def test_a_reason_to_end_counts_without_the_end_mark(self, adapter):
        [finished] = ending(await adapter.hear(Streamed(("a",), done=False)))
        assert finished == Finished(adapter.words["stop"], complete=True)

    async def test_a_question_that_the_content_filter_stops_is_refused_and_the_provider_is_not(self, adapter):
        error = await adapter.fail(Streamed((), finish="refused"))
        assert type(error) is ContentRefused
        assert not error.terminal

    @pytest.mark.parametrize("reply", [Streamed(()), Streamed(("",)), Streamed(("\n ",)), Whole("")])
    async def test_an_answer_that_ends_well_without_text_is_empty(self, adapter, reply):
        assert type(await adapter.fail(reply)) is EmptyAnswer

    async def test_what_an_empty_answer_cost_is_told_first(self, adapter):
        said: list[Event] = []
        with adapter.serving(always(Streamed((), usage=(5, 1)))) as server:
            async with (
                closing(adapter.at(server.base_url)) as provider,
                aclosing(provider.stream(QUESTION)) as events,
            ):
                with pytest.raises(EmptyAnswer):
                    await note(events, said)
        assert said == [Usage(5, 1)]

    async def test_one_connection_serves_request_after_request(self, adapter):
        with adapter.serving(always(ANSWER)) as server:
            async with closing(adapter.at(server.base_url)) as provider:
                for _ in range(3):
                    assert await collected(provider)
        assert [request.connection for request in server.requests] == [1, 1, 1]

    async def test_requests_run_side_by_side(self, adapter):
        gate = Gate()
        with adapter.serving(in_turn(Gated(ANSWER, gate), ANSWER)) as server:
            async with closing(adapter.at(server.base_url)) as provider:
                both = [asyncio.ensure_future(collected(provider)) for _ in range(2)]
                _, waiting = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
                assert len(waiting) == 1
                gate.open()
                first, second = await asyncio.gather(*both)
        assert first == second


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
    async def test_each_has_its_error_and_is_tried_once(self, adapter, status, expected):
        with adapter.serving(always(Status(status, {"error": {"message": "because"}}))) as server:
            with pytest.raises(expected, match=f"{status}.*because"):
                await heard(adapter.at(server.base_url))
            assert len(server.requests) == 1

    @pytest.mark.parametrize(
        ("value", "expected"),
        [("3", 3.0), (formatdate(NOW + 20, usegmt=True), 20.0), ("soon", None), ("86400", 300.0)],
    )
    @pytest.mark.parametrize("status", [429, 529])
    async def test_the_wait_that_the_server_asks_for_is_passed_on(self, adapter, status, value, expected):
        error = await adapter.fail(Status(status, headers=(("Retry-After", value),)))
        assert error.retry_after == expected

    async def test_a_rate_limit_may_ask_for_no_wait(self, adapter):
        assert (await adapter.fail(Status(429))).retry_after is None

    async def test_an_error_whose_body_breaks_off_is_still_that_error(self, adapter):
        assert type(await adapter.fail(Hanging(Status(503, "x" * 1000), 200), Deadlines(read=0.05))) is ServerFault

    @pytest.mark.parametrize("status", [401, 400, 429, 500])
    async def test_the_key_is_never_in_a_message(self, adapter, status):
        echo = "x" * 190 + f" you sent Bearer {KEY} " * 3
        for body in ({"error": {"message": echo}}, {"error": echo}, echo):
            error = await adapter.fail(Status(status, body))
            assert "canary" not in str(error)
            assert KEY[:8] not in repr(error)

    async def test_a_redirect_is_an_error_and_its_target_hears_nothing(self, adapter):
        with adapter.serving(always(ANSWER)) as target:
            error = await adapter.fail(Status(307, headers=(("Location", f"{target.base_url}/elsewhere"),)))
            assert target.requests == []
        assert type(error) is Misconfigured
        assert "redirect" in str(error)


class TestBadAnswers:
    async def test_an_error_in_the_stream_is_an_error(self, adapter):
        error = await adapter.fail(Events((adapter.fake.piece("a"), json.dumps(adapter.error))))
        assert type(error) is ServerFault
        assert "overloaded" in str(error)
        assert KEY not in str(error)

    async def test_an_error_in_a_body_with_status_200_is_an_error(self, adapter):
        assert type(await adapter.fail(Status(200, {"error": {"message": "slow down", "code": 429}}))) is RateLimited

    @pytest.mark.parametrize("rubbish", ["{", "<html>", "null", "7", "[" * 100_000])
    async def test_a_malformed_chunk_is_no_answer(self, adapter, rubbish):
        for payload in (rubbish, *adapter.malformed):
            assert type(await adapter.fail(Events((adapter.fake.piece("a"), payload)))) is BadAnswer

    @pytest.mark.parametrize("kind", ["text/html", "image/png"])
    async def test_a_page_is_no_answer(self, adapter, kind):
        assert type(await adapter.fail(Status(200, "hello", (("content-type", kind),)))) is BadAnswer

    async def test_an_empty_json_body_is_no_answer(self, adapter):
        assert type(await adapter.fail(Status(200, "", (("content-type", "application/json"),)))) is BadAnswer

    async def test_an_endless_answer_is_cut_at_a_size_no_honest_one_has(self, adapter):
        assert "larger" in str(await adapter.fail(Endless()))

    async def test_a_large_body_is_cut_too(self, adapter):
        assert "larger" in str(await adapter.fail(Whole("x" * 5_000_000)))

    async def test_a_compressed_answer_counts_as_what_it_becomes(self, adapter):
        error = await adapter.fail(GzipBomb())
        assert type(error) is BadAnswer
        assert "larger" in str(error)

    async def test_an_answer_that_is_not_encoded_as_it_says_is_no_answer(self, adapter):
        assert type(await adapter.fail(Status(200, "plain", (("content-encoding", "gzip"),)))) is BadAnswer


class TestTheWire:
    async def test_a_connection_that_breaks_is_not_an_end(self, adapter):
        said: list[Event] = []
        with adapter.serving(always(Broken(ANSWER, adapter.body_until_second_piece()))) as server:
            async with (
                closing(adapter.at(server.base_url)) as provider,
                aclosing(provider.stream(QUESTION)) as events,
            ):
                with pytest.raises(Unreachable):
                    await note(events, said)
        assert said == [TextDelta("Musée d'Or")]

    @pytest.mark.parametrize("size", [0, 20, None], ids=["no first byte", "in the head", "in the middle"])
    async def test_silence_ends_at_the_read_deadline(self, adapter, size):
        stall = adapter.size_until_second_piece() if size is None else size
        error = await adapter.fail(Hanging(ANSWER, stall), Deadlines(read=0.05))
        assert type(error) is TimedOut
        assert "read deadline" in str(error)

    async def test_silence_ends_at_the_total_deadline(self, adapter):
        error = await adapter.fail(Hanging(ANSWER, adapter.size_until_second_piece()), Deadlines(total=0.05))
        assert type(error) is TimedOut
        assert "total deadline" in str(error)

    async def test_an_answer_that_never_begins_ends_at_the_total_deadline(self, adapter):
        assert type(await adapter.fail(Gated(ANSWER, Gate()), Deadlines(total=0.05))) is TimedOut

    async def test_the_deadline_never_cancels_the_consumer(self, adapter):
        """A consumer may dwell on an event past the deadline; it learns of it when it asks for the next."""
        with adapter.serving(always(Hanging(ANSWER, adapter.size_until_second_piece()))) as server:
            provider = adapter.at(server.base_url, Deadlines(total=0.5))
            async with closing(provider), aclosing(provider.stream(QUESTION)) as events:
                await anext(events)
                deadline_passed = asyncio.Event()
                asyncio.get_running_loop().call_later(0.6, deadline_passed.set)
                await deadline_passed.wait()
                with pytest.raises(TimedOut):
                    await note(events, [])

    async def test_nobody_listens_and_the_message_says_where(self, adapter):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            origin = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(Unreachable, match=f"{origin}: no connection"):
            await heard(adapter.at(f"{origin}/some/path"))

    async def test_a_server_that_takes_no_connection_ends_at_the_connect_deadline(self, adapter):
        with ExitStack() as sockets, socket.create_server(("127.0.0.1", 0), backlog=0) as full:
            host, port = full.getsockname()
            for _ in range(4):  # nobody accepts: what does not fit into the queue hears nothing
                waiting = sockets.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex((host, port))
            with pytest.raises(TimedOut, match=f"http://{host}:{port}: no connection within the connect deadline"):
                await heard(adapter.at(f"http://{host}:{port}", Deadlines(connect=0.1)))

    async def test_a_cancelled_request_is_cancelled(self, adapter):
        loop, arrived = asyncio.get_running_loop(), asyncio.Event()

        def script(number, request) -> Reply:
            loop.call_soon_threadsafe(arrived.set)
            return Gated(ANSWER, Gate())

        with adapter.serving(script) as server:
            task = asyncio.ensure_future(heard(adapter.at(server.base_url)))
            await arrived.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    async def test_a_provider_that_is_closed_while_it_answers_has_an_error_of_the_tree(self, adapter):
        with adapter.serving(always(Hanging(ANSWER, adapter.size_until_second_piece()))) as server:
            provider = adapter.at(server.base_url, Deadlines(read=0.5))
            async with closing(provider), aclosing(provider.stream(QUESTION)) as events:
                await anext(events)
                await provider.close()
                with pytest.raises(ProviderError):
                    await note(events, [])

    async def test_closing_twice_or_unused_is_fine(self, adapter):
        provider = adapter.at("http://127.0.0.1:1")
        await provider.close()
        await provider.close()

    async def test_a_proxy_that_cannot_be_used_is_a_matter_of_settings(self, adapter, monkeypatch):
        monkeypatch.setenv("HTTP_PROXY", "gopher://user:canary@proxy:1")
        with pytest.raises(Misconfigured) as caught:
            await heard(adapter.at("http://192.0.2.1:1"))  # not of this machine, where no proxy is asked
        assert "canary" not in str(caught.value)

    async def test_a_question_that_cannot_be_sent_is_refused(self, adapter):
        with adapter.serving(always(ANSWER)) as server, pytest.raises(RequestRefused):
            await heard(adapter.at(server.base_url), Question(topic="t", prompt="\ud800", count=1))

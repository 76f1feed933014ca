"""From statuses, bodies, headers and exceptions to the tree of provider errors."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx2
import pytest

from producers.providers import errors
from producers.providers.error_bodies import ErrorObject, read_error
from producers.providers.errors import (
    MAX_RETRY_AFTER,
    BadAnswer,
    ContentRefused,
    KeyRejected,
    Misconfigured,
    ModelUnknown,
    PaymentRequired,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    RequestRefused,
    ServerFault,
    TimedOut,
    Unreachable,
)
from producers.providers.http_errors import (
    EXCEPTION_ERRORS,
    MAX_MESSAGE,
    STATUS_CLASS_ERRORS,
    STATUS_ERRORS,
    WORD_ERRORS,
    Asked,
    error_class,
    exception_error,
    retry_after,
    safe_text,
    status_error,
    stream_error,
    translated,
)

NOW = 1_763_802_000.0  # Sat, 22 Nov 2025 09:00:00 GMT


def error_of(status: int, body: object = "", headers: dict[str, str] | None = None, secret: str = ""):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return status_error(status, headers or {}, data, now=NOW, asked=Asked(secret=secret))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (301, Misconfigured),
        (307, Misconfigured),
        (400, RequestRefused),
        (401, KeyRejected),
        (402, PaymentRequired),
        (403, KeyRejected),
        (404, ModelUnknown),
        (405, RequestRefused),
        (408, TimedOut),
        (409, ServerFault),
        (425, ServerFault),
        (413, RequestRefused),
        (422, RequestRefused),
        (429, RateLimited),
        (451, RequestRefused),
        (500, ServerFault),
        (502, ServerFault),
        (503, ServerFault),
        (529, ServerFault),
        (700, ServerFault),
    ],
)
def test_each_status_has_its_error(status, expected):
    assert type(error_of(status)) is expected


@pytest.mark.parametrize("status", range(300, 600))
def test_every_status_from_300_to_599_has_an_error_of_the_tree_and_of_its_class(status):
    mapped = error_class(status, ErrorObject())
    assert issubclass(mapped, ProviderError)
    assert mapped is STATUS_ERRORS.get(status, STATUS_CLASS_ERRORS[status // 100])
    assert mapped.terminal or status in (408, 409, 425, 429) or status >= 500


def test_every_leaf_of_the_tree_has_a_word_of_its_own_and_stands_in_its_table():
    def family(cls: type[ProviderError]) -> Iterator[type[ProviderError]]:
        yield cls
        for child in cls.__subclasses__():
            yield from family(child)

    ours = [cls for cls in family(ProviderError) if cls.__module__ == errors.__name__]
    assert len({cls.kind for cls in ours}) == len(ours)
    assert [cls.__name__ for cls in ours if cls.__name__ not in (errors.__doc__ or "")] == []


@pytest.mark.parametrize("word", ["insufficient_quota", "billing_not_active"])
@pytest.mark.parametrize("place", ["type", "code"])
def test_a_rate_limit_that_is_really_a_lack_of_money_is_terminal(place, word):
    error = error_of(429, {"error": {"message": "quota", place: word}}, {"retry-after": "1"})
    assert type(error) is PaymentRequired
    assert error.retry_after is None


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, {"error": {"code": "content_filter", "message": "filtered"}}, ContentRefused),
        (400, {"error": {"type": "invalid_request_error", "code": "content_policy_violation"}}, ContentRefused),
        (400, {"error": {"status": "INVALID_ARGUMENT", "details": [{"reason": "API_KEY_INVALID"}]}}, KeyRejected),
        (400, {"error": {"status": "INVALID_ARGUMENT", "details": "what is this"}}, RequestRefused),
        (400, {"error": {"status": 400, "details": {"reason": 7}}}, RequestRefused),
        (500, {"error": {"code": "content_filter"}}, ServerFault),
    ],
)
def test_some_words_say_more_than_their_status(status, body, expected):
    assert type(error_of(status, body)) is expected


def google(*details: dict[str, object]) -> dict[str, object]:
    return {"error": {"code": 429, "message": "quota", "status": "RESOURCE_EXHAUSTED", "details": list(details)}}


def retry_info(delay: object) -> dict[str, object]:
    return {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}


def quota_failure(quota_id: str) -> dict[str, object]:
    violation = {"quotaMetric": "requests", "quotaId": quota_id, "quotaDimensions": {"model": "m"}}
    return {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]}


@pytest.mark.parametrize(
    ("delay", "expected"),
    [
        ("45.8s", 45.8),
        ("3s", 3.0),
        ("0s", 0.0),
        ("99999s", MAX_RETRY_AFTER),
        ("soon", None),
        ("-1s", None),
        (7, None),
    ],
)
def test_a_wait_may_stand_in_the_body(delay, expected):
    assert error_of(429, google(retry_info(delay))).retry_after == expected


def test_a_wait_in_the_header_comes_before_one_in_the_body():
    assert error_of(429, google(retry_info("45.8s")), {"retry-after": "2"}).retry_after == 2


def test_a_wait_may_stand_in_an_error_inside_a_stream():
    said = read_error(json.dumps(google(retry_info("45.8s"))).encode())
    error = stream_error(said)
    assert (type(error), error.retry_after) == (RateLimited, 45.8)


def test_a_quota_of_a_day_is_terminal_and_one_of_a_minute_is_not():
    minute = quota_failure("GenerateRequestsPerMinutePerProjectPerModel")
    day = quota_failure("GenerateRequestsPerDayPerProjectPerModel-FreeTier")
    assert type(error_of(429, google(minute, retry_info("9s")))) is RateLimited
    error = error_of(429, google(minute, day, retry_info("9s")))
    assert type(error) is QuotaExhausted
    assert (error.terminal, error.retry_after) == (True, None)
    assert type(stream_error(read_error(json.dumps(google(day)).encode()))) is QuotaExhausted


@pytest.mark.parametrize("status", [401, 403])
def test_a_missing_key_is_named_where_the_server_wants_one(status):
    asked = Asked(no_key="the environment variable MY_API_KEY is not set")
    error = status_error(status, {}, b'{"error": "who are you?"}', now=NOW, asked=asked)
    assert type(error) is KeyRejected
    assert "MY_API_KEY is not set" in str(error)
    assert "who are you?" in str(error)
    assert "MY_API_KEY" in str(stream_error(ErrorObject("m", "authentication_error"), asked=asked))
    assert "MY_API_KEY" not in str(status_error(400, {}, b"", now=NOW, asked=asked))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": "12"}, 12.0),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "Sat, 22 Nov 2025 09:00:30 GMT"}, 30.0),
        ({"retry-after": "Saturday, 22-Nov-25 09:00:30 GMT"}, 30.0),
        ({"retry-after": "Sat, 22 Nov 2025 11:00:30 +0200"}, 30.0),
        ({"retry-after": "Sat, 22 Nov 2025 09:00:30 -0000"}, 30.0),
        ({"retry-after": "Sat, 22 Nov 2025 08:00:00 GMT"}, 0.0),
        ({"retry-after": ""}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1e9"}, None),
        ({"retry-after": "٣"}, None),
        ({"retry-after": "Sat, 99 Nov 2025 09:00:30 GMT"}, None),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "x", "retry-after": "9"}, 9.0),
    ],
)
def test_retry_after_is_understood_in_all_its_forms(headers, expected):
    assert retry_after(headers, NOW) == expected


@pytest.mark.parametrize("value", ["999999", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_an_absurd_wait_is_bounded(value):
    assert error_of(429, headers={"retry-after": value}).retry_after == MAX_RETRY_AFTER


def test_a_server_fault_may_ask_for_a_wait_and_a_terminal_error_never_does():
    assert error_of(503, headers={"retry-after": "7"}).retry_after == 7
    assert error_of(401, headers={"retry-after": "7"}).retry_after is None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            b'{"error": {"message": "no such model", "type": "x", "param": null, "code": 404}}',
            "no such model",
        ),
        (b'{"error": "no such model"}', "no such model"),
        (b'[{"error": {"message": "no such model"}}]', "no such model"),
        (b'{"object": "error", "message": "no such model"}', "no such model"),
        (b'{"detail": "no such model"}', "no such model"),
        (b'{"detail": [{"loc": ["body", 0], "msg": "missing"}, {"msg": "wrong"}]}', "missing; wrong"),
        (b" upstream failed\n", "upstream failed"),
        (b"<html>Bad gateway</html>", None),
        (b'{"error": 7}', None),
        (b'{"error": {"mess', None),
        (b"[]", None),
        (b"[" * 100_000, None),
    ],
)
def test_the_servers_own_message_is_found_in_every_usual_shape(body, message):
    assert read_error(body).message == message


def test_a_message_names_the_status_and_what_the_server_said():
    assert str(error_of(404, {"error": {"message": "no model m"}})) == "404 Not Found: no model m"
    assert str(error_of(529, b"<html>")) == "529"
    assert "redirect" in str(error_of(302))


def test_a_message_is_one_bounded_printable_line():
    text = safe_text("a\x00b\x1b[31m\u202ec\r\n\td " + "x" * 1000)
    assert text.startswith("ab[31mc d x")
    assert len(text) == MAX_MESSAGE
    assert text.isprintable()


@pytest.mark.parametrize("padding", [0, 150, 190, 198])
def test_an_echoed_key_is_redacted_even_where_the_message_is_cut(padding):
    body = {"error": {"message": "." * padding + "bad key sk-se\x00cret-0123456789 given"}}
    text = str(error_of(401, body, secret="sk-secret-0123456789"))
    assert "sk-" not in text


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (ErrorObject("m", "server_error"), ServerFault),
        (ErrorObject("m", code=429), RateLimited),
        (ErrorObject("m", code="503"), ServerFault),
        (ErrorObject("m", code=7), ServerFault),
        (ErrorObject("m", "requests", "rate_limit_exceeded"), RateLimited),
        (ErrorObject("m", "invalid_request_error", "model_not_found"), ModelUnknown),
        (ErrorObject("m", "invalid_request_error"), RequestRefused),
        (ErrorObject("m", "insufficient_quota", 429), PaymentRequired),
        (ErrorObject("m", "insufficient_quota"), PaymentRequired),
        (ErrorObject("m", "overloaded_error"), ServerFault),
        (ErrorObject("m", "authentication_error"), KeyRejected),
        (ErrorObject("m", "billing_error"), PaymentRequired),
        (ErrorObject("m", "not_found_error"), ModelUnknown),
        (ErrorObject("m", "timeout_error"), TimedOut),
        (ErrorObject("m", code=503, status="UNAVAILABLE"), ServerFault),
        (ErrorObject("m", status="RESOURCE_EXHAUSTED"), RateLimited),
        (ErrorObject("m", status="PERMISSION_DENIED"), KeyRejected),
        ("just words", ServerFault),
        (ErrorObject(), ServerFault),
    ],
)
def test_an_error_inside_a_stream_is_known_by_its_words(said, expected):
    assert type(stream_error(said)) is expected


def library_exceptions() -> set[type[Exception]]:
    """Every exception that httpx2 exports, and whatever derives from them."""

    def family(cls: type[Exception]) -> Iterator[type[Exception]]:
        yield cls
        for child in cls.__subclasses__():
            yield from family(child)

    exported = [getattr(httpx2, name) for name in dir(httpx2)]
    roots = [item for item in exported if isinstance(item, type) and issubclass(item, Exception)]
    return {cls for root in roots for cls in family(root) if cls.__module__.startswith("httpx2")}


def test_every_exception_of_the_library_is_mapped():
    assert {httpx2.ReadTimeout, httpx2.InvalidURL, httpx2.StreamClosed} <= library_exceptions()
    assert library_exceptions() - EXCEPTION_ERRORS.keys() == set()


@pytest.mark.parametrize(
    ("exception", "expected"),
    [
        (TimeoutError(), TimedOut),
        (httpx2.ConnectTimeout(""), TimedOut),
        (httpx2.ConnectError("refused"), Unreachable),
        (httpx2.RemoteProtocolError(""), Unreachable),
        (ConnectionResetError(), Unreachable),
        (httpx2.DecodingError(""), BadAnswer),
        (httpx2.UnsupportedProtocol(""), Misconfigured),
        (httpx2.InvalidURL("http://user:sk-1@host"), Misconfigured),
    ],
)
def test_an_exception_comes_out_as_a_provider_error(exception, expected):
    with pytest.raises(expected) as caught, translated():
        raise exception
    assert type(caught.value) is expected


@pytest.mark.parametrize(
    ("exception", "expected"),
    [
        (httpx2.ConnectError("refused"), False),
        (httpx2.ConnectTimeout(""), False),
        (httpx2.PoolTimeout(""), False),
        (httpx2.ReadTimeout(""), True),
        (httpx2.ReadError(""), True),
        (httpx2.RemoteProtocolError(""), True),
        (TimeoutError(), True),
    ],
)
def test_a_question_that_was_sent_may_have_a_bill(exception, expected):
    assert exception_error(exception).may_be_billed is expected


def test_a_refusal_has_no_bill_and_an_error_in_an_answer_may_have_one():
    for status in (400, 401, 408, 429, 500, 529):
        assert not status_error(status, {}, b"", now=0).may_be_billed
    assert stream_error("overloaded").may_be_billed
    assert not stream_error(ErrorObject("slow down", status="RESOURCE_EXHAUSTED")).may_be_billed


def test_only_words_that_hold_no_header_or_url_are_taken_from_the_library():
    assert str(exception_error(httpx2.ConnectError("refused"))) == "no connection: refused"
    assert "sk-1" not in str(exception_error(httpx2.LocalProtocolError("Illegal header value b'Bearer sk-1'")))
    assert "sk-1" not in str(exception_error(httpx2.InvalidURL("http://user:sk-1@host")))


def test_an_exception_names_the_server_and_never_the_key():
    asked = Asked(origin="https://host:443", secret="sk-1")
    assert (
        str(exception_error(httpx2.ConnectError("no sk-1"), asked=asked))
        == "https://host:443: no connection: no [key]"
    )
    assert "sk-1" not in repr(asked)


def test_every_word_stands_for_an_error_of_the_tree():
    assert all(issubclass(error, ProviderError) for error in WORD_ERRORS.values())


def test_a_programming_error_is_not_swallowed():
    with pytest.raises(ZeroDivisionError), translated():
        raise ZeroDivisionError

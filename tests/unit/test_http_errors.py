"""From statuses, bodies, headers and exceptions to the tree of provider errors."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx2
import pytest

from producers.providers.errors import (
    MAX_RETRY_AFTER,
    BadAnswer,
    KeyRejected,
    Misconfigured,
    ModelUnknown,
    PaymentRequired,
    RateLimited,
    RequestRefused,
    ServerFault,
    TimedOut,
    Unreachable,
)
from producers.providers.http_errors import (
    EXCEPTION_ERRORS,
    MAX_MESSAGE,
    ErrorObject,
    exception_error,
    read_error,
    retry_after,
    safe_text,
    status_error,
    stream_error,
    translated,
)

NOW = 1_763_802_000.0  # Sat, 22 Nov 2025 09:00:00 GMT


def error_of(status: int, body: object = "", headers: dict[str, str] | None = None, secret: str = ""):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return status_error(status, headers or {}, data, now=NOW, secret=secret)


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


@pytest.mark.parametrize("word", ["insufficient_quota", "billing_not_active"])
@pytest.mark.parametrize("place", ["type", "code"])
def test_a_rate_limit_that_is_really_a_lack_of_money_is_terminal(place, word):
    error = error_of(429, {"error": {"message": "quota", place: word}}, {"retry-after": "1"})
    assert type(error) is PaymentRequired
    assert error.retry_after is None


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


def test_only_words_that_hold_no_header_or_url_are_taken_from_the_library():
    assert str(exception_error(httpx2.ConnectError("refused"))) == "no connection: refused"
    assert "sk-1" not in str(exception_error(httpx2.LocalProtocolError("Illegal header value b'Bearer sk-1'")))
    assert "sk-1" not in str(exception_error(httpx2.InvalidURL("http://user:sk-1@host")))


def test_a_programming_error_is_not_swallowed():
    with pytest.raises(ZeroDivisionError), translated():
        raise ZeroDivisionError

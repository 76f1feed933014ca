"""From HTTP to our tree of errors: one table for statuses, one for the exceptions of the HTTP library.

Shared by every adapter that speaks HTTP. What a server says about its error is shown to people and stored, so
it passes through `safe_text`: one line, printable, bounded, without the key. Headers and URLs never get into
a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx2

from producers.providers.error_bodies import ErrorObject, read_error
from producers.providers.errors import (
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

MAX_MESSAGE = 200
REDACTED = "[key]"

ErrorClass = type[ProviderError]

STATUS_ERRORS: Mapping[int, ErrorClass] = {
    401: KeyRejected,
    402: PaymentRequired,
    403: KeyRejected,
    404: ModelUnknown,
    408: TimedOut,
    409: ServerFault,
    425: ServerFault,
    429: RateLimited,
}
STATUS_CLASS_ERRORS: Mapping[int, ErrorClass] = {3: Misconfigured, 4: RequestRefused, 5: ServerFault}

# Words that say more than the status 4xx they come with. With them a 429 is no rate limit: waiting brings no money.
TELLING_WORDS: Mapping[str, ErrorClass] = {
    "insufficient_quota": PaymentRequired,
    "billing_not_active": PaymentRequired,
    "billing_hard_limit_reached": PaymentRequired,
    "billing_error": PaymentRequired,
    "API_KEY_INVALID": KeyRejected,
    "content_filter": ContentRefused,
    "content_policy_violation": ContentRefused,
}

# Anthropic says that the money is gone with the type of any bad request; only its sentence tells.
NO_MONEY = "credit balance is too low"

# An error inside a stream comes after the status 200, so its words must do.
WORD_ERRORS: Mapping[str, ErrorClass] = {
    **TELLING_WORDS,
    "invalid_api_key": KeyRejected,
    "authentication_error": KeyRejected,
    "permission_error": KeyRejected,
    "UNAUTHENTICATED": KeyRejected,
    "PERMISSION_DENIED": KeyRejected,
    "model_not_found": ModelUnknown,
    "not_found_error": ModelUnknown,
    "NOT_FOUND": ModelUnknown,
    "rate_limit_exceeded": RateLimited,
    "rate_limit_error": RateLimited,
    "tokens": RateLimited,
    "requests": RateLimited,
    "RESOURCE_EXHAUSTED": RateLimited,
    "timeout": TimedOut,
    "timeout_error": TimedOut,
    "DEADLINE_EXCEEDED": TimedOut,
    "overloaded_error": ServerFault,
    "api_error": ServerFault,
    "UNAVAILABLE": ServerFault,
    "INTERNAL": ServerFault,
    "invalid_request_error": RequestRefused,
    "request_too_large": RequestRefused,
    "INVALID_ARGUMENT": RequestRefused,
    "FAILED_PRECONDITION": RequestRefused,
}

# Every exception of the library by its exact class: a test walks the library's tree and fails when one is
# missing. The words are ours; the library's own are added only where they help and hold no header or URL.
EXCEPTION_ERRORS: Mapping[type[Exception], tuple[ErrorClass, str]] = {
    TimeoutError: (TimedOut, "the answer was not complete within the total deadline"),
    httpx2.TimeoutException: (TimedOut, "the server was too slow"),
    httpx2.ConnectTimeout: (TimedOut, "no connection within the connect deadline"),
    httpx2.ReadTimeout: (TimedOut, "the server sent nothing within the read deadline"),
    httpx2.WriteTimeout: (TimedOut, "the server did not take the request within the deadline"),
    httpx2.PoolTimeout: (TimedOut, "no connection became free within the deadline"),
    OSError: (Unreachable, "the connection failed"),
    httpx2.HTTPError: (Unreachable, "the request failed"),
    httpx2.RequestError: (Unreachable, "the request failed"),
    httpx2.TransportError: (Unreachable, "the connection failed"),
    httpx2.NetworkError: (Unreachable, "the connection failed"),
    httpx2.ConnectError: (Unreachable, "no connection"),
    httpx2.ReadError: (Unreachable, "the connection broke while reading"),
    httpx2.WriteError: (Unreachable, "the connection broke while writing"),
    httpx2.CloseError: (Unreachable, "the connection broke while closing"),
    httpx2.ProxyError: (Unreachable, "the proxy made no connection"),
    httpx2.ProtocolError: (Unreachable, "the connection broke off"),
    httpx2.RemoteProtocolError: (Unreachable, "the server broke off, or does not speak HTTP"),
    httpx2.SSEError: (Unreachable, "the event stream failed"),
    httpx2.StreamError: (Unreachable, "the connection was closed while in use"),
    httpx2.StreamConsumed: (Unreachable, "the connection was closed while in use"),
    httpx2.StreamClosed: (Unreachable, "the connection was closed while in use"),
    httpx2.ResponseNotRead: (Unreachable, "the connection was closed while in use"),
    httpx2.RequestNotRead: (Unreachable, "the connection was closed while in use"),
    httpx2.HTTPStatusError: (ServerFault, "the server reported an error"),
    httpx2.DecodingError: (BadAnswer, "the answer is not encoded as it says"),
    httpx2.CookieConflict: (BadAnswer, "the server set contradictory cookies"),
    UnicodeDecodeError: (BadAnswer, "the answer is not UTF-8"),
    UnicodeEncodeError: (RequestRefused, "the question holds characters that cannot be sent"),
    httpx2.LocalProtocolError: (Misconfigured, "the request cannot be put into HTTP"),
    httpx2.UnsupportedProtocol: (Misconfigured, "the base URL must begin with http:// or https://"),
    httpx2.InvalidURL: (Misconfigured, "the base URL is not a URL"),
    httpx2.TooManyRedirects: (Misconfigured, "the server redirects"),
}
TELLING = (httpx2.ConnectError,)
# In a stream, too, these are said before anything else.
REFUSALS = (Misconfigured, QuotaExhausted, RateLimited)
# With these the server has not had the question; with any other it may have answered, at least for itself.
NEVER_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.LocalProtocolError,
    httpx2.UnsupportedProtocol,
    httpx2.InvalidURL,
    UnicodeEncodeError,
)

_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Asked:
    """What messages need to know of the request: whom it went to, its key (never told), and why it had none."""

    origin: str = ""
    secret: str = field(default="", repr=False)
    no_key: str = ""


NOBODY = Asked()


def status_error(
    status: int, headers: Mapping[str, str], body: bytes, *, now: float, asked: Asked = NOBODY
) -> ProviderError:
    """The error for an answer whose status is not 2xx. `body` may be cut."""
    said = read_error(body)
    error = error_class(status, said)
    message = f"{_status_words(status)}: {said.message}" if said.message else _status_words(status)
    wait = retry_after(headers, now)
    return _said_error(error, message, said.retry_delay if wait is None else wait, asked, may_be_billed=False)


def stream_error(said: ErrorObject | str, *, asked: Asked = NOBODY) -> ProviderError:
    """The error for an error object that came in the place of an answer."""
    told = said if isinstance(said, ErrorObject) else ErrorObject(message=said)
    known = [WORD_ERRORS[word] for word in told.words if word in WORD_ERRORS]
    if told.http_status:
        error = error_class(told.http_status, told)
    else:
        error = QuotaExhausted if told.is_daily_quota else next(iter(known), ServerFault)
    message = f"the server broke off with an error: {told.message or 'no message'}"
    return _said_error(error, message, told.retry_delay, asked, may_be_billed=not issubclass(error, REFUSALS))


def _said_error(
    error: ErrorClass, message: str, wait: float | None, asked: Asked, *, may_be_billed: bool
) -> ProviderError:
    """The error in the server's words, with what it cannot know: that no key was sent, and why."""
    advice = f"no key was sent: {asked.no_key}; " if error is KeyRejected and asked.no_key else ""
    words = advice + safe_text(message, asked.secret)
    return error(words, retry_after=None if error.terminal else wait, may_be_billed=may_be_billed)


def exception_error(exception: Exception, *, asked: Asked = NOBODY) -> ProviderError:
    """The error for an exception of the HTTP library, of the system, or of a deadline."""
    error, words = next(EXCEPTION_ERRORS[cls] for cls in type(exception).__mro__ if cls in EXCEPTION_ERRORS)
    detail = f": {exception}" if isinstance(exception, TELLING) else ""
    place = f"{asked.origin}: " if asked.origin else ""
    return error(
        place + safe_text(f"{words}{detail}", asked.secret), may_be_billed=not isinstance(exception, NEVER_SENT)
    )


@contextmanager
def translated(asked: Asked = NOBODY) -> Iterator[None]:
    """Let nothing but ProviderError out: an adapter's edge."""
    try:
        yield
    except tuple(EXCEPTION_ERRORS) as exception:
        raise exception_error(exception, asked=asked) from exception


def error_class(status: int, said: ErrorObject) -> ErrorClass:
    """Which error a status is. What no table knows is the server's fault."""
    if status == 429 and said.is_daily_quota:
        return QuotaExhausted
    if status // 100 == 4:
        telling = next((TELLING_WORDS[word] for word in said.words if word in TELLING_WORDS), None)
        if telling is not None:
            return telling
        if NO_MONEY in (said.message or "").casefold():
            return PaymentRequired
    return STATUS_ERRORS.get(status) or STATUS_CLASS_ERRORS.get(status // 100, ServerFault)


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """The wait in seconds that a server asks for at the time `now` (epoch seconds); None if it asks for none.

    Understands `Retry-After` as seconds and as an HTTP date, and `retry-after-ms`, which is finer and wins.
    Nonsense counts as absent, a date in the past as no wait; an absurd wait is bounded by ProviderError.
    """
    fields = {name.lower(): value.strip() for name, value in headers.items()}
    milliseconds, seconds = fields.get("retry-after-ms", ""), fields.get("retry-after", "")
    if _SECONDS.fullmatch(milliseconds):
        return float(milliseconds) / 1000
    if _SECONDS.fullmatch(seconds):
        return float(seconds)
    moment = _http_date(seconds)
    return None if moment is None else max(moment - now, 0.0)


def safe_text(text: str, secret: str = "") -> str:
    """`text` fit to be shown and stored: on one line, printable, bounded, and without the secret.

    Redaction comes before the bound, so that no part of a secret is left at the cut.
    """
    line = "".join(filter(str.isprintable, " ".join(text.split())))
    clean = line.replace(secret, REDACTED) if secret else line
    return clean if len(clean) <= MAX_MESSAGE else clean[: MAX_MESSAGE - 1] + "…"


def _http_date(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return (zoned - datetime.fromtimestamp(0, UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None


def _status_words(status: int) -> str:
    if status // 100 == 3:
        return f"{status}, a redirect, is not followed: set the base URL to the final address"
    known = {int(code): code.phrase for code in HTTPStatus}
    return f"{status} {known.get(status, '')}".strip()

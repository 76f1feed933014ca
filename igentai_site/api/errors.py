"""What the API says when it cannot do as it was asked: one shape, in words, with what to do about it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.core.exceptions import RequestDataTooBig
from django.db import Error as DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

logger = logging.getLogger(__name__)

P = ParamSpec("P")
CODES = {
    400: ("bad_request", "The request could not be read.", "Send JSON, as the page of the API describes it."),
    403: ("forbidden", "This may not be done.", "Ask an administrator."),
    404: ("not_found", "There is nothing at this address.", "See the page of the API for what there is."),
    405: ("method_not_allowed", "This address does not take this method.", "The header Allow names those it takes."),
    413: ("too_large", "The request is too large.", "Send less at a time."),
    500: ("internal_error", "Something went wrong on our side; it has been logged.", "Try again later."),
    503: ("unavailable", "The database cannot be read now.", "Try again in a few seconds."),
}
RETRY_SECONDS = 5


@dataclass
class ApiError(Exception):
    """Why a request was refused. `fields` says what is wrong with which of its values."""

    status: int
    code: str
    message: str
    what_to_do: str
    fields: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        told: dict[str, Any] = {"code": self.code, "message": self.message, "what_to_do": self.what_to_do}
        return {"error": {**told, "fields": dict(self.fields)} if self.fields else told}

    def response(self) -> HttpResponse:
        return ErrorResponse(self.body(), status=self.status, headers=dict(self.headers))


class ErrorResponse(JsonResponse):
    """One in the shape of the API."""


def usual(status: int) -> ApiError:
    """The error for a status of which nothing else is known."""
    code, message, what_to_do = CODES.get(status, CODES[400 if status < 500 else 500])
    return ApiError(status, code, message, what_to_do)


def unavailable() -> ApiError:
    error = usual(503)
    error.headers = {"Retry-After": str(RETRY_SECONDS)}
    return error


def not_found(what: str, what_to_do: str) -> ApiError:
    return ApiError(404, "not_found", f"There is no such {what}.", what_to_do)


def invalid(fields: Mapping[str, str], what_to_do: str) -> ApiError:
    words = "; ".join(f"{name}: {wrong}" for name, wrong in fields.items())
    return ApiError(422, "invalid", words[:1000] or "The values are not valid.", what_to_do, fields)


def translated(error: Exception) -> ApiError:
    """What a caller is told of an exception: nothing of its text, unless the text is for the caller."""
    match error:
        case ApiError():
            return error
        case Http404():
            return usual(404)
        case ValidationError():
            return invalid(_fields(error), "Correct these values; the page of the API describes them.")
        case HttpError():
            return usual(error.status_code)
        case RequestDataTooBig():
            return usual(413)
        case UnreadablePostError():
            return usual(400)
        case DatabaseError():
            logger.warning("A request of the API failed: %s", error)
            return unavailable()
    logger.error("A request of the API failed", exc_info=error)
    return usual(500)


def _fields(error: ValidationError) -> dict[str, str]:
    """By the name that the caller knows: the place ("body", "query") and the name of our argument say nothing."""
    fields = {}
    for each in error.errors:
        place = [str(part) for part in each["loc"]]
        named = place[2:] if place[0] in ("body", "form") else place[1:]
        fields[".".join(named) or place[0]] = each["msg"]
    return fields


def handle_errors(api: NinjaAPI) -> None:
    def handle(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
        return translated(error if isinstance(error, Exception) else error()).response()

    # The nearest class in the error's ancestry decides, and Ninja has its own for some.
    for kind in (Exception, Http404, HttpError, ValidationError):
        api.add_exception_handler(kind, handle)


View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def told_in_json(view: View[P]) -> View[P]:
    """For views that are not Ninja's."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Exception as error:
            return translated(error).response()

    return guarded

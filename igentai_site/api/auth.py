"""Who asks, and whether they may: a token acts for its user, with the user's permissions at that moment.

A signed-in browser may read, too. It changes nothing through the API: what changes something needs a token, which no
browser sends by itself, so a page of another site cannot have it done.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from typing import Concatenate, ParamSpec, cast

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from ninja.security.base import AuthBase

from igentai_site.api import tokens
from igentai_site.api.errors import ApiError
from igentai_site.api.models import ApiToken
from igentai_site.api.rates import allowances
from igentai_site.team.recording import record_refusal
from topics.refusals import must_change_password, refusal

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HOW_TO_SEND = "Send the header 'Authorization: Bearer TOKEN', with a token from the page API tokens."
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Caller:
    """`token_id`: of the token that was sent; None for a signed-in browser, which has a session.

    `key` tells callers apart where they are counted: each token has its own limits.
    """

    user: User
    key: str
    token_id: int | None
    read_only: bool
    session_key: str | None = None


class Token(AuthBase):
    """For Ninja: lets a caller through who has the permission. Its name is in the OpenAPI description."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, permission: str = "") -> None:
        self.permission = permission
        super().__init__()

    def __call__(self, request: HttpRequest) -> Caller:
        caller = _caller(request)
        refuse_who_asks_too_often(caller)
        if caller.read_only and request.method not in SAFE:
            record_refusal(request, caller.user, "the token may only read")
            raise ApiError(403, "read_only", "This token may only read.", "Use one that is not read-only.")
        if reason := why_not(caller.user, self.permission):
            record_refusal(request, caller.user, reason)
            raise forbidden(reason, self.permission)
        return caller


def _caller(request: HttpRequest) -> Caller:
    header = request.headers.get("Authorization", "")
    if header:
        return _bearer(header)
    if request.method in SAFE and request.user.is_authenticated:
        refuse_who_is_out(request.user)
        return Caller(
            request.user, f"user {request.user.pk}", None, read_only=True, session_key=request.session.session_key
        )
    raise unauthorised("no_token", "This needs a token.")


def _bearer(header: str) -> Caller:
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise unauthorised("no_token", "The header Authorization has no bearer token.")
    token = tokens.find(secret.strip())
    if token is None:
        raise unauthorised("unknown_token", "There is no such token. It may have been revoked.")
    now = timezone.now()
    refuse_what_is_out(token)
    tokens.note_use(token, now)
    return Caller(token.user, f"token {token.hash}", token.pk, token.read_only)


def refuse_what_is_out(token: ApiToken) -> None:
    if token.expires_at and token.expires_at <= timezone.now():
        raise unauthorised("expired_token", "This token has expired.", "Make a new one on the page API tokens.")
    refuse_who_is_out(token.user)


def refuse_who_is_out(user: User) -> None:
    if not user.is_active:
        raise unauthorised("account_disabled", "The account is not active.", "Ask an administrator.")
    if must_change_password(user):
        todo = "Sign in to the portal and choose a password of your own; then the token works."
        raise unauthorised("password_change_needed", "The account's first password has not been changed.", todo)


def refuse_who_asks_too_often(caller: Caller) -> None:
    if not allowances.take(caller.key, time.monotonic()):
        raise too_many("Too many requests.", "Wait a second, then ask less often or for larger pages.")


def too_many(message: str, what_to_do: str) -> ApiError:
    return ApiError(429, "too_many", message, what_to_do, headers={"Retry-After": "1"})


def unauthorised(code: str, message: str, what_to_do: str = HOW_TO_SEND) -> ApiError:
    return ApiError(401, code, message, what_to_do, headers={"WWW-Authenticate": "Bearer"})


def why_not(user: User, permission: str) -> str:
    return refusal(user, permission) if permission else ""


def forbidden(reason: str, permission: str) -> ApiError:
    return ApiError(403, "forbidden", reason, f"It needs the permission {permission}.")


def still_allowed(caller: Caller, permission: str) -> ApiError | None:
    """Why a caller who is being served must no longer be, read anew; None: all is well."""
    try:
        user = _user_now(caller)
    except ApiError as error:
        return error
    reason = why_not(user, permission)
    return forbidden(reason, permission) if reason else None


def _user_now(caller: Caller) -> User:
    if caller.token_id is None:
        return _signed_in_user(caller.session_key)
    token = ApiToken.objects.select_related("user").filter(pk=caller.token_id).first()
    if token is None:
        raise unauthorised("unknown_token", "The token was revoked.")
    refuse_what_is_out(token)
    return token.user


def _signed_in_user(session_key: str | None) -> User:
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    if not user.is_authenticated:
        raise unauthorised("signed_out", "The session has ended.", "Sign in again.")
    refuse_who_is_out(user)
    return user


def caller_of(request: HttpRequest) -> Caller:
    """Whom Ninja has let through."""
    return cast(Caller, request.auth)  # type: ignore[attr-defined]


def permission_needed(
    permission: str,
) -> Callable[[Callable[Concatenate[HttpRequest, P], HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """For views that are not Ninja's."""
    check = Token(permission)

    def decorate(view: Callable[Concatenate[HttpRequest, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            check(request)
            return view(request, *args, **kwargs)

        return checked

    return decorate

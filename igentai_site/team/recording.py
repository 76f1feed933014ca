"""Writes down who signs in and out, who fails to, who is locked out, and what is refused to whom."""

from __future__ import annotations

import time
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.utils import timezone

from igentai_site.team.lockout import client_address
from igentai_site.team.models import AuditEvent
from igentai_site.team.sessions import BEGAN, USED

Kind = AuditEvent.Kind
LONGEST_NAME, LONGEST_DETAIL = 150, 200
NOBODY = "There is nobody of this name."
LOOKING = frozenset({"GET", "HEAD", "OPTIONS"})


def record(
    kind: AuditEvent.Kind,
    name: str,
    *,
    user: AbstractBaseUser | None = None,
    request: HttpRequest | None = None,
    detail: str = "",
) -> None:
    AuditEvent.objects.create(
        at=timezone.now(),
        kind=kind,
        user_id=user.pk if user else None,
        name=_storable(name)[:LONGEST_NAME],
        address=client_address(request) if request else None,
        detail=_storable(detail)[:LONGEST_DETAIL],
    )


def _storable(text: str) -> str:
    """PostgreSQL takes no NUL, which may stand in an address: what fails to be recorded would go unseen."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def record_refusal(request: HttpRequest, user: Any, reason: str) -> None:
    """Somebody tried to change what they may not. To be refused a look is no matter: links lead there."""
    if user.is_authenticated and request.method not in LOOKING:
        detail = f"{request.method} {request.path}: {reason}"
        record(Kind.REFUSED, user.get_username(), user=user, request=request, detail=detail)


def on_signed_in(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    # Here, as the session is saved anyway: the first page would write it once more.
    request.session[BEGAN] = request.session[USED] = time.time()
    record(Kind.SIGNED_IN, user.get_username(), user=user, request=request)


def on_signed_out(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    if user is not None:  # a stranger may press the button, too
        record(Kind.SIGNED_OUT, user.get_username(), user=user, request=request)


def on_failed(sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
    """Comes after axes has counted. What a lock turns away is not recorded: a guesser would fill the log."""
    if request is None or getattr(request, "axes_failures_since_start", None) is None:
        return
    name = str(credentials.get("username") or "")
    user = get_user_model()._default_manager.filter(username=name).first()
    record(Kind.FAILED, name, user=user, request=request, detail=_failed_at(request) if user else NOBODY)
    if request.axes_locked_out:
        record(Kind.LOCKED_OUT, name, user=user, request=request)


def _failed_at(request: HttpRequest) -> str:
    """Empty: at the page where everybody signs in."""
    page = request.resolver_match.view_name if request.resolver_match else ""
    return "With a session, as the old password for a new one." if page == "admin:password_change" else ""

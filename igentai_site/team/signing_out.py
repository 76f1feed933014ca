"""Signing out everywhere: whoever has lost a device ends the sessions that are open there."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from igentai_site.team.models import AuditEvent
from igentai_site.team.recording import record


def end_sessions(user: User, *, keep: str | None = None) -> int:
    """Sign the user out everywhere, but in the session of the key to keep; returns how many sessions ended.

    Whose a session is stands within it, so each is looked into: a team has few. One that is in use at this moment
    does not come back, as Django saves none that has gone. Open live pages and streams look again within seconds.
    """
    others = Session.objects.filter(expire_date__gt=timezone.now()).exclude(session_key=keep)
    theirs = [each.pk for each in others.iterator() if each.get_decoded().get(SESSION_KEY) == str(user.pk)]
    ended, _ = Session.objects.filter(pk__in=theirs).delete()
    return ended


def elsewhere_view(request: HttpRequest) -> HttpResponse:
    """One's own, but for the one that asks."""
    user = cast(User, request.user)
    if request.method != "POST":
        return _confirmation(request, user, is_own=True, back=reverse("admin:password_change"))
    ended = end_sessions(user, keep=request.session.session_key)
    _record(user, f"Everywhere else: {_sessions(ended)}.", request)
    messages.success(request, f"You are signed out everywhere else: {_sessions(ended)} ended.")
    return HttpResponseRedirect(reverse("admin:index"))


def member_view(request: HttpRequest, member: User) -> HttpResponse:
    """All of a member's, by an administrator: whether that one may is for the caller to know."""
    back = reverse("admin:auth_user_change", args=[member.pk])
    if request.method != "POST":
        return _confirmation(request, member, is_own=False, back=back)
    ended = end_sessions(member)
    _record(member, f"Everywhere, by {request.user.get_username()}: {_sessions(ended)}.")
    messages.success(request, f"{member.get_username()} is signed out everywhere: {_sessions(ended)} ended.")
    return HttpResponseRedirect(back)


def _confirmation(request: HttpRequest, member: User, *, is_own: bool, back: str) -> HttpResponse:
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "Sign out everywhere else" if is_own else f"Sign {member.get_username()} out everywhere",
        "member": member,
        "is_own": is_own,
        "tokens": member.api_tokens.count(),
        "back": back,
    }
    return render(request, "team/sign_out.html", context)


def _record(member: User, detail: str, request: HttpRequest | None = None) -> None:
    """The address is the member's own, so it is not that of an administrator."""
    record(AuditEvent.Kind.SIGNED_OUT, member.get_username(), user=member, request=request, detail=detail)


def _sessions(number: int) -> str:
    return "1 session" if number == 1 else f"{number} sessions"

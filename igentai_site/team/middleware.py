"""What holds for each page of a member: sessions end, and a password that others know is changed first."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin

from igentai_site.team.sessions import BEGAN, USED, Step, step
from topics.refusals import PASSWORD_FIRST, must_change_password

# Where one signs in and out, and changes the password; a catalogue of words that these pages may load.
ALWAYS_OPEN = frozenset({"admin:login", "admin:logout", "admin:password_change", "admin:jsi18n"})


class TeamMiddleware(MiddlewareMixin):
    """Just before the view, when it is known which one it is. Costs no query beyond those of session and user."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], arguments: Any, keywords: Any
    ) -> HttpResponse | None:
        if not request.user.is_authenticated:
            return None
        self._age(request)
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in ALWAYS_OPEN or not must_change_password(request.user):
            return None
        return _to_the_password(request)

    def _age(self, request: HttpRequest) -> None:
        now, session = time.time(), request.session
        match step(now, session.get(BEGAN), session.get(USED)):
            case Step.TOUCH:
                session.setdefault(BEGAN, now)
                session[USED] = now
            case Step.END:
                logout(request)  # the view finds a stranger, and asks to sign in


def _to_the_password(request: HttpRequest) -> HttpResponse:
    """People are led to the page and come back; programs are told."""
    if "text/html" not in request.headers.get("Accept", ""):
        return JsonResponse({"detail": PASSWORD_FIRST}, status=403)
    back = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("admin:index")
    return HttpResponseRedirect(f"{reverse('admin:password_change')}?{urlencode({'next': back})}")

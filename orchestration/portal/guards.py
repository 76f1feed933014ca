"""Who may look at what, for pages and for what pages fetch."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import resolve_url

from topics.refusals import SIGN_IN_FIRST

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def permission_needed(permission: str) -> Callable[[View[P]], View[P]]:
    """Strangers sign in first; members without the permission are refused. A script is told in JSON."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return _stranger(request)
            if request.user.has_perm(permission):
                return view(request, *args, **kwargs)
            raise PermissionDenied(permission)  # whoever answers says which right it is

        return checked

    return decorate


def is_script(request: HttpRequest) -> bool:
    """Whether it was our page's script that asked, which reads no HTML."""
    return request.headers.get("Accept") == "application/json"


def _stranger(request: HttpRequest) -> HttpResponse:
    if is_script(request):
        return JsonResponse({"detail": SIGN_IN_FIRST}, status=401)
    return redirect_to_login(request.get_full_path(), resolve_url("admin:login"))

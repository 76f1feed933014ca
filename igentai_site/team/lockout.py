"""Who fails to sign in too often waits: what django-axes asks of us, and the page that says how long."""

from __future__ import annotations

from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from igentai_site.team.limits import COOL_OFF, PAIR_LIMIT, Limit, folded_address, limits, opens_at

TOO_MANY_REQUESTS = 429


class Handler(AxesDatabaseHandler):  # type: ignore[misc]
    """axes knows one limit; where another of ours is reached, its own counts as reached."""

    def get_failures(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        of_the_pair: int = super().get_failures(request, credentials)
        if of_the_pair >= PAIR_LIMIT:
            return of_the_pair
        name = (credentials or {}).get("username")
        too_many = any(_failed(limit) >= limit.most for limit in limits(name, request.axes_ip_address))
        return PAIR_LIMIT if too_many else of_the_pair


def _recent(limit: Limit) -> QuerySet[Any]:
    recent: QuerySet[Any] = AccessAttempt.objects.filter(**limit.by, attempt_time__gte=timezone.now() - COOL_OFF)
    return recent


def _failed(limit: Limit) -> int:
    return _recent(limit).aggregate(number=Sum("failures_since_start"))["number"] or 0


def locked_page(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """The answer to whoever is locked out: in our look, with the time when it is over."""
    # Under ASGI axes passes the credentials in the place of the response; it keeps them here in any case.
    name = (getattr(request, "axes_credentials", None) or {}).get("username")
    ends = [
        opens_at(_recent(limit).values_list("attempt_time", "failures_since_start"), limit.most)
        for limit in limits(name, getattr(request, "axes_ip_address", None))
    ]
    now = timezone.now()
    until = max((end for end in ends if end), default=now + COOL_OFF)
    seconds = max(1, int((until - now).total_seconds()))
    context = {"until": until, "minutes": -(-seconds // 60), "name": name}
    answer = render(request, "team/locked_out.html", context, status=TOO_MANY_REQUESTS)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def client_address(request: HttpRequest) -> str | None:
    """Whose failures are counted together.

    In a deployment it is what the proxy saw, the address it added last; what a client claims stands before that.
    """
    named = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-1] if settings.DEPLOYED else ""
    return folded_address(named) or folded_address(request.META.get("REMOTE_ADDR", ""))

"""The home page: its parts, which it fetches again every few seconds, and the buttons of the first steps."""

from __future__ import annotations

import os
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from orchestration.home import facts, needs, present
from orchestration.home.steps import all_done, key_variables, step_facts, steps
from orchestration.jobs.health import jobs_trouble
from orchestration.key_names import is_set
from orchestration.portal.queries import engine_is_running
from orchestration.provider_facts import command_to_test
from orchestration.sample import sample_topic
from topics.commands import COMMANDS, carry_out
from topics.models import Topic
from topics.refusals import refusal

DISMISSED = "igentai_first_steps"
YEAR = 365 * 24 * 60 * 60
# A day's requests are many: all viewers together look at them this often.
TODAY_SECONDS = 5
TO_START = ("topics.add_topic", "topics.change_topic")


def parts_view(request: HttpRequest) -> HttpResponse:
    """The parts of the page alone, for a page that is open."""
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    return remembering(TemplateResponse(request, "admin/home/parts.html", home_context(request)))


def remembering(response: TemplateResponse) -> TemplateResponse:
    """Who has taken all the first steps is not asked about them again."""
    if (response.context_data or {}).get("has_finished"):
        _dismiss(response)
    return response


def home_context(request: HttpRequest) -> dict[str, Any]:
    """Everything that the page shows to this user."""
    if not request.user.has_perm("topics.view_topic"):
        return {"may_view": False}
    now = timezone.now()
    return {"may_view": True, "home_url": reverse("admin:home_parts"), **_state(now), **_first_steps(request)}


def _state(now: datetime) -> dict[str, Any]:
    runs, day, providers = facts.running(), _today(now), facts.providers()
    engine = engine_is_running(now)
    return {
        "engine_running": engine,
        "running": [present.running_row(run) for run in runs],
        "asked": [present.asked_row(asked) for asked in facts.asked()],
        "today": present.today_words(day, providers, settings.DAILY_CAP_USD),
        "needs": [
            *needs.engine_need(engine),
            *needs.jobs_need(jobs_trouble()),
            *needs.run_needs(facts.in_trouble(now)),
            *needs.producer_needs(facts.failed_producers()),
            *needs.warning_needs(runs),
            *needs.provider_needs(providers, day.by_provider, os.environ, partial(is_set, environ=os.environ)),
        ],
        "recent": [present.over_row(run, now) for run in facts.recent()],
    }


def _today(now: datetime) -> facts.Today:
    key = f"home-today-{now:%Y%m%d}"
    found: facts.Today | None = cache.get(key)
    if found is None:
        found = facts.today(now)
        cache.set(key, found, TODAY_SECONDS)
    return found


def _first_steps(request: HttpRequest) -> dict[str, Any]:
    if DISMISSED in request.COOKIES:
        return {}
    taken = step_facts()
    found = steps(taken)
    if all_done(found):
        return {"has_finished": True}
    return {
        "steps": found,
        "own_provider": taken.own_provider,
        "command_to_test": taken.own_provider and command_to_test(taken.own_provider, os.environ),
        "keys": [(name, is_set(name, os.environ)) for name in key_variables()],
        "may_not_start": _may_not_start(request),
        "may_not_add": refusal(request.user, "producers.add_provider"),
        "newest_topic": Topic.objects.filter(starts__gt=0).order_by("-pk").values_list("pk", flat=True).first(),
    }


def _may_not_start(request: HttpRequest) -> str:
    return next(filter(None, (refusal(request.user, permission) for permission in TO_START)), "")


def sample_view(request: HttpRequest) -> HttpResponse:
    """One click: the sample topic is made and started, unless it was before; then its live page."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    for permission in TO_START:
        if not request.user.has_perm(permission):
            raise PermissionDenied(permission)
    topic = sample_topic()
    if not topic.starts:
        carry_out(COMMANDS["start_over"], Topic.objects.filter(pk=topic.pk), request.user)  # type: ignore[arg-type]
    return HttpResponseRedirect(reverse("portal:live", args=[topic.pk]))


def dismiss_view(request: HttpRequest) -> HttpResponse:
    """The box with the first steps goes, in this browser."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    response = HttpResponseRedirect(reverse("admin:index"))
    _dismiss(response)
    return response


def _dismiss(response: HttpResponse) -> None:
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(DISMISSED, "taken", max_age=YEAR, httponly=True, secure=secure, samesite="Lax")

"""The live page of a topic, and the commands that people give there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render, resolve_url
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from orchestration.portal import queries
from orchestration.portal.present import buttons, entry_values, state_values
from topics.commands import COMMANDS, carry_out, with_something_to_lose
from topics.models import Topic
from topics.refusals import refusal

FIRST_ROWS = 200

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def permission_needed(permission: str) -> Callable[[View[P]], View[P]]:
    """Strangers sign in first; members without the permission are refused."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), resolve_url("admin:login"))
            if not request.user.has_perm(permission):
                raise PermissionDenied(permission)  # the page that refuses says which right it is
            return view(request, *args, **kwargs)

        return checked

    return decorate


@require_GET
@never_cache
@permission_needed("topics.view_topic")
def live(request: HttpRequest, topic_id: int) -> HttpResponse:
    reading = queries.read_newest(topic_id, FIRST_ROWS)
    if reading is None:
        raise Http404("There is no such topic.")
    may_not_command = refusal(request.user, "topics.change_topic")
    context = {
        **admin.site.each_context(request),
        "title": reading.state.topic.name,
        "topic_id": topic_id,
        "cursor": reading.entries[0].id if reading.entries else 0,
        "list_number": reading.state.list.number,
        "state": state_values(reading.state),
        "entries": [entry_values(entry) for entry in reading.entries],
        "may_command": not may_not_command,
        "may_not_command": may_not_command,
    }
    return render(request, "portal/live.html", context)


@require_POST
@permission_needed("topics.change_topic")
def command(request: HttpRequest, topic_id: int, command: str) -> HttpResponse:
    """Start over, pause, resume or stop, as a button of the live page asks; then back to it."""
    asked = COMMANDS.get(command)
    if asked is None:
        raise Http404("There is no such command.")
    topic = get_object_or_404(Topic, pk=topic_id)
    back = reverse("portal:live", args=[topic_id])
    losing = with_something_to_lose(Topic.objects.filter(pk=topic_id)) if asked.replaces_list else []
    if losing and "confirmed" not in request.POST:
        return _confirmation(request, losing, back)
    objection = _objection(topic_id, asked.name)
    if objection:
        messages.warning(request, objection)
    else:
        carry_out(asked, Topic.objects.filter(pk=topic_id), request.user)  # type: ignore[arg-type]
        messages.success(request, f"{topic} was {asked.done}.")
    return HttpResponseRedirect(back)


def _objection(topic_id: int, name: str) -> str:
    """Why the command is of no use, as the page may not have known when it was pressed."""
    topic = queries.topic_state(topic_id)
    if topic is None:
        return "This topic is gone."
    return buttons(topic, queries.run_state(topic_id))[name].objection


def _confirmation(request: HttpRequest, losing: list[Topic], back: str) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": "Start over?",
        "opts": Topic._meta,
        "losing": losing,
        "back": back,
        "repeated": [],
    }
    return render(request, "admin/topics/topic/start_over.html", context)

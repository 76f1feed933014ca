"""The live page of a topic, and the commands that people give there."""

from __future__ import annotations

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST

from orchestration.portal import act_views, queries
from orchestration.portal.data_views import MOST_ROWS, wanted_by
from orchestration.portal.guards import permission_needed
from orchestration.portal.present import buttons, entry_values
from orchestration.portal.sections import marks_of, section_texts, section_values
from topics.commands import COMMANDS, carry_out, with_something_to_lose
from topics.models import Topic
from topics.refusals import refusal

ACTS = {
    "restart": act_views.RESTARTING,
    "weigh": act_views.WEIGHING,
    "add": act_views.ADDING,
    "leave_out": act_views.LEAVING_OUT,
}


@require_GET
@never_cache
@gzip_page
@permission_needed("topics.view_topic")
def live(request: HttpRequest, topic_id: int) -> HttpResponse:
    wanted = wanted_by(request.GET)
    reading = queries.read_newest(topic_id, MOST_ROWS, wanted)
    if reading is None:
        raise Http404("There is no such topic.")
    may_not_command = refusal(request.user, "topics.change_topic")
    sections = section_values(reading)
    context = {
        **admin.site.each_context(request),
        "title": reading.state.topic.name,
        "topic_id": topic_id,
        "cursor": reading.cursor,
        "list_number": reading.state.list.number,
        "state": sections,
        # What scripts paint by themselves, and how they know it is what the server has.
        "sections": sections | {"marks": marks_of(section_texts(reading))},
        "entries": [entry_values(entry) for entry in reading.entries],
        "wanted": wanted,
        "may_command": not may_not_command,
        "may_not_command": may_not_command,
        "why_not": {name: refusal(request.user, permission) for name, permission in ACTS.items()},
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
        messages.success(request, f"{topic} was {asked.done_to([topic])}.")
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
        "going_on": list(Topic.objects.filter(pk__in=[topic.pk for topic in losing]).running()),
        "back": back,
        "repeated": [],
    }
    return render(request, "admin/topics/topic/start_over.html", context)

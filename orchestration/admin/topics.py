"""Topics in the admin: how they are, in words, beside what people configured; their commands, a preview, a copy."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from orchestration.admin.runs import limits_words
from orchestration.admin.topic_form import FIELDSETS, AdvisedTopicForm
from orchestration.duplication import duplicate
from orchestration.portal import queries
from orchestration.portal.present import buttons
from orchestration.prompt_preview import preview
from orchestration.sentences import StateKind, counted
from orchestration.topic_states import count_entries, newest_run_of, of_kind, state_of, with_newest_run
from orchestration.when import when
from topics.admin import TopicAdmin
from topics.commands import COMMANDS
from topics.models import Topic

MOST_COPIES = 20
# What the preview reads from the form; it is shown before the form is complete.
PREVIEWED = ("name", "prompt", "partition")
CHOSEN = re.compile(r"chosen_providers-\d+-provider")


# By what they are called in the list; what is between two of them is one.
KINDS = (
    (StateKind.RUNNING, "Running"),
    (StateKind.PAUSED, "Paused"),
    (StateKind.WAITING, "Starting, stopping or waiting"),
    (StateKind.ENDED, "Ended"),
    (StateKind.FAILED, "Failed"),
    (StateKind.IDLE, "Never started"),
)


class HowItIsFilter(admin.SimpleListFilter):
    title = "how it is"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(kind), words) for kind, words in KINDS]

    def queryset(self, request: HttpRequest, topics: QuerySet[Topic]) -> QuerySet[Topic]:
        kind = self.value()
        return of_kind(topics, StateKind(kind)) if kind in list(StateKind) else topics


class TopicList(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        count_entries(self.result_list)


class RunTopicAdmin(TopicAdmin):
    form = AdvisedTopicForm
    fieldsets: ClassVar[Any] = FIELDSETS
    list_display = ("name", "how_it_is", "entries_found", "limits", "last_run", "live_page")
    list_filter = (HowItIsFilter,)
    list_per_page = 50
    actions = (*TopicAdmin.actions, "duplicate_selected")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Topic]:
        return with_newest_run(super().get_queryset(request))

    # The list

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return TopicList

    @admin.display(description="how it is")
    def how_it_is(self, topic: Topic) -> str:
        state = state_of(topic)
        return format_html(
            '<strong class="status" data-kind="{}">{}</strong> <bdi class="quiet">{}</bdi>',
            state.kind,
            state.words,
            state.detail,
        )

    @admin.display(description="entries", ordering="entries")
    def entries_found(self, topic: Any) -> str:
        return f"{topic.entries:,}"

    @admin.display(description="limits")
    def limits(self, topic: Topic) -> str:
        return limits_words(topic)

    @admin.display(description="last run", empty_value="never")
    def last_run(self, topic: Topic) -> str | None:
        run = newest_run_of(topic)
        return None if run is None else when(run.started_at, timezone.now())

    @admin.action(description="Duplicate", permissions=["add"])
    def duplicate_selected(self, request: HttpRequest, topics: QuerySet[Topic]) -> None:
        copies = [self._duplicate(request, topic) for topic in topics.order_by("pk")[:MOST_COPIES]]
        self.message_user(request, f"{len(copies)} topics were duplicated, without their lists.", messages.SUCCESS)

    # The page

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("preview/", wrap(self.preview_view), name="topics_topic_preview"),
            path("<int:topic_id>/duplicate/", wrap(self.duplicate_view), name="topics_topic_duplicate"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        topic = self.get_object(request, object_id)
        context = self._state_context(request, topic) if topic is not None else {}
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def _state_context(self, request: HttpRequest, topic: Any) -> dict[str, Any]:
        count_entries([topic])
        state = queries.topic_state(topic.pk)
        offered = buttons(state, queries.run_state(topic.pk)) if state is not None else {}
        return {
            "topic_state": state_of(topic),
            "buttons": [(name, button, button.objection) for name, button in offered.items() if name in COMMANDS],
            "entries": counted(topic.entries, "entry", "entries"),
        }

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """What would be asked and what it would cost, by what the form holds at this moment."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied("topics.view_topic")
        topic, chosen = form_values(request)
        context = {
            **self.admin_site.each_context(request),
            "title": "What a model is asked",
            "opts": self.opts,
            "preview": preview(topic, chosen),
        }
        return TemplateResponse(request, "admin/topics/topic/preview.html", context)

    def duplicate_view(self, request: HttpRequest, topic_id: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_add_permission(request) or not self.has_view_or_change_permission(request):
            raise PermissionDenied("topics.add_topic")
        topic = Topic.objects.filter(pk=topic_id).first()
        if topic is None:
            raise Http404("There is no such topic.")
        copy = self._duplicate(request, topic)
        self.message_user(request, f"This is a copy of “{topic}”, without its list.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:topics_topic_change", args=[copy.pk]))

    def _duplicate(self, request: HttpRequest, topic: Topic) -> Topic:
        copy = duplicate(topic)
        self.log_addition(request, copy, f"Duplicated from {topic}")
        return copy


def form_values(request: HttpRequest) -> tuple[Topic, list[int]]:
    """An unsaved topic with what the form holds, as far as it makes sense, and the ids of the chosen providers."""
    posted = {name: request.POST.get(name, "")[:10_000] for name in PREVIEWED}
    topic = Topic(**{**posted, "name": posted["name"].strip() or "(the name)"})
    size = request.POST.get("request_size", "")
    topic.request_size = min(int(size), 1000) if size.isascii() and size.isdigit() and len(size) < 6 else 60
    chosen = [value for name, value in request.POST.dict().items() if CHOSEN.fullmatch(name)]
    return topic, [
        int(value) for value in map(str, chosen) if value.isascii() and value.isdigit() and len(value) < 10
    ]

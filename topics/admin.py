"""Topics as the team edits and commands them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import InlineModelAdmin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from topics.commands import COMMANDS, Command, carry_out, with_something_to_lose
from topics.models import Attribute, Topic

# Apps above this one append theirs.
topic_inlines: list[type[InlineModelAdmin[Any, Any]]] = []
# What has to be installed before topics can be divided in this way, or nothing; an app above knows.
missing_for_partition: dict[str, Callable[[], str]] = {}


class TopicForm(forms.ModelForm):  # type: ignore[type-arg]
    """Refuses what this installation cannot do."""

    def clean_partition(self) -> str:
        partition: str = self.cleaned_data["partition"]
        if partition in missing_for_partition and (missing := missing_for_partition[partition]()):
            raise forms.ValidationError(missing[:1].upper() + missing[1:] + ".")
        return partition


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """For what the engine observed: to look at, not to touch."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages through the first rows only: counting a million rows takes longer than anyone reads."""

    most = 10_000

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: self.most].count())


class BoundedAdmin(ReadOnlyAdmin):
    """For tables that grow without end: the newest rows, without counting the others."""

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    ordering = ("-id",)
    list_per_page = 50


class TopicAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Registered by the app above, which adds what it knows of runs."""

    form = TopicForm
    search_fields = ("name",)
    actions: tuple[str, ...] = ("start_over_selected", "pause_selected", "resume_selected", "stop_selected")
    save_on_top = False

    @admin.display(description="live page")
    def live_page(self, topic: Topic) -> str:
        return format_html('<a href="{}">Live</a>', reverse("portal:live", args=[topic.pk]))

    def get_inlines(self, request: HttpRequest, obj: Topic | None) -> list[type[InlineModelAdmin[Any, Any]]]:
        return [each for each in topic_inlines if obj is not None or not getattr(each, "of_saved_topics", False)]

    def get_urls(self) -> list[URLPattern]:
        command = path(
            "<int:topic_id>/command/<slug:name>/",
            self.admin_site.admin_view(self.command_view),
            name="topics_topic_command",
        )
        return [command, *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Topic, form: Any, change: bool) -> None:
        obj.save_settings()

    # Commands

    def command_view(self, request: HttpRequest, topic_id: int, name: str) -> HttpResponse:
        """A button of the change page was pressed."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        topics = self.get_queryset(request).filter(pk=topic_id)
        topic = topics.first()
        if topic is None or name not in COMMANDS:
            raise Http404("There is no such topic or command.")
        if not self.has_change_permission(request, topic):
            raise PermissionDenied("topics.change_topic")
        back = reverse("admin:topics_topic_change", args=[topic_id])
        return self._command(request, COMMANDS[name], topics, back) or HttpResponseRedirect(back)

    @admin.action(description="Start over (replaces the list)", permissions=["change"])
    def start_over_selected(self, request: HttpRequest, topics: QuerySet[Topic]) -> HttpResponse | None:
        return self._command(request, COMMANDS["start_over"], topics, request.get_full_path())

    @admin.action(description="Pause", permissions=["change"])
    def pause_selected(self, request: HttpRequest, topics: QuerySet[Topic]) -> HttpResponse | None:
        return self._command(request, COMMANDS["pause"], topics, request.get_full_path())

    @admin.action(description="Resume", permissions=["change"])
    def resume_selected(self, request: HttpRequest, topics: QuerySet[Topic]) -> HttpResponse | None:
        return self._command(request, COMMANDS["resume"], topics, request.get_full_path())

    @admin.action(description="Stop", permissions=["change"])
    def stop_selected(self, request: HttpRequest, topics: QuerySet[Topic]) -> HttpResponse | None:
        return self._command(request, COMMANDS["stop"], topics, request.get_full_path())

    def _command(
        self, request: HttpRequest, command: Command, topics: QuerySet[Topic], back: str
    ) -> HttpResponse | None:
        """Carry it out and return None, or return the page that asks for a confirmation first."""
        losing = with_something_to_lose(topics) if command.replaces_list else []
        if losing and "confirmed" not in request.POST:
            return self._confirmation(request, losing, back)
        done = command.done_to(list(topics))
        asked = carry_out(command, topics, request.user)  # type: ignore[arg-type]
        names = f"{asked} topic{'s' if asked != 1 else ''}"
        self.message_user(request, f"{names} {done}.", messages.SUCCESS)
        return None

    def _confirmation(self, request: HttpRequest, losing: list[Topic], back: str) -> HttpResponse:
        # What was posted comes again with the confirmation: the bulk action and its selection.
        repeated = [(name, value) for name, values in request.POST.lists() for value in values]
        context = {
            **self.admin_site.each_context(request),
            "title": "Start over?",
            "opts": self.opts,
            "losing": losing,
            "going_on": list(Topic.objects.filter(pk__in=[topic.pk for topic in losing]).running()),
            "back": back,
            "repeated": [(name, value) for name, value in repeated if name != "csrfmiddlewaretoken"],
        }
        return TemplateResponse(request, "admin/topics/topic/start_over.html", context)

    # Deletion

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, Any], set[Any], list[Any]]:
        """A summary: Django's own would load every entry of the list, and ask for the right to delete it."""
        topics = list(objs)
        running = Topic.objects.filter(pk__in=[topic.pk for topic in topics]).under_way()
        entries = Attribute.objects.filter(topic__in=topics).count()
        # The folder's place depends on how the engine was started, so that only its name is known here.
        named = [
            f"Topic: {topic} (with its list, runs and statistics). The files in its folder {topic.folder} "
            "among the outputs stay: delete them by hand."
            for topic in topics
        ]
        counts = {
            Topic._meta.verbose_name_plural: len(topics),
            Attribute._meta.verbose_name_plural: f"{entries:,}",
        }
        return named, counts, set(), [f"{topic} is under way: stop it first." for topic in running]

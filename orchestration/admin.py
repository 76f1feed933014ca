"""What the engine observed, to look at: runs, requests and prompts."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator

from orchestration.clusters import missing_for_clusters
from orchestration.entries.admin import EntryAdmin
from orchestration.exported_facts import facts_of_list
from orchestration.jobs import admin as jobs_admin  # noqa: F401 - its pages
from orchestration.models import Decision, Prompt, Request, Run, RunFigures
from orchestration.part_admin import PartInline
from orchestration.projections import projected_for
from orchestration.provider_admin import ProbedProviderAdmin
from producers.models import Provider
from topics.admin import BoundedAdmin, cost_projections, missing_for_partition, topic_inlines
from topics.exports.producing import list_facts
from topics.models import Attribute, Partition
from topics.schedule_admin import ScheduleInline

NOTHING = "nothing"

admin.site.register(Attribute, EntryAdmin)
admin.site.register(Provider, ProbedProviderAdmin)
cost_projections.append(projected_for)
topic_inlines.append(PartInline)
list_facts.append(facts_of_list)
topic_inlines.append(ScheduleInline)
missing_for_partition[Partition.SEMANTIC] = missing_for_clusters


@admin.register(Run)
class RunAdmin(BoundedAdmin):
    list_display = (
        "topic",
        "number",
        "state",
        "stop_reason",
        "unique",
        "candidates",
        "requests",
        "failed_requests",
        "cost_usd",
        "started_at",
        "live_page",
    )
    list_display_links = ("topic", "number")
    list_filter = ("state", "topic")
    list_select_related = ("topic",)

    @admin.display(description="live page")
    def live_page(self, run: Run) -> str:
        return format_html('<a href="{}">Live</a>', reverse("portal:live", args=[run.topic_id]))


@admin.register(Request)
class RequestAdmin(BoundedAdmin):
    list_display = (
        "id",
        "run",
        "producer",
        "provider",
        "outcome",
        "candidates",
        "unique",
        "response_time_ms",
        "cost_usd",
        "finished_at",
    )
    list_filter = ("outcome", "provider")
    list_select_related = ("run__topic", "producer", "provider")
    exclude = ("repeats",)
    readonly_fields = ("repeated",)

    @admin.display(description="repeated")
    def repeated(self, request: Request) -> str:
        return f"{len(request.repeats) // 8} known entries"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset = super().get_queryset(request)
        # Up to some thousand ids in each row, of which the list shows nothing.
        is_list = request.resolver_match is not None and "object_id" not in request.resolver_match.kwargs
        return queryset.defer("repeats") if is_list else queryset


@admin.register(RunFigures)
class RunFiguresAdmin(BoundedAdmin):
    list_display = ("run", "updated_at")
    list_select_related = ("run__topic",)
    ordering = ("-run_id",)
    fields = ("run", "updated_at", "figures")
    readonly_fields = fields

    @admin.display(description="figures")
    def figures(self, figures: RunFigures) -> str:
        return format_html("<pre>{}</pre>", json.dumps(figures.data, indent=2, ensure_ascii=False))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset = super().get_queryset(request)
        is_list = request.resolver_match is not None and "object_id" not in request.resolver_match.kwargs
        return queryset.defer("data") if is_list else queryset


@admin.register(Decision)
class DecisionAdmin(BoundedAdmin):
    list_display = ("taken", "run", "kind", "subject", "change", "reason")
    list_display_links = ("taken",)
    list_filter = ("kind", "run__topic")
    list_select_related = ("run__topic",)
    ordering = ("-id",)

    @admin.display(description="time", ordering="at")
    def taken(self, decision: Decision) -> str:
        return timezone.localtime(decision.at).strftime("%Y-%m-%d %H:%M:%S")

    @admin.display(description="change")
    def change(self, decision: Decision) -> str:
        return Truncator(f"{decision.before or NOTHING} → {decision.after or NOTHING}").chars(160)


@admin.register(Prompt)
class PromptAdmin(BoundedAdmin):
    list_display = ("hash", "beginning")
    ordering = ("hash",)
    search_fields = ("hash", "text")

    @admin.display(description="text")
    def beginning(self, prompt: Prompt) -> str:
        return Truncator(prompt.text).chars(120)

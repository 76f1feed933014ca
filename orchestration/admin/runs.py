"""Runs in the admin, readable: how each stands, in sentences, and its figures in tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from orchestration.figure_tables import tables_of
from orchestration.logic.money import cost_words
from orchestration.models import Run, RunFigures
from orchestration.sentences import ending, run_state
from orchestration.when import NEVER, span_words, when
from topics.admin import BoundedAdmin

STYLES = {"all": ("igentai/figures.css",)}


class RunAdmin(BoundedAdmin):
    list_display = ("topic_name", "number", "how_it_is", "why", "new_entries", "cost", "took", "began", "live_page")
    list_display_links = ("topic_name", "number")
    list_filter = ("state", "topic")
    list_select_related = ("topic",)
    fieldsets = (
        (None, {"fields": ("topic", "number", "how_it_is", "why", "began", "ended", "took", "links")}),
        ("What it found and spent", {"fields": ("counts", "cost", "tokens", "warning")}),
        ("Its limits", {"fields": ("limits", "producer_count")}),
        ("In figures", {"fields": ("figures_told",)}),
    )
    readonly_fields = (
        "how_it_is", "why", "began", "ended", "took", "links", "counts", "cost", "tokens", "limits", "figures_told",
    )  # fmt: skip

    class Media:
        css = STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset = super().get_queryset(request)
        return queryset if is_list(request) else queryset.select_related("figures")

    @admin.display(description="topic", ordering="topic__name")
    def topic_name(self, run: Run) -> str:
        return run.topic.name

    @admin.display(description="state", ordering="state")
    def how_it_is(self, run: Run) -> str:
        state = run_state(run.state)
        return format_html('<span class="status" data-kind="{}">{}</span>', state.kind, state.words)

    @admin.display(description="why it ended")
    def why(self, run: Run) -> str:
        return NEVER if run.ended_at is None else ending(run.stop_reason, run.stop_detail)

    @admin.display(description="new entries", ordering="unique")
    def new_entries(self, run: Run) -> str:
        return f"{run.unique:,}"

    @admin.display(description="cost", ordering="cost_usd")
    def cost(self, run: Run) -> str:
        return cost_words(run.cost_usd, run.unpriced_requests, run.lost_usd)

    @admin.display(description="under way for", ordering="active_seconds")
    def took(self, run: Run) -> str:
        return span_words(run.active_seconds)

    @admin.display(description="began", ordering="started_at")
    def began(self, run: Run) -> str:
        return when(run.started_at, timezone.now())

    @admin.display(description="ended", ordering="ended_at")
    def ended(self, run: Run) -> str:
        return when(run.ended_at, timezone.now())

    @admin.display(description="live page")
    def live_page(self, run: Run) -> str:
        return format_html('<a href="{}">Live</a>', reverse("portal:live", args=[run.topic_id]))

    @admin.display(description="see also")
    def links(self, run: Run) -> str:
        return format_html(
            '<a href="{}">Live page</a>, <a href="{}?run__id__exact={}">its requests</a>, '
            '<a href="{}?run__id__exact={}">its decisions</a>',
            reverse("portal:live", args=[run.topic_id]),
            reverse("admin:orchestration_request_changelist"),
            run.pk,
            reverse("admin:orchestration_decision_changelist"),
            run.pk,
        )

    @admin.display(description="counts")
    def counts(self, run: Run) -> str:
        new = f" ({run.unique / run.candidates:.1%})" if run.candidates else ""
        return (
            f"{run.unique:,} new of {run.candidates:,} candidates{new}, in {run.requests:,} requests, of which "
            f"{run.failed_requests:,} failed; {run.rejected:,} could not be entries"
        )

    @admin.display(description="tokens")
    def tokens(self, run: Run) -> str:
        return f"{run.tokens_in:,} in, {run.tokens_out:,} out"

    @admin.display(description="limits")
    def limits(self, run: Run) -> str:
        return limits_words(run)

    @admin.display(description="figures")
    def figures_told(self, run: Run) -> str:
        row = getattr(run, "figures", None)
        return figures_html(row.data if row is not None else {})


class RunFiguresAdmin(BoundedAdmin):
    list_display = ("run", "as_of")
    list_select_related = ("run__topic",)
    ordering = ("-run_id",)
    fields = ("run", "as_of", "tables")
    readonly_fields = fields

    class Media:
        css = STYLES

    @admin.display(description="as of", ordering="updated_at")
    def as_of(self, figures: RunFigures) -> str:
        return when(figures.updated_at, timezone.now())

    @admin.display(description="figures")
    def tables(self, figures: RunFigures) -> str:
        return figures_html(figures.data)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset = super().get_queryset(request)
        return queryset.defer("data") if is_list(request) else queryset.select_related("run__topic")


def is_list(request: HttpRequest) -> bool:
    """Whether many rows are shown, so that what is large in each had better stay unread."""
    return request.resolver_match is not None and "object_id" not in request.resolver_match.kwargs


def figures_html(data: Mapping[str, Any]) -> str:
    as_json = json.dumps(data, indent=2, ensure_ascii=False) if data else ""
    return render_to_string("admin/orchestration/figures.html", {"tables": tables_of(data), "json": as_json})


def limits_words(limited: Any) -> str:
    """The limits of a topic or a run on one line."""
    words = [
        f"{limited.target:,} entries" if limited.target else "",
        f"${limited.budget_usd.normalize():f}" if limited.budget_usd is not None else "",
        f"{limited.minutes:g} min" if limited.minutes else "",
        f"{limited.iterations:,} requests per producer" if limited.iterations else "",
        f"{limited.coverage:.0%} coverage" if limited.coverage else "",
        f"${limited.price_usd.normalize():f} for the next 100" if limited.price_usd is not None else "",
    ]
    return ", ".join(filter(None, words)) or "none"

"""Requests and decisions in the admin: what was asked of whom, what came of it, and what was changed and why."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator

from orchestration.admin.runs import is_list
from orchestration.logic.money import UNKNOWN, usd
from orchestration.models import Decision, Request
from orchestration.sentences import Kind
from orchestration.when import when
from topics.admin import BoundedAdmin

NOTHING = "nothing"
OUTCOMES = {
    Request.Outcome.COMPLETE: (Kind.GOOD, "complete"),
    Request.Outcome.CUT: (Kind.BUSY, "cut short"),
    Request.Outcome.FAILED: (Kind.BAD, "failed"),
}


class RequestAdmin(BoundedAdmin):
    list_display = ("id", "at", "run", "provider", "producer", "how_it_went", "brought", "took", "cost")
    list_filter = ("outcome", "provider")
    list_select_related = ("run__topic", "producer", "provider")
    fieldsets = (
        (None, {"fields": ("run", "producer", "provider", "at", "how_it_went", "error", "finish_reason")}),
        ("What was asked", {"fields": ("prompt_text", "part", "style", "asked_for", "purpose", "probe")}),
        ("What came", {"fields": ("brought", "repeated", "rejected", "fitting")}),
        ("What it took", {"fields": ("took", "tokens", "cost", "rates")}),
        ("What the filter of known entries did", {"fields": ("filtered",), "classes": ("collapse",)}),
    )
    readonly_fields = (
        "at", "how_it_went", "prompt_text", "part", "brought", "repeated", "fitting", "took", "tokens", "cost",
        "rates", "filtered",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset = super().get_queryset(request)
        # Up to some thousand ids in each row, of which the list shows nothing.
        return queryset.defer("repeats") if is_list(request) else queryset.select_related("prompt")

    @admin.display(description="when", ordering="finished_at")
    def at(self, request: Request) -> str:
        return when(request.finished_at, timezone.now())

    @admin.display(description="outcome", ordering="outcome")
    def how_it_went(self, request: Request) -> str:
        kind, words = OUTCOMES.get(Request.Outcome(request.outcome), (Kind.IDLE, request.outcome))
        error = f": {request.error_kind.replace('_', ' ')}" if request.error_kind else ""
        return format_html('<span class="status status-wide" data-kind="{}">{}{}</span>', kind, words, error)

    @admin.display(description="new of candidates", ordering="unique")
    def brought(self, request: Request) -> str:
        return f"{request.unique:,} of {request.candidates:,}"

    @admin.display(description="took", ordering="response_time_ms")
    def took(self, request: Request) -> str:
        return f"{request.response_time_ms / 1000:,.2f} s"

    @admin.display(description="cost", ordering="cost_usd")
    def cost(self, request: Request) -> str:
        return UNKNOWN if request.cost_usd is None else usd(request.cost_usd)

    @admin.display(description="part")
    def part(self, request: Request) -> str:
        return request.partition or "the whole topic"

    @admin.display(description="of this part", empty_value="not known")
    def fitting(self, request: Request) -> str | None:
        """How many of the candidates were of the part that was asked for."""
        share = request.partition_coherence
        return None if share is None else f"{share:.0%} of the candidates"

    @admin.display(description="repeated")
    def repeated(self, request: Request) -> str:
        return f"{len(request.repeats) // 8:,} known entries"

    @admin.display(description="prompt")
    def prompt_text(self, request: Request) -> str:
        url = reverse("admin:orchestration_prompt_change", args=[request.prompt_id])
        return format_html('<pre>{}</pre><a href="{}">This prompt</a>', request.prompt.text, url)

    @admin.display(description="tokens")
    def tokens(self, request: Request) -> str:
        estimated = ", estimated" if request.tokens_estimated else ""
        cached = f" ({request.tokens_cached:,} from the vendor's cache)" if request.tokens_cached else ""
        return f"{request.tokens_in:,} in{cached}, {request.tokens_out:,} out{estimated}"

    @admin.display(description="rates")
    def rates(self, request: Request) -> str:
        if request.input_rate is None or request.output_rate is None:
            return "unknown"
        return f"${request.input_rate.normalize():f} in, ${request.output_rate.normalize():f} out, per million tokens"

    @admin.display(description="filter")
    def filtered(self, request: Request) -> str:
        cut = f"; the answer was cut, which saved about {request.filter_tokens_saved:,} tokens"
        return (
            f"{request.filter_checked:,} candidates checked, {request.filter_probable:,} taken for known, "
            f"{request.filter_asked_back:,} of these wrongly{cut if request.filter_aborted else ''}"
        )


class DecisionAdmin(BoundedAdmin):
    list_display = ("at_time", "run", "kind_words", "subject", "change", "reason")
    list_display_links = ("at_time",)
    list_filter = ("kind", "run__topic")
    list_select_related = ("run__topic",)
    ordering = ("-id",)
    fields = ("run", "at_time", "kind_words", "subject", "before", "after", "reason")
    readonly_fields = ("at_time", "kind_words")

    @admin.display(description="when", ordering="at")
    def at_time(self, decision: Decision) -> str:
        return when(decision.at, timezone.now())

    @admin.display(description="what", ordering="kind")
    def kind_words(self, decision: Decision) -> str:
        return decision.kind.replace("_", " ")

    @admin.display(description="change")
    def change(self, decision: Decision) -> str:
        return Truncator(f"{decision.before or NOTHING} → {decision.after or NOTHING}").chars(160)

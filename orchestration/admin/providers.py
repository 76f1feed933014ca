"""Providers in the admin: their keys and health beside what people configured, and a button to try one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from orchestration.key_names import is_set
from orchestration.models import ProviderHealth
from orchestration.probing import lines_of, probe
from orchestration.provider_facts import Key, command_to_test, health_of, health_words, key_of, price_words, printable
from orchestration.sentences import Kind
from producers.admin import ProviderAdmin
from producers.models import Provider

HEALTH_KINDS: Mapping[str, Kind] = {
    ProviderHealth.State.READY: Kind.GOOD,
    ProviderHealth.State.PAUSED: Kind.BUSY,
    ProviderHealth.State.OUT: Kind.BAD,
}
TEST_SECONDS = 15.0  # a person is waiting for the page
NOT_HERE = (
    "Not tested: {variable} is not set in this process. The portal runs without keys by design, so it cannot make "
    "this call. On the server, where the key is, run: {command}"
)


class ProbedProviderAdmin(ProviderAdmin):
    """What `producers` configures, and what only the engine's side knows."""

    environ: Mapping[str, str] = os.environ
    list_display = ("name", "model_asked", "price", "weight", "key", "how_it_is", "enabled")
    list_select_related = ("health",)
    readonly_fields = ("key", "how_it_is", "price")
    change_form_template = "admin/producers/provider/change_form.html"

    def get_fieldsets(self, request: HttpRequest, obj: Provider | None = None) -> Any:
        """How a provider is now stands above its settings, once it is there."""
        fieldsets = super().get_fieldsets(request, obj)
        now = ("How it is now", {"fields": ("key", "how_it_is", "price")})
        return fieldsets if obj is None else [now, *fieldsets]

    @admin.display(description="model", ordering="model")
    def model_asked(self, provider: Provider) -> str:
        return f"{provider.model} ({provider.get_kind_display()})"

    @admin.display(description="price, USD per million tokens in/out")
    def price(self, provider: Provider) -> str:
        return price_words(provider)

    @admin.display(description="key")
    def key(self, provider: Provider) -> str:
        return marked(*key_words(key_of(provider, self.environ), self.environ))

    # Not named `health`: Django would take it for the relation of that name.
    @admin.display(description="health")
    def how_it_is(self, provider: Provider) -> str:
        health = health_of(provider)
        kind = HEALTH_KINDS.get(health.state, Kind.IDLE) if health is not None else Kind.IDLE
        return marked(kind, printable(health_words(provider, timezone.now()), 120))

    def get_urls(self) -> list[URLPattern]:
        test = path(
            "<int:provider_id>/test/", self.admin_site.admin_view(self.test_view), name="producers_provider_test"
        )
        return [test, *super().get_urls()]

    def test_view(self, request: HttpRequest, provider_id: int) -> HttpResponse:
        """The button was pressed: one small call as the provider is stored, then back to its page."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        provider = Provider.objects.filter(pk=provider_id).first()
        if provider is None:
            raise Http404("There is no such provider.")
        if not self.has_change_permission(request, provider):
            raise PermissionDenied("producers.change_provider")
        level, text = self._tested(request, provider)
        self.message_user(request, text, level)
        return HttpResponseRedirect(reverse("admin:producers_provider_change", args=[provider_id]))

    def _tested(self, request: HttpRequest, provider: Provider) -> tuple[int, str]:
        if command := command_to_test(provider, self.environ):
            variable = key_of(provider, self.environ).variable
            return messages.WARNING, NOT_HERE.format(variable=variable, command=command)
        result = probe(provider, self.environ, seconds=TEST_SECONDS)
        self.log_change(request, provider, f"Tested: {'it works' if result.ok else 'it failed'}.")
        return (messages.SUCCESS if result.ok else messages.ERROR), " ".join(
            ("Test:", *_as_sentences(lines_of(result)))
        )


def key_words(key: Key, environ: Mapping[str, str]) -> tuple[Kind, str]:
    """Whether the key is there, as far as the portal, which must not have it, was told."""
    if not key.is_elsewhere:
        return Kind.GOOD, key.words
    told = is_set(key.variable, environ)
    if told is None:
        return Kind.IDLE, f"{key.variable}: not in the portal"
    if told:
        return Kind.GOOD, f"{key.variable}: set where the engine runs"
    return (Kind.BAD if key.needed else Kind.IDLE), f"{key.variable}: not set where the engine runs"


def marked(kind: Kind, words: str) -> str:
    return format_html('<span class="status status-wide" data-kind="{}">{}</span>', kind, words)


def _as_sentences(lines: list[str]) -> list[str]:
    return [line if line.endswith((".", "…")) else f"{line}." for line in lines]

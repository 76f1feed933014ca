"""Providers in the admin: their keys and health beside what people configured, and a button to try one."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from orchestration.probing import lines_of, probe
from orchestration.provider_facts import Key, health_words, key_of, printable
from producers.admin import ProviderAdmin
from producers.models import Provider

TEST_SECONDS = 15.0  # a person is waiting for the page
NOT_HERE = (
    "Not tested: {variable} is not set in this process. The portal runs without keys by design, so it cannot make "
    "this call. On the server, where the key is, run: manage.py providers test {name}"
)


class ProbedProviderAdmin(ProviderAdmin):
    """What `producers` configures, and what only the engine's side knows."""

    environ: Mapping[str, str] = os.environ
    list_display = (*ProviderAdmin.list_display, "key", "how_it_is")
    list_select_related = ("health",)
    change_form_template = "admin/producers/provider/change_form.html"

    @admin.display(description="key")
    def key(self, provider: Provider) -> str:
        key = key_of(provider, self.environ)
        return f"{key.variable}: not in the portal" if _is_elsewhere(key) else key.words

    # Not named `health`: Django would take it for the relation of that name.
    @admin.display(description="health")
    def how_it_is(self, provider: Provider) -> str:
        return printable(health_words(provider, timezone.now()), 120)

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
            raise PermissionDenied
        level, text = self._tested(request, provider)
        self.message_user(request, text, level)
        return HttpResponseRedirect(reverse("admin:producers_provider_change", args=[provider_id]))

    def _tested(self, request: HttpRequest, provider: Provider) -> tuple[int, str]:
        key = key_of(provider, self.environ)
        if _is_elsewhere(key):
            name = shlex.quote(printable(provider.name, 100))
            return messages.WARNING, NOT_HERE.format(variable=key.variable, name=name)
        result = probe(provider, self.environ, seconds=TEST_SECONDS)
        self.log_change(request, provider, f"Tested: {'it works' if result.ok else 'it failed'}.")
        return (messages.SUCCESS if result.ok else messages.ERROR), " ".join(
            ("Test:", *_as_sentences(lines_of(result)))
        )


def _is_elsewhere(key: Key) -> bool:
    """Whether a key may be sent that the engine may have, and this process has not."""
    return bool(key.variable) and not key.present


def _as_sentences(lines: list[str]) -> list[str]:
    return [line if line.endswith((".", "…")) else f"{line}." for line in lines]

"""The page API tokens: everybody's own; whoever may delete tokens sees and revokes all."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from igentai_site.api.forms import TokenForm
from igentai_site.api.models import ApiToken
from igentai_site.api.tokens import give_secret

REVOKE_ANY = "api.delete_apitoken"


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_select_related = ("user",)
    fields = ("name", "prefix", "user", "may", "created_at", "last_used_at", "expires")
    readonly_fields = fields
    list_per_page = 50

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        owner = ("user",) if self._may_revoke_any(request) else ()
        return ("name", "begins_with", *owner, "may", "created_at", "last_used", "expires")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        tokens: QuerySet[ApiToken] = super().get_queryset(request)
        return tokens if self._may_revoke_any(request) else tokens.filter(user=request.user.pk)

    @admin.display(description="begins with", ordering="prefix")
    def begins_with(self, token: ApiToken) -> str:
        return f"{token.prefix}…"

    @admin.display(description="may", ordering="read_only")
    def may(self, token: ApiToken) -> str:
        return "read" if token.read_only else "what its owner may"

    @admin.display(description="last used", ordering="last_used_at")
    def last_used(self, token: ApiToken) -> str:
        return f"{token.last_used_at:%d %b %Y %H:%M}" if token.last_used_at else "never"

    @admin.display(description="expires", ordering="expires_at")
    def expires(self, token: ApiToken) -> str:
        if token.expires_at is None:
            return "never"
        words = "expired on" if token.expires_at <= timezone.now() else "on"
        return f"{words} {token.expires_at:%d %b %Y}"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "API tokens", **(extra_context or {})})

    # Who may: a token gives nobody more than they have, so everybody has a right to one.

    def _may_revoke_any(self, request: HttpRequest) -> bool:
        return request.user.has_perm(REVOKE_ANY)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.admin_site.has_permission(request) and self._is_for(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.admin_site.has_permission(request) and self._is_for(request, obj)

    def _is_for(self, request: HttpRequest, token: Model | None) -> bool:
        return token is None or self._may_revoke_any(request) or getattr(token, "user_id", None) == request.user.pk

    # Making one

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request) or not isinstance(request.user, User):
            raise PermissionDenied
        form = TokenForm(request.POST or None, user=request.user)
        context = {**self.admin_site.each_context(request), "title": "New API token", "opts": self.opts, "form": form}
        if request.method != "POST" or not form.is_valid():
            return render(request, "admin/api/apitoken/add_form.html", context)
        secret = give_secret(form.instance)
        token = form.save()
        self.log_addition(request, token, [{"added": {}}])
        # Shown once; the admin's pages are kept by no cache.
        return render(request, "admin/api/apitoken/made.html", {**context, "token": token, "secret": secret})

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        messages.success(request, f"The token {obj_display} was revoked.")
        return HttpResponseRedirect(reverse("admin:api_apitoken_changelist"))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        if "delete_selected" in actions:
            function, name, _ = actions["delete_selected"]
            actions["delete_selected"] = (function, name, "Revoke selected tokens")
        return actions

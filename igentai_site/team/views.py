"""The answer to what somebody may not do: which right is missing, and whom to ask."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from igentai_site.team.recording import record_refusal
from topics.refusals import refusal

NO_RIGHT = "Your account may not do this: ask an administrator."
PERMISSION = re.compile(r"\w+\.[a-z]+_\w+")
ADMIN_PAGES = {"add": "add", "delete": "delete", "change": "change", "changelist": "view", "history": "view"}


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler of PermissionDenied; whoever raises it may name the permission, or say it in words."""
    permission = _named(exception) or _of_the_page(request)
    said = "" if _named(exception) else str(exception)
    reason = said or (refusal(request.user, permission) if permission else "") or NO_RIGHT
    record_refusal(request, request.user, reason)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"detail": reason, "permission": permission}, status=403)
    context = {**admin.site.each_context(request), "reason": reason, "permission": permission}
    return render(request, "403.html", context, status=403)


def _named(exception: Exception) -> str:
    text = str(exception)
    return text if PERMISSION.fullmatch(text) else ""


def _of_the_page(request: HttpRequest) -> str:
    """What a page of the admin asks for; nothing for others."""
    match: Any = request.resolver_match
    model_admin = getattr(getattr(match, "func", None), "model_admin", None)
    if model_admin is None:
        return ""
    page = str(match.url_name).rsplit("_", 1)[-1]
    action = ADMIN_PAGES.get(page, "change")
    if action == "change" and request.method in ("GET", "HEAD"):
        action = "view" if page == "change" else "change"
    return f"{model_admin.opts.app_label}.{action}_{model_admin.opts.model_name}"

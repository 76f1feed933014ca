"""The pages beside the routes: the metrics, and the description for people."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from igentai_site.api import metrics as measured
from igentai_site.api import reference as told
from igentai_site.api.auth import permission_needed
from igentai_site.api.errors import told_in_json
from igentai_site.api.site import description

VIEW_METRICS = "topics.view_topic"


@require_GET
@told_in_json
@permission_needed(VIEW_METRICS)
def metrics(request: HttpRequest) -> HttpResponse:
    return HttpResponse(measured.text(), content_type=measured.CONTENT_TYPE)


@require_GET
@never_cache
def reference(request: HttpRequest) -> HttpResponse:
    """The description as a page, made on the server: it needs no script and no other host."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path(), resolve_url("admin:login"))
    address = request.build_absolute_uri("/").rstrip("/")
    context = {
        **admin.site.each_context(request),
        "title": "API",
        "address": address,
        **told.page_of(description(), address),
    }
    return render(request, "api/reference.html", context)

"""Errors that no view of the API has written, in its shape: an unknown address, a method that is not taken."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from igentai_site.api.errors import ErrorResponse, usual

PLACES = ("/api/", "/metrics")


class ApiAnswers(MiddlewareMixin):
    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not request.path_info.startswith(PLACES):
            return response
        if response.status_code >= 400 and not isinstance(response, ErrorResponse):
            allowed = response.headers.get("Allow")
            response = usual(response.status_code).response()
            if allowed:
                response.headers["Allow"] = allowed
        response.headers.setdefault("Cache-Control", "no-store")
        return response

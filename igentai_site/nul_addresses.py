"""Addresses with a NUL character, which PostgreSQL takes in no text: whatever looks for one finds nothing."""

from __future__ import annotations

from urllib.parse import unquote

from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin
from django.views.defaults import page_not_found


class NulAddresses(MiddlewareMixin):
    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Not found, where a view did not know what to make of such an address; not for any other fault of it."""
        # The driver refuses to send it (ValueError), or the server to take it (DataError, which Django raises anew).
        if isinstance(exception, ValueError | DataError) and "\0" in unquote(request.get_full_path()):
            return page_not_found(request, Http404("no address has a NUL character"))
        return None

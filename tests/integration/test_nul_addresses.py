"""A NUL in an address, which PostgreSQL takes in no text, is a page that is not there, and no error of ours."""

import re
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from igentai_site.nul_addresses import NulAddresses

pytestmark = [pytest.mark.storage, pytest.mark.django_db]

NAMES = (
    "q, topic, state, kind, by, provider, run, month, next, e, o, p, all, cursor, after, before, format, slot, style"
)
QUERY = "&".join(f"{name}=%00" for name in NAMES.split(", "))


def patterns(resolver=None, before="/") -> Iterator[str]:
    """Every address of the portal, with a NUL in the place of each name in it."""
    for pattern in (resolver or get_resolver()).url_patterns:
        words = before + re.sub(r"[\^$]|\\Z", "", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, words)
        elif isinstance(pattern, URLPattern):
            address = re.sub(r"<int:\w+>", "1", re.sub(r"<(?!int)[^>]+>", "%00", words))
            if "(" not in address:
                yield address


def filtered() -> Iterator[str]:
    """Every list of the admin, filtered by NUL in each way that it offers."""
    for model, its_admin in admin.site._registry.items():
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for each in its_admin.list_filter:
            name = each[0] if isinstance(each, tuple) else getattr(each, "parameter_name", each)
            yield from (f"{address}?{name}=%00", f"{address}?{name}__exact=%00")


def test_no_address_with_a_nul_is_an_error_of_ours(admin_client):
    addresses = sorted({*patterns(), *filtered()})
    assert len(addresses) > 100
    admin_client.raise_request_exception = False
    asked = [each if "?" in each else f"{each}?{QUERY}" for each in addresses]
    assert [each for each in asked if admin_client.get(each).status_code >= 500] == []


def test_other_faults_are_not_hidden(rf):
    middleware = NulAddresses(lambda request: HttpResponse())
    assert middleware.process_exception(rf.get("/admin/"), ValueError()) is None
    assert middleware.process_exception(rf.get("/admin/?q=%00"), RuntimeError()) is None


def test_what_is_not_found_says_so(rf, client):
    middleware = NulAddresses(lambda request: HttpResponse())
    answer = middleware.process_exception(rf.get("/admin/orchestration/prompt/%00/change/"), ValueError())
    assert answer is not None
    assert answer.status_code == 404

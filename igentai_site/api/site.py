"""The API as a whole: its routes and its description."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from ninja import NinjaAPI

from igentai_site.api import attributes, exports, topics
from igentai_site.api.auth import Token, caller_of
from igentai_site.api.errors import handle_errors
from igentai_site.api.needs import needs
from igentai_site.api.schemas import AccountOut

PREFIX = "/api/v1"
DESCRIPTION = (
    "What the portal can do, for programs. Send a token from the page API tokens in the header "
    "`Authorization: Bearer TOKEN`; it may do what its user may. Answers and errors are JSON."
)

# No pages of Ninja's: they need inline scripts or another host. Ours are in views.
api = NinjaAPI(
    title="igentai",
    version="1",
    description=DESCRIPTION,
    openapi_url=None,
    docs_url=None,
    urls_namespace="api",
)
handle_errors(api)


@api.get("/me", **needs("", AccountOut), operation_id="me", summary="Whom the token acts for", tags=["account"])
def me(request: HttpRequest) -> dict[str, Any]:
    caller = caller_of(request)
    return {
        "user": caller.user.get_username(),
        "roles": sorted(caller.user.groups.values_list("name", flat=True)),
        "permissions": sorted(caller.user.get_all_permissions()),
        "read_only": caller.read_only,
    }


@api.get("/openapi.json", auth=Token(), include_in_schema=False, url_name="openapi")
def openapi(request: HttpRequest) -> JsonResponse:
    return JsonResponse(description())


def description() -> dict[str, Any]:
    """The OpenAPI description."""
    return dict(api.get_openapi_schema(path_prefix=f"{PREFIX}/"))


api.add_router("/topics", topics.router)
api.add_router("", attributes.router)
api.add_router("/exports", exports.router)

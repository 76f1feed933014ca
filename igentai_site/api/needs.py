"""What the routes have in common: who may use them, and how they answer."""

from __future__ import annotations

from typing import Any

from igentai_site.api.auth import Token
from igentai_site.api.schemas import ERRORS


def needs(permission: str, model: Any, status: int = 200, **described: Any) -> dict[str, Any]:
    """The arguments of a route that whoever has the permission may use, and that answers with `model`."""
    answers: dict[Any, Any] = ERRORS if model is None else {status: model} | ERRORS
    return {
        "auth": Token(permission),
        "response": answers,
        "openapi_extra": {"x-permission": permission, **described},
    }

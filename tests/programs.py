"""Programs that use the API, as tests play them."""

from __future__ import annotations

import json
import secrets
from typing import Any

from django.test import Client

from tests.factories import ApiTokenFactory, UserFactory

# What the roles may that matter to the API.
VIEWER = ["topics.view_topic", "topics.view_attribute"]
OPERATOR = [*VIEWER, "topics.add_topic", "topics.change_topic"]
ROLES = {"nobody": [], "viewer": VIEWER, "operator": OPERATOR}
API = "/api/v1"


class Program:
    """Sends its token with each request; without a token, it has none."""

    def __init__(self, secret: str = "") -> None:
        self.secret = secret
        self.client = Client(headers={"Authorization": f"Bearer {secret}"} if secret else {})

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"{API}{path}", query)

    def send(self, method: str, path: str, body: Any = None) -> Any:
        return self.client.generic(method, f"{API}{path}", *_content(body))

    def post(self, path: str, body: Any = None) -> Any:
        return self.send("POST", path, body)


def _content(body: Any) -> tuple[str, str]:
    return ("" if body is None else json.dumps(body)), "application/json"


def program(permissions: list[str] | None = None, **token: Any) -> Program:
    """One whose user has these permissions; the rest is the token's."""
    secret = f"igentai_{secrets.token_urlsafe(32)}"
    if permissions is not None:
        token["user"] = UserFactory(permissions=permissions)  # hashing one takes long
    ApiTokenFactory(secret=secret, **token)
    return Program(secret)


def error(response: Any) -> dict[str, Any]:
    """The error in a response, which has the shape of all."""
    told = response.json()["error"]
    assert {"code", "message", "what_to_do"} <= set(told) <= {"code", "message", "what_to_do", "fields"}
    assert all(told[name] for name in ("code", "message", "what_to_do"))
    assert "Traceback" not in response.content.decode()
    return dict(told)

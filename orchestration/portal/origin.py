"""Refuses WebSockets that another site's page opens: browsers send our cookies along with those, too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class SameOriginOnly:
    """ASGI middleware: a handshake must come from a page of this scheme, host and port, else HTTP 403."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if is_same_origin(scope):
            await self.application(scope, receive, send)
        else:
            await receive()
            # Closing before accepting is a refusal of the handshake.
            await send({"type": "websocket.close"})


def is_same_origin(scope: Scope) -> bool:
    origin, host = _only(scope, b"origin"), _only(scope, b"host")
    if origin is None or host is None:
        return False
    domain, _ = split_domain_port(host)
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        return False
    return origin.lower() == f"{_page_scheme(scope)}://{host}".lower()


def _page_scheme(scope: Scope) -> str:
    # Behind the proxy of a deployment the connection itself is plain, but pages come by HTTPS alone.
    return "https" if settings.DEPLOYED or scope.get("scheme") == "wss" else "http"


def _only(scope: Scope, name: bytes) -> str | None:
    """The header's value; None when it is missing or given twice."""
    values = [value.decode("latin1") for key, value in scope.get("headers", []) if key.lower() == name]
    return values[0] if len(values) == 1 else None

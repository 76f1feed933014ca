"""Settings of the mail, from one variable.

EMAIL_URL is `smtp://user:password@host:port` (plain), `smtp+tls://…` (STARTTLS), `smtps://…` (TLS from the first
byte), `file:///folder` (each mail a file there) or `console://`. Unset: nothing is mailed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

BACKENDS = "django.core.mail.backends"
NOBODY = "igentai@localhost"
PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Mail:
    """How mail leaves; `configured`: whether it does at all. `portal_url` is where links of a mail lead."""

    backend: str = f"{BACKENDS}.dummy.EmailBackend"
    host: str = "localhost"
    port: int = 25
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False
    folder: str | None = None
    sender: str = NOBODY
    portal_url: str = ""
    configured: bool = False


def mail_settings(environ: Mapping[str, str]) -> Mail:
    """From EMAIL_URL, EMAIL_FROM and IGENTAI_URL. Raises ImproperlyConfigured, which never holds the password."""
    sender = environ.get("EMAIL_FROM", "").strip() or NOBODY
    portal_url = environ.get("IGENTAI_URL", "").strip().rstrip("/")
    if portal_url and urlsplit(portal_url).scheme not in ("http", "https"):
        raise ImproperlyConfigured("IGENTAI_URL must be the portal's address, such as https://igentai.example")
    url = environ.get("EMAIL_URL", "").strip()
    if not url:
        return Mail(sender=sender, portal_url=portal_url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured("EMAIL_URL is no address: use smtp+tls://user:password@host:587") from error
    match parts.scheme:
        case "console":
            how = Mail(f"{BACKENDS}.console.EmailBackend")
        case "file" if parts.path:
            how = Mail(f"{BACKENDS}.filebased.EmailBackend", folder=unquote(parts.path))
        case "smtp" | "smtp+tls" | "smtps" if parts.hostname:
            how = Mail(
                f"{BACKENDS}.smtp.EmailBackend",
                host=parts.hostname,
                port=port or PORTS[parts.scheme],
                user=unquote(parts.username or ""),
                password=unquote(parts.password or ""),
                starttls=parts.scheme == "smtp+tls",
                tls=parts.scheme == "smtps",
            )
        case _:
            raise ImproperlyConfigured(
                "EMAIL_URL must begin with smtp://, smtp+tls:// or smtps:// and a host, file:///folder or console://"
            )
    return replace(how, sender=sender, portal_url=portal_url, configured=True)

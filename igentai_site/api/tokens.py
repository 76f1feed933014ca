"""Making tokens, and finding whom one belongs to."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import Q

from igentai_site.api.models import ApiToken

# So that people and scanners of leaked secrets recognise one.
BEGINNING = "igentai_"
SHOWN = len(BEGINNING) + 6
USE_IS_NOTED_EVERY = timedelta(minutes=1)


def new_secret() -> str:
    return BEGINNING + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def give_secret(token: ApiToken) -> str:
    """Fill in a new token's hash; the secret is returned and kept nowhere."""
    secret = new_secret()
    token.prefix, token.hash = secret[:SHOWN], digest(secret)
    return secret


def find(secret: str) -> ApiToken | None:
    """The token of this secret, with its user.

    Looked up by its hash: how long that takes tells nothing of the secret, as nobody can choose hashes.
    """
    return ApiToken.objects.select_related("user").filter(hash=digest(secret)).first()


def note_use(token: ApiToken, now: datetime) -> None:
    """A row is written once a minute at the most: asking must stay as cheap as reading."""
    before = now - USE_IS_NOTED_EVERY
    if token.last_used_at is None or token.last_used_at < before:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=before)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)

"""Times as pages say them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.timesince import timesince

MINUTE = timedelta(minutes=1)


def ago(at: datetime, now: datetime, *, depth: int = 1) -> str:
    """How long ago, in so many units at most; under a minute is now."""
    return "just now" if now - at < MINUTE else f"{timesince(at, now, depth=depth)} ago"

"""Times for pages: relative for the eye, exact on hover, UTC everywhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils.html import format_html
from django.utils.safestring import SafeString

from orchestration.provider_facts import duration_words

NEVER = "\N{EN DASH}"


def ago(at: datetime, now: datetime) -> str:
    """How long ago, in one unit; what lies ahead by a clock's error is now, too."""
    return "just now" if now - at < timedelta(seconds=5) else f"{duration_words(now - at)} ago"


def when(at: datetime | None, now: datetime) -> SafeString | str:
    """The time as an element of a page."""
    if at is None:
        return NEVER
    at = at.astimezone(UTC)
    words, exact = ago(at, now), f"{at:%d %b %Y, %H:%M:%S} UTC"
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(timespec="seconds"), exact, words)


def span_words(seconds: float) -> str:
    """How long something took, in its two largest units."""
    minutes, left = divmod(int(max(seconds, 0)), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {left:02} s" if minutes else f"{left} s"

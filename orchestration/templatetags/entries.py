"""How the pages of entries write numbers and times."""

from __future__ import annotations

from datetime import UTC, datetime

from django import template
from django.utils.html import format_html

from topics.times import ago

register = template.Library()


@register.filter
def grouped(number: int) -> str:
    return f"{number:,}"


@register.simple_tag
def moment(at: datetime, now: datetime) -> str:
    """For the eye relative, exact on hover; in UTC, as everywhere."""
    exact = at.astimezone(UTC)
    words = f"{exact:%d %b %Y %H:%M:%S} UTC"
    return format_html('<time datetime="{}" title="{}">{}</time>', exact.isoformat(), words, ago(at, now))

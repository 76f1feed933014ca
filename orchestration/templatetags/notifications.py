"""What the header and a topic's page say of notifications."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone

from orchestration.jobs.health import jobs_trouble
from orchestration.jobs.models import Notification
from topics import times
from topics.models import Topic, TopicWatcher

register = template.Library()
register.simple_tag(jobs_trouble)

MOST_UNREAD = 99


@register.simple_tag
def unread_notifications(user: Any) -> str:
    """How many are unread, "99+" being enough to know; empty when there are none, or for a stranger."""
    if not user.is_authenticated:
        return ""
    unread = Notification.objects.filter(user=user, read_at__isnull=True).order_by()[: MOST_UNREAD + 1].count()
    if unread > MOST_UNREAD:
        return f"{MOST_UNREAD}+"
    return str(unread) if unread else ""


@register.filter
def ago(at: datetime) -> str:
    """How long ago, in words."""
    return times.ago(at, timezone.now(), depth=2)


@register.simple_tag
def is_told(user: Any, topic: Topic) -> bool:
    return TopicWatcher.objects.filter(topic=topic, user=user, muted=False).exists()

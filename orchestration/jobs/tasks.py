"""The tasks themselves. Each bears being run twice, and being killed at any point."""

from __future__ import annotations

from django.utils import timezone
from django_q.tasks import async_task

from orchestration.jobs import mailing, notices, schedules, tidying
from orchestration.jobs.periodic import MAIL, SHORT_SECONDS


def start_scheduled_topics() -> int:
    return schedules.start_due_topics(timezone.now())


def notify() -> int:
    """Make notifications, and have them mailed in a task of its own: a mail server may be slow."""
    made = notices.tell_of_runs(timezone.now())
    if mailing.to_mail(timezone.now()).exists():
        async_task(MAIL, timeout=SHORT_SECONDS)
    return made


def mail() -> int:
    return mailing.send_mails(timezone.now())


def tidy() -> int:
    return tidying.tidy(timezone.now())

"""Sends notifications by mail: each at most once, in plain text, with a bounded number of attempts."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F, QuerySet
from django.urls import reverse

from orchestration.jobs.models import Notification
from orchestration.jobs.notices import RIGHT_TO_KNOW
from orchestration.logic.notices import subject

logger = logging.getLogger(__name__)

# Between the attempts; after the last there is none.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120))
MOST_ATTEMPTS = len(PAUSES) + 1
MOST_MAILS = 50
# Well below what the task is allowed, since one mail may take as long as the server likes to be silent.
ENOUGH_SECONDS = 30.0


def to_mail(now: datetime) -> QuerySet[Notification]:
    return Notification.objects.filter(
        mail_wanted=True, mailed_at__isnull=True, mail_attempts__lt=MOST_ATTEMPTS, mail_after__lte=now
    ).order_by("mail_after", "pk")


def send_mails(now: datetime) -> int:
    """Send what is to be mailed; returns how many went out. A server that is away ends it until the next time."""
    sent, until = 0, time.monotonic() + ENOUGH_SECONDS
    connection = get_connection()
    try:
        for notification in to_mail(now).select_related("user", "run__topic")[:MOST_MAILS]:
            if time.monotonic() > until:
                break
            if not _may_know(notification) or not _claim(notification, now):
                continue
            try:
                _message(notification, connection).send()
            except (SMTPException, OSError) as error:
                _try_again_later(notification, now, error)
                if not isinstance(error, SMTPRecipientsRefused):
                    break
            else:
                sent += 1
    finally:
        connection.close()
    return sent


def _may_know(notification: Notification) -> bool:
    """Whether the person still may; if not, it is mailed no more."""
    user = notification.user
    if user.is_active and user.has_perm(RIGHT_TO_KNOW):
        return True
    Notification.objects.filter(pk=notification.pk).update(mail_wanted=False)
    return False


def _claim(notification: Notification, now: datetime) -> bool:
    """Count it as sent before it is: a crash in between costs a mail, of which the portal tells anyway."""
    mine = Notification.objects.filter(
        pk=notification.pk, mailed_at__isnull=True, mail_attempts=notification.mail_attempts
    )
    return bool(mine.update(mailed_at=now, mail_attempts=F("mail_attempts") + 1))


def _try_again_later(notification: Notification, now: datetime, error: Exception) -> None:
    made = notification.mail_attempts + 1
    pause = PAUSES[min(made, len(PAUSES)) - 1]
    logger.warning("a mail could not be sent, attempt %s of %s: %s", made, MOST_ATTEMPTS, error)
    Notification.objects.filter(pk=notification.pk).update(
        mailed_at=None, mail_after=now + pause, mail_error=str(error)[:300]
    )


def _message(notification: Notification, connection: BaseEmailBackend) -> EmailMessage:
    run = notification.run
    return EmailMessage(
        subject=subject(run.topic.name, run.number, notification.kind),
        body=_body(notification),
        to=[notification.user.email],
        connection=connection,
    )


def _body(notification: Notification) -> str:
    lines = [notification.words]
    if settings.PORTAL_URL:
        lines += ["", f"The topic: {settings.PORTAL_URL}{reverse('portal:live', args=[notification.run.topic_id])}"]
    lines += ["", "You are told this since you have this topic started, or asked to be told of it."]
    if settings.PORTAL_URL:
        lines.append(f"No mail any more: {settings.PORTAL_URL}{reverse('notifications:list')}")
    return "\n".join(lines)

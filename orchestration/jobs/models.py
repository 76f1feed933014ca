"""What background jobs write: what people are told, whether they want mail, and signs of life."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Notification(models.Model):
    """Something about a run that a person is told, once.

    `mailed_at` is set before the mail is sent, so that a crash may cost a mail but never sends it twice; it is unset
    again when the server refuses, for the next attempt at `mail_after`. `mail_attempts` bounds them.
    """

    class Kind(models.TextChoices):
        ENDED = "ended"
        FAILED = "failed"
        WARNING = "warning"
        SCHEDULE = "schedule"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications", db_index=False
    )
    run = models.ForeignKey("orchestration.Run", on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    words = models.TextField()
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mail_wanted = models.BooleanField(default=False)
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mail_after = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    mail_error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["user", "run", "kind"], name="notification_once"),
        ]
        indexes = [
            # A person's notifications, as they are read.
            models.Index(fields=["user", "-id"], name="notification_of_user"),
            # The number in the header of every page.
            models.Index(fields=["user"], condition=Q(read_at__isnull=True), name="notification_unread"),
            # What is still to be mailed, every minute.
            models.Index(
                fields=["mail_after"],
                condition=Q(mail_wanted=True, mailed_at__isnull=True),
                name="notification_to_mail",
            ),
        ]

    def __str__(self) -> str:
        return self.words


class MailPreference(models.Model):
    """Whether a person wants notifications by mail; who never said wants them."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="mail_preference"
    )
    mail = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"{self.user}: {'mail' if self.mail else 'no mail'}"


class JobsHealth(models.Model):
    """How the background jobs are, in one row.

    The engine, which supervises the cluster, writes `state`, `detail`, `restarts` and `changed_at`. The cluster
    counts its `signs` of life, and says for how many seconds more than usual it may be silent, being busy.
    `canary` is the number of the last one that came all the way through it, at `heard_at`.
    """

    SINGLETON = 1

    class State(models.TextChoices):
        STARTING = "starting"
        RUNNING = "running"
        BACKING_OFF = "backing_off", "about to be started again"
        FAILED = "failed"
        STOPPED = "stopped"

    id = models.PositiveSmallIntegerField(primary_key=True, default=SINGLETON)
    state = models.CharField(max_length=12, choices=State.choices, default=State.STOPPED)
    detail = models.CharField(max_length=500, blank=True)
    restarts = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)
    signs = models.BigIntegerField(default=0)
    busy_seconds = models.PositiveIntegerField(default=0)
    canary = models.BigIntegerField(default=0)
    heard_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="jobs_health_singleton"),
        ]

    def __str__(self) -> str:
        return f"background jobs: {self.get_state_display()}"

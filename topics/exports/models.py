"""An export that is made in the background, and the file that came of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

# A worker writes down its progress every chunk; one that has been silent for so long is dead.
SILENCE = timedelta(minutes=2)


class ExportQuerySet(models.QuerySet["Export"]):
    def under_way(self) -> ExportQuerySet:
        return self.filter(state__in=Export.UNDER_WAY)

    def takeable(self, now: datetime) -> ExportQuerySet:
        """Those that a worker may begin: waiting ones, and those whose worker has died."""
        silent = Q(state=Export.State.MAKING, beat_at__lt=now - SILENCE)
        return self.filter(Q(state=Export.State.WAITING) | silent)

    def repeatable(self, now: datetime) -> ExportQuerySet:
        """Those that can be asked for again."""
        silent = Q(state__in=Export.UNDER_WAY, beat_at__lt=now - SILENCE)
        return self.exclude(state__in=(*Export.UNDER_WAY, Export.State.READY)) | self.filter(silent)


class Export(models.Model):
    """A large export: asked for by its owner, made by a task, kept until it expires.

    `query` is the filter as it stands in an address, `words` says it. `attempt` is raised by each worker that takes
    it, and every change a worker makes names it, so one that was taken for dead changes nothing. `file` is a random
    name in the folder of exports, empty where there is no file. `topic_name` and `card` outlive the topic.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        MAKING = "making", "Being made"
        READY = "ready"
        FAILED = "failed"
        CANCELLED = "cancelled"
        EXPIRED = "expired"

    UNDER_WAY = (State.WAITING, State.MAKING)

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exports")
    topic = models.ForeignKey("topics.Topic", on_delete=models.SET_NULL, null=True, related_name="exports")
    topic_name = models.CharField(max_length=200)
    query = models.TextField()
    words = models.TextField(blank=True)
    format = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    detail = models.CharField(max_length=500, blank=True)
    attempt = models.PositiveIntegerField(default=0)
    expected = models.PositiveBigIntegerField(default=0)
    written = models.PositiveBigIntegerField(default=0)
    file = models.CharField(max_length=60, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    card = models.JSONField(default=dict)
    asked_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Export]] = ExportQuerySet.as_manager()

    class Meta:
        # The app that it belongs to; its package is inside of it.
        app_label = "topics"
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="ready") | (~Q(file="") & Q(expires_at__isnull=False)),
                name="export_ready_has_file",
            ),
        ]
        indexes = [
            # What has expired, once a day.
            models.Index(fields=["expires_at"], condition=Q(state="ready"), name="export_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.topic_name} as {self.format}"

"""Who wants to be told of a topic, and when it is to be started by itself."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from topics.timetable import Timetable, timetable_words

ALL_DAYS = "0123456"


class TopicSchedule(models.Model):
    """A topic goes on by itself at this time of the day, on these days of the week ("0": Monday), in UTC.

    `considered_until`: the times up to then have been dealt with; `outcome` says how the last one was.
    `asked_by` is in whose name the topic is started, and who is told.
    """

    topic = models.ForeignKey("topics.Topic", on_delete=models.CASCADE, related_name="schedules")
    at = models.TimeField("time (UTC)")
    days = models.CharField(
        max_length=7, default=ALL_DAYS, validators=[RegexValidator("^[0-6]+$", "Choose at least one day.")]
    )
    enabled = models.BooleanField(default=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="topic_schedules"
    )
    considered_until = models.DateTimeField(default=timezone.now, editable=False)
    outcome = models.CharField(max_length=300, blank=True, editable=False)

    class Meta:
        ordering = ("at", "id")
        verbose_name = "schedule"
        constraints = [
            models.CheckConstraint(condition=~Q(days=""), name="topic_schedule_has_days"),
        ]

    def __str__(self) -> str:
        return timetable_words(self.timetable)

    @property
    def timetable(self) -> Timetable:
        return Timetable(self.at, frozenset(map(int, self.days)))


class TopicWatcherManager(models.Manager["TopicWatcher"]):
    def tell(self, topic_ids: list[int], user: Any) -> None:
        """Tell `user` of these topics from now on, unless they have said that they do not want it."""
        rows = [TopicWatcher(topic_id=topic_id, user=user) for topic_id in topic_ids]
        self.bulk_create(rows, ignore_conflicts=True)


class TopicWatcher(models.Model):
    """Somebody who is told when runs of the topic end, fail or near a cap: who asked for a start, until they mute it.

    They are told of what ends after `since`.
    """

    topic = models.ForeignKey("topics.Topic", on_delete=models.CASCADE, related_name="watchers", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watched_topics")
    muted = models.BooleanField(default=False)
    since = models.DateTimeField(default=timezone.now)

    objects: ClassVar[TopicWatcherManager] = TopicWatcherManager()

    class Meta:
        ordering = ("topic", "id")
        constraints = [
            models.UniqueConstraint(fields=["topic", "user"], name="topic_watcher_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {'not ' if self.muted else ''}told of {self.topic}"

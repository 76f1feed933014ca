"""Starts topics whose time has come, in the name of who asked for it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from orchestration.jobs.models import Notification
from orchestration.jobs.notices import tell_of_schedule
from orchestration.logic.schedules import Situation, Verdict, outcome_words, verdict
from topics.commands import COMMANDS, carry_out
from topics.models import Topic, TopicSchedule
from topics.rejected import count_rejected
from topics.timetable import due

RIGHT_TO_START = "topics.change_topic"


def start_due_topics(now: datetime) -> int:
    """Deal with every schedule whose time has come, once; returns how many topics were started."""
    schedules = TopicSchedule.objects.filter(enabled=True).select_related("asked_by")
    times = [(schedule, due(schedule.timetable, now, schedule.considered_until)) for schedule in schedules]
    return sum(_deal_with(schedule, at, now) for schedule, at in times if at is not None)


@transaction.atomic
def _deal_with(schedule: TopicSchedule, due_at: datetime, now: datetime) -> bool:
    # Whoever starts the topic at this moment waits for this row, or we for them.
    topic = Topic.objects.select_for_update().filter(pk=schedule.topic_id).first()
    if topic is None:
        return False  # it was deleted meanwhile, and its schedules with it
    decided = verdict(_situation(schedule, topic))
    claimed = TopicSchedule.objects.filter(
        pk=schedule.pk, enabled=True, considered_until=schedule.considered_until
    ).update(considered_until=due_at, outcome=outcome_words(due_at, now, decided.objection))
    if not claimed:
        return False  # another process, or a person, was quicker
    if decided.objection:
        _say_why(schedule, topic, decided, now)
        return False
    note = f"by its schedule, {schedule}"
    carry_out(COMMANDS["resume"], Topic.objects.filter(pk=topic.pk), schedule.asked_by, note)  # type: ignore[arg-type]
    return True


def _situation(schedule: TopicSchedule, topic: Topic) -> Situation:
    user = schedule.asked_by
    this = Topic.objects.filter(pk=topic.pk)
    return Situation(
        under_way=this.running().exists(),
        paused=this.paused().exists(),
        entries=_entries(topic) if topic.target is not None else 0,
        target=topic.target,
        may_start=user is not None and user.is_active and user.has_perm(RIGHT_TO_START),
    )


def _entries(topic: Topic) -> int:
    """The length of the list, without what people rejected."""
    return topic.attributes.count() - count_rejected(topic.pk)


def _say_why(schedule: TopicSchedule, topic: Topic, decided: Verdict, now: datetime) -> None:
    """What will be the same next time is worth telling; once for each run, or it would be told every night."""
    run = topic.runs.order_by("-number").first()
    if decided.lasting and run is not None and schedule.asked_by is not None:
        words = f"The schedule of “{topic}” ({schedule}) starts nothing, as {decided.objection}."
        tell_of_schedule(Notification(user=schedule.asked_by, run=run, words=words, created_at=now))

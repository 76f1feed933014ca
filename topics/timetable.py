"""When a topic is to be started by itself. Pure: a timetable and the time in, a time out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEK = 7


@dataclass(frozen=True, slots=True)
class Timetable:
    """A time of the day on some days of the week (0: Monday), in UTC, where each day has 24 hours."""

    at: time
    days: Collection[int]


def due(timetable: Timetable, now: datetime, since: datetime) -> datetime | None:
    """The newest time of the timetable after `since` and not after `now`, or None.

    So however many times were missed, one start makes up for all of them.
    """
    newest = last_time(timetable, now)
    return newest if newest is not None and newest > since else None


def last_time(timetable: Timetable, now: datetime) -> datetime | None:
    """The newest time not after `now`."""
    return next((each for each in _times(timetable, now, -1) if each <= now), None)


def next_time(timetable: Timetable, now: datetime) -> datetime | None:
    """The first time after `now`."""
    return next((each for each in _times(timetable, now, 1) if each > now), None)


def timetable_words(timetable: Timetable) -> str:
    """For people: "02:30 UTC, daily"."""
    days = sorted(set(timetable.days))
    if len(days) == WEEK:
        named = "daily"
    elif days == [0, 1, 2, 3, 4]:
        named = "Monday to Friday"
    else:
        named = ", ".join(DAYS[day] for day in days) or "never"
    return f"{timetable.at:%H:%M} UTC, {named}"


def _times(timetable: Timetable, now: datetime, step: int) -> list[datetime]:
    """The times from today on, a week and a day far, backwards or forwards."""
    today = now.astimezone(UTC).date()
    days = [today + timedelta(days=step * number) for number in range(WEEK + 1)]
    return [datetime.combine(day, timetable.at, UTC) for day in days if day.weekday() in timetable.days]

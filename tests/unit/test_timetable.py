"""When a topic is due: once for however many times were missed, and never for a time that has been dealt with."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.timetable import Timetable, due, last_time, next_time, timetable_words

DAY = timedelta(days=1)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))
timetables = st.builds(
    Timetable, st.times().map(lambda at: at.replace(microsecond=0)), st.frozensets(st.integers(0, 6))
)
NIGHTLY = Timetable(time(2, 30), range(7))


def at(text):
    return datetime.fromisoformat(f"{text}+00:00")


@given(timetables, moments, st.timedeltas(timedelta(0), timedelta(days=60)))
def test_what_is_due_is_a_time_of_the_table_after_the_last_one_and_not_in_the_future(timetable, now, ago):
    since = now - ago
    found = due(timetable, now, since)
    if found is not None:
        assert since < found <= now
        assert found.timetz() == timetable.at.replace(tzinfo=UTC)
        assert found.weekday() in timetable.days


@given(timetables, moments, st.timedeltas(timedelta(0), timedelta(days=60)))
def test_once_it_has_been_dealt_with_nothing_is_due_until_the_next_time(timetable, now, ago):
    found = due(timetable, now, now - ago)
    if found is None:
        return
    following = next_time(timetable, now)
    assert following is not None
    assert due(timetable, now, found) is None
    assert due(timetable, following - timedelta(seconds=1), found) is None
    assert due(timetable, following, found) == following


@given(timetables, moments)
def test_however_often_one_looks_no_time_is_missed_and_none_comes_twice(timetable, start):
    """Looking every seven hours for three weeks, and asking each time what is due since the last."""
    since, came = start, []
    for hours in range(7, 21 * 24, 7):
        if found := due(timetable, start + timedelta(hours=hours), since):
            came.append(found)
            since = found
    assert len(set(came)) == len(came)
    assert came == sorted(came)
    end = start + timedelta(hours=(21 * 24 - 1) // 7 * 7)
    expected = sum(
        1
        for day in range(-1, 23)
        for moment in [datetime.combine(start.date() + day * DAY, timetable.at, UTC)]
        if start < moment <= end and moment.weekday() in timetable.days
    )
    assert len(came) == expected


@given(timetables, moments)
def test_the_last_time_and_the_next_enclose_now(timetable, now):
    last, following = last_time(timetable, now), next_time(timetable, now)
    assert (last is None) == (following is None) == (not timetable.days)
    if last is not None and following is not None:
        assert last <= now < following
        assert following - last <= timedelta(days=7)


def test_three_missed_nights_are_made_up_for_once():
    now, since = at("2026-11-28 10:00"), at("2026-11-25 02:30")
    assert due(NIGHTLY, now, since) == at("2026-11-28 02:30")
    assert due(NIGHTLY, now, at("2026-11-28 02:30")) is None


def test_who_makes_a_schedule_in_the_morning_waits_for_the_night():
    assert due(NIGHTLY, at("2026-11-28 10:01"), at("2026-11-28 10:00")) is None
    assert next_time(NIGHTLY, at("2026-11-28 10:01")) == at("2026-11-29 02:30")


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (range(7), "02:30 UTC, daily"),
        ((0, 1, 2, 3, 4), "02:30 UTC, Monday to Friday"),
        ((6, 0), "02:30 UTC, Mon, Sun"),
        ((), "02:30 UTC, never"),
    ],
)
def test_a_timetable_in_words(days, words):
    assert timetable_words(Timetable(time(2, 30), days)) == words

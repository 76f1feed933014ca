"""Whether a topic whose time has come is started, and what is said of it."""

from datetime import UTC, datetime, timedelta

import pytest

from orchestration.logic.schedules import Situation, outcome_words, verdict

READY = {"under_way": False, "paused": False, "entries": 10, "target": None, "may_start": True}


@pytest.mark.parametrize("changes", [{}, {"target": 11}, {"entries": 0, "target": 1}])
def test_it_is_started(changes):
    assert verdict(Situation(**{**READY, **changes})).objection == ""


@pytest.mark.parametrize(
    ("changes", "words", "lasting"),
    [
        ({"under_way": True}, "under way already", False),
        ({"paused": True}, "paused", False),
        ({"target": 10}, "its target of 10 entries is reached", True),
        ({"target": 5, "entries": 1_000}, "its target of 5 entries is reached", True),
        ({"may_start": False, "under_way": True}, "may not start topics any more", True),
    ],
)
def test_it_is_not_started_and_the_reason_is_said(changes, words, lasting):
    found = verdict(Situation(**{**READY, **changes}))
    assert words in found.objection
    assert found.lasting is lasting


def test_the_outcome_says_when_and_whether_it_was_late():
    due = datetime(2026, 11, 28, 2, 30, tzinfo=UTC)
    assert outcome_words(due, due + timedelta(minutes=1), "") == "28 Nov 2026 02:30 UTC: started"
    assert outcome_words(due, due + timedelta(hours=8), "") == "28 Nov 2026 02:30 UTC: started, late, at 28 Nov 10:30"
    assert outcome_words(due, due, "it is paused") == "28 Nov 2026 02:30 UTC: not started, as it is paused"

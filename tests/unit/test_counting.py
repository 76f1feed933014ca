"""Counts of repeats are written every few seconds, when the database has nothing better to do."""

import pytest

from orchestration.logic.counting import counts_due


@pytest.mark.parametrize(
    ("since", "took", "behind", "due"),
    [
        (4.9, 0.0, False, False),
        (5.0, 0.0, False, True),
        (5.0, 0.0, True, False),
        (59.9, 0.0, True, False),
        (60.0, 0.0, True, True),
        (19.9, 2.0, False, False),
        (20.0, 2.0, False, True),
        (60.0, 7.0, True, False),
        (70.0, 7.0, True, True),
    ],
)
def test_they_wait_while_commits_do_but_not_for_ever(since, took, behind, due):
    assert counts_due(since, took, behind=behind) is due

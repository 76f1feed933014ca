"""How long a session lasts: a pure rule, so that most pages write nothing of it."""

from __future__ import annotations

from enum import Enum

IDLE_SECONDS = 12 * 3600  # SESSION_COOKIE_AGE: a session that nobody uses ends over night
LONGEST_SECONDS = 14 * 24 * 3600  # one that is used every day ends, too
TOUCH_SECONDS = 15 * 60  # a use is noted no more often: each note is a write beside the engine's

BEGAN, USED = "team_began", "team_used"


class Step(Enum):
    KEEP = "nothing is written"
    TOUCH = "its end moves on"
    END = "it is over"


def step(now: float, began: float | None, used: float | None) -> Step:
    """What a page that is asked for `now` does to the session; None: it is not known when, so it begins here."""
    if began is not None and now - began >= LONGEST_SECONDS:
        return Step.END
    if began is None or used is None or now - used >= TOUCH_SECONDS:
        return Step.TOUCH
    return Step.KEEP

"""Whether a topic whose time has come is started, or why not. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LATE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Situation:
    """A topic at its time. `entries` counts what the target counts; `may_start`: who asked for the schedule is still
    there, and may still start topics."""

    under_way: bool
    paused: bool
    entries: int
    target: int | None
    may_start: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """`objection` says why nothing is started, or is empty. `lasting`: it will be the same next time."""

    objection: str = ""
    lasting: bool = False


def verdict(situation: Situation) -> Verdict:
    if not situation.may_start:
        return Verdict("whoever asked for it may not start topics any more", lasting=True)
    if situation.paused:  # which is under way as well, and says more
        return Verdict("it is paused; resume it to have it go on")
    if situation.under_way:
        return Verdict("it was under way already")
    if situation.target is not None and situation.entries >= situation.target:
        return Verdict(f"its target of {situation.target:,} entries is reached", lasting=True)
    return Verdict()


def outcome_words(due_at: datetime, now: datetime, objection: str) -> str:
    """How a time was dealt with, for people."""
    when = f"{due_at:%d %b %Y %H:%M} UTC"
    late = f", late, at {now:%d %b %H:%M}" if now - due_at > LATE else ""
    return f"{when}: not started, as {objection}" if objection else f"{when}: started{late}"

"""What the engine decided, in words that a person understands. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

LONGEST_SUBJECT, LONGEST_TEXT = 200, 1_000


class DecisionKind(StrEnum):
    """What a decision is about."""

    WEIGHTS = "weights"
    ASSIGNED = "assigned"
    OPENED = "opened"
    SPLIT = "split"
    RETIRED = "retired"
    REOPENED = "reopened"
    DIVISION = "division"
    STYLE = "style"
    SIZE = "size"
    TEMPERATURE = "temperature"


@dataclass(frozen=True, slots=True)
class Decision:
    """One change: of what (`subject`), from what, to what, and why. Make it with `decided`."""

    kind: DecisionKind
    subject: str
    before: str
    after: str
    reason: str


def decided(kind: DecisionKind, subject: str, before: str, after: str, reason: str) -> Decision:
    """A decision of bounded length, however many providers and parts it is about."""
    texts = (_shortened(text, LONGEST_TEXT) for text in (before, after, reason))
    return Decision(kind, _shortened(subject, LONGEST_SUBJECT), *texts)


def in_words(shares: Mapping[str, float]) -> str:
    """Weights as people read them."""
    return ", ".join(f"{name} {share:.0%}" for name, share in sorted(shares.items(), key=lambda each: -each[1]))


def part_in_words(words: str) -> str:
    """A part as people read it."""
    return words or "the whole topic"


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"

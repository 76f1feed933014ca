"""What the engine decided, in words that a person understands. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from orchestration.logic.effort import Unit
from orchestration.logic.tree import PartState

LONGEST_SUBJECT, LONGEST_TEXT = 200, 1_000


class DecisionKind(StrEnum):
    """What a decision is about."""

    WEIGHTS = "weights"
    ASSIGNED = "assigned"
    SPLIT = "split"
    RETIRED = "retired"
    REOPENED = "reopened"
    DIVISION = "division"


_KINDS = {
    PartState.SPLIT: DecisionKind.SPLIT,
    PartState.RETIRED: DecisionKind.RETIRED,
    PartState.OPEN: DecisionKind.REOPENED,
}


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


def of_weights(
    slot: int,
    before: Mapping[str, float],
    after: Mapping[str, float],
    yields: Mapping[str, float],
    unit: Unit,
    *,
    dry: bool = False,
) -> Decision:
    """A producer asks providers in other shares, because of what they bring for a unit of effort; `dry`: and as
    nothing new has come for a while."""
    brings = ", ".join(f"{name} {value * unit.size:,.0f}" for name, value in sorted(yields.items()))
    reason = f"new entries to be expected for {unit.words}: {brings}"
    if dry:
        reason = f"nothing new has come for a while, so each is asked before the run ends; {reason}"
    return decided(DecisionKind.WEIGHTS, f"producer {slot}", in_words(before), in_words(after), reason)


def of_move(slot: int, before: str, after: str, reason: str) -> Decision:
    """A producer asks for another part."""
    return decided(DecisionKind.ASSIGNED, f"producer {slot}", part_in_words(before), part_in_words(after), reason)


def of_state(words: str, before: PartState, after: PartState, became: str, reason: str) -> Decision:
    """A part is split, retired or opened again; `became`: its state, or what has come in its place."""
    return decided(_KINDS[after], part_in_words(words), before.value, became, reason)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"

"""What a question leaves out where little money is left: exclusions, as far as that leaves room for entries. Pure.

An exclusion that is dropped makes its entry come again, perhaps; the money for it pays for more entries, of which a
share is new. The permit cuts the number of entries to what there is; here the exclusions are cut so that the two
together bring most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from orchestration.logic.asking import Plan
from orchestration.logic.ledger import LEAST_ENTRIES

# What a producer adds to its prompt: how many entries, and how exclusions are told.
WORDS_AROUND = 200


@dataclass(frozen=True, slots=True)
class Purse:
    """What is left for one provider in USD, and what a byte of a question, an entry and thinking cost at worst."""

    usd: float
    byte_in: float
    entry_out: float
    thinking: float = 0.0

    def entries(self, question_bytes: int) -> float:
        """How many entries it pays for, behind such a question."""
        left = self.usd - self.thinking - question_bytes * self.byte_in
        return left / self.entry_out if self.entry_out else float("inf") if left >= 0 else 0.0


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An exclusion: its bytes, and the repeats that it keeps out of an answer of the size that was planned."""

    bytes: int
    saved: float


def kept(size: int, bare_bytes: int, exclusions: Sequence[Exclusion], purse: Purse) -> frozenset[int]:
    """The places of the exclusions to keep in a question for `size` entries: those with which most new entries are
    expected for the money. All, where that pays for all."""
    order = sorted(range(len(exclusions)), key=lambda at: -exclusions[at].saved / max(exclusions[at].bytes, 1))
    lost = sum(each.saved for each in exclusions)
    best, best_count, question = 0.0, 0, bare_bytes
    for count in range(len(order) + 1):
        if count:
            added = exclusions[order[count - 1]]
            question, lost = question + added.bytes, lost - added.saved
        length = min(float(size), purse.entries(question))
        expected = length * share_left(size, lost) if length >= min(LEAST_ENTRIES, size) else 0.0
        if expected > 0.0 and expected >= best:
            best, best_count = expected, count
    return frozenset(order[:best_count])


def share_left(size: int, lost: float) -> float:
    """The share of an answer that so many more repeats leave for what would have come without them."""
    return size / (size + max(lost, 0.0))


def trimmed(plan: Plan, saved: Sequence[float], purse: Purse) -> Plan:
    """The plan with those of its exclusions that are to be paid for; `saved`: the repeats that each prevents."""
    exclusions = [
        Exclusion(len(text.encode(errors="replace")) + 1, each)
        for text, each in zip(plan.exclusions, saved, strict=True)
    ]
    bare_bytes = len(plan.prompt.encode(errors="replace")) + WORDS_AROUND
    places = sorted(kept(plan.request_size, bare_bytes, exclusions, purse))
    if len(places) == len(exclusions):
        return plan
    return replace(
        plan,
        exclusions=tuple(plan.exclusions[at] for at in places),
        excluded=tuple(plan.excluded[at] for at in places),
    )

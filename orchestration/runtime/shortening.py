"""Producers that are told to wait for a shorter question, where that does more with what is left under a cap."""

from __future__ import annotations

from collections import defaultdict

from orchestration.logic.asking import Plan
from orchestration.logic.trimming import Purse
from orchestration.opening import OpenedProvider, OpenedRun
from producers.link.messages import FRAME_BYTES, Ask
from producers.providers.base import Question

# A producer hears of a new plan in a moment: after so many refusals it asks for something else than its plan.
TRIES = 6


class Shortening:
    """Counts how often in a row each producer was told so about a provider."""

    def __init__(self) -> None:
        self._told: dict[tuple[int, int], int] = defaultdict(int)

    def shortens(
        self, opened: OpenedRun, provider: OpenedProvider, producer_id: int, ask: Ask, purse: Purse | None
    ) -> bool:
        """Whether the producer is about to hear of a plan with a shorter question than this one; None: no cap holds.

        It may have asked for something else than its plan, to which that is no help: so this is no answer for ever.
        """
        key = producer_id, provider.row.pk
        if purse is not None and self._told[key] < TRIES:
            slot = next(each.slot for each in opened.producers if each.pk == producer_id)
            shorter = opened.mind.trim(slot, ask.provider, purse)
            if shorter is not None and _bytes_of(shorter) < ask.bytes_in:
                self._told[key] += 1
                return True
        self._told.pop(key, None)
        return False

    def forget(self, opened: OpenedRun) -> None:
        """The run is over."""
        for row in opened.producers:
            for provider in opened.providers.values():
                self._told.pop((row.pk, provider.row.pk), None)


def _bytes_of(plan: Plan) -> int:
    """What an ask by this plan says of its size."""
    question = Question(topic="", prompt=plan.prompt, count=plan.request_size, exclusions=plan.exclusions)
    return len(question.text.encode(errors="replace")) + FRAME_BYTES

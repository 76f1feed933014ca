"""The plans that producers ask with, and with which of them an answer may have been asked for. Pure."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from orchestration.logic.asking import Outcome, Plan

# With several requests under way a producer has asked with one of so many plans.
POSSIBLE = 3


@dataclass
class Planned:
    """The plans in force, by slot and provider, and the last few of each."""

    _now: dict[tuple[int, str], Plan] = field(default_factory=dict)
    _whole: dict[tuple[int, str], Plan] = field(default_factory=dict)
    _lately: defaultdict[tuple[int, str], deque[Plan]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=POSSIBLE))
    )

    def get(self, slot: int, provider: str, make: Callable[[], Plan]) -> Plan:
        """The plan in force; a new one if there is none."""
        key = slot, provider
        if key not in self._now:
            self._whole[key] = make()
            self._begin(key, self._whole[key])
        return self._now[key]

    def trim(self, slot: int, provider: str, make: Callable[[Plan], Plan]) -> Plan | None:
        """What is made of the plan in force, as it was before it was trimmed, is in force from now on; None: that is
        the same."""
        key = slot, provider
        if (plan := make(self._whole[key])) != self._now[key]:
            self._begin(key, plan)
        return plan if plan != self._whole[key] else None

    def _begin(self, key: tuple[int, str], plan: Plan) -> None:
        self._now[key] = plan
        self._lately[key].append(plan)

    def answered(self, outcome: Outcome) -> tuple[int, ...]:
        """The plan in force has served. Returns the ids that were excluded, as far as that is sure.

        An answer does not say which plan it belongs to, and a producer may have several requests under way: sure is
        what all of the last plans for that part, in that style, excluded.
        """
        key = outcome.slot, outcome.provider
        self._now.pop(key, None)
        possible = [
            plan for plan in self._lately.get(key, ()) if (plan.part, plan.style) == (outcome.part, outcome.style)
        ]
        if not possible:
            return ()
        sure = set.intersection(*(set(plan.excluded) for plan in possible))
        return tuple(entry for entry in possible[-1].excluded if entry in sure)

    def drop(self, slots: Collection[int]) -> None:
        """These producers ask for something else from now on."""
        self._now = {key: plan for key, plan in self._now.items() if key[0] not in slots}

    def keep_parts(self, parts: Collection[str]) -> None:
        """Only these parts are asked for from now on."""
        self._now = {key: plan for key, plan in self._now.items() if plan.part in parts}

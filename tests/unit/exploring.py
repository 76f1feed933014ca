"""A run without engine and models: a test says what each answer brings, and the mind decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from random import Random
from typing import Any

from orchestration.logic.alphabet import LATIN
from orchestration.logic.asking import Outcome, Plan, Settings
from orchestration.logic.decisions import Decision
from orchestration.logic.effort import Rated
from orchestration.logic.parts import Part
from orchestration.logic.steering import Steering
from orchestration.logic.tree import PartState

PRICE = (1e-6, 4e-6)


class Run:
    """Some producers and providers under one mind. Time passes as the test says: a second a round."""

    def __init__(
        self,
        providers: Mapping[str, tuple[float, float]] | Sequence[str] = ("a", "b"),
        slots: int = 3,
        *,
        begin: bool = True,
        takes_temperature: bool = False,
        weights: Mapping[int, dict[str, float]] | None = None,
        **settings: Any,
    ) -> None:
        prices = providers if isinstance(providers, Mapping) else dict.fromkeys(providers, PRICE)
        rated = {name: Rated(name, *price, takes_temperature) for name, price in prices.items()}
        self.mind = Steering(
            Settings("Museums", "In Paris.", **settings),
            rated,
            range(slots),
            Random(7),
            weights={slot: dict(shares) for slot, shares in (weights or {}).items()},
        )
        self.ids = count(1)
        self.found: dict[int, str] = {}
        self.now = 0.0
        self.decisions: list[Decision] = []
        self._chance = Random(3)
        if begin:
            self.mind.begin()

    def answer(
        self,
        slot: int,
        provider: str,
        new: int = 0,
        again: Sequence[int] = (),
        *,
        part: str | None = None,
        **said: Any,
    ) -> Plan:
        """The producer asks the provider by its plan: so many new entries come, and these again."""
        plan = self.mind.plan(slot, provider)
        asked_for = plan.part if part is None else part
        fresh = [(next(self.ids), f"{_beginning(self.mind.tree.get(asked_for).part)} {at}") for at in range(new)]
        self.found.update(fresh)
        outcome = {"style": plan.style, "asked": plan.request_size, "cost": 0.001, "seconds": 1.0, **said}
        repeats = [(entry, self.found.get(entry, "")) for entry in again]
        self.mind.record(Outcome(slot, provider, asked_for, new=fresh, repeats=repeats, **outcome))
        return plan

    def step(self, **options: Any) -> list[Decision]:
        self.now += 1.0
        self.decisions = self.mind.step(self.now, **options)
        return self.decisions

    def rounds(self, times: int, brings: Mapping[str, int], size: int = 60, **options: Any) -> list[Decision]:
        """So many rounds in which every producer asks one provider, chosen by weight, and a step follows.

        Of an answer of `size` candidates `brings` says how many are new; the others are the last that were found.
        """
        made: list[Decision] = []
        for _ in range(times):
            for slot in self.mind.slots:
                shares = self.mind.weights[slot]
                [provider] = self._chance.choices(list(shares), list(shares.values()))
                known = list(self.found)[-max(size - brings[provider], 1) :]
                self.answer(slot, provider, brings[provider], known)
            made += self.step(**options)
        return made

    @property
    def open(self) -> list[str]:
        return self.mind.tree.open_parts()

    def state(self, words: str) -> PartState:
        return self.mind.tree.nodes[words].state

    def share(self, provider: str) -> float:
        """Of the requests of all producers."""
        return sum(shares[provider] for shares in self.mind.weights.values()) / len(self.mind.slots)

    def beliefs(self) -> tuple[Any, ...]:
        """All that is seen of the mind from outside."""
        mind = self.mind
        plans = {(slot, name): mind.plan(slot, name) for slot in mind.slots for name in mind.providers}
        return plans, mind.weights, mind.assigned, list(mind.tree), mind.division_wanted, self.decisions


def _beginning(part: Part) -> str:
    """A beginning that fits the part."""
    if part.initials is None:
        return "entry"
    return part.initials.low or "a" if part.initials.script == LATIN else "Ж"

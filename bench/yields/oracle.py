"""The oracle: it knows the truth, and takes the ask that brings the most true new entries per USD, as expected.

It looks one request ahead, knows what is in flight, and may not count on the luck of the very draw it gets.
Temperature is left as it is.
"""

from __future__ import annotations

from bench.yields.advisor import Advisor
from bench.yields.asks import Answered, Ask
from bench.yields.run import Stage


class Oracle:
    """The policy that follows the advisor. `values`: what each ask promised, in true new entries per USD."""

    name = "oracle"

    def __init__(self, stage: Stage) -> None:
        self._advisor = Advisor(stage)
        self._stage = stage
        self._flying: dict[int, dict[int, float]] = {}
        self.values: list[float] = []

    def next(self, now: float) -> Ask | None:
        arm, plan = self._advisor.best()
        texts = self._stage.world.texts
        barred = tuple(texts[at] for at in self._advisor.excluded(arm, plan.excluded))
        ask = Ask(arm.provider, plan.count, arm.partition, barred, arm.style)
        chances = self._advisor.chances(arm, plan)
        for at, chance in chances.items():
            self._advisor.left[at] *= 1 - chance
        self._flying[id(ask)] = chances
        self._advisor.asked(arm.provider)
        self.values.append(plan.value)
        return ask

    def learn(self, answered: Answered) -> None:
        left, place = self._advisor.left, self._stage.world.place
        for at, chance in self._flying.pop(id(answered.ask)).items():
            left[at] /= 1 - chance
        for text in answered.new:
            if text in place:
                self._advisor.find(place[text])

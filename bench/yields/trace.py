"""Request by request, what our policy asks in one run, beside what the oracle would get from the best ask then."""

from __future__ import annotations

from bench.yields.advisor import Advisor
from bench.yields.asks import Answered, Ask, Briefing, Category, Letters, Partition, Policy
from bench.yields.contestant import Contestant
from bench.yields.run import Stage, Terms, play


class Traced:
    """Our policy, which tells the advisor what it finds, and prints a line for each answer."""

    def __init__(self, stage: Stage, briefing: Briefing) -> None:
        self._policy: Policy = Contestant(briefing)
        self._advisor = Advisor(stage)
        self._place = stage.world.place
        self._spent = 0.0
        self._found = 0
        self.name = self._policy.name

    def next(self, now: float) -> Ask | None:
        return self._policy.next(now)

    def learn(self, answered: Answered) -> None:
        self._policy.learn(answered)
        arm, plan = self._advisor.best()
        places = [self._place[text] for text in answered.new if text in self._place]
        for at in places:
            self._advisor.find(at)
        self._advisor.asked(answered.ask.provider)
        self._spent += answered.cost
        self._found += len(places)
        rate = len(places) / answered.cost if answered.cost else 0.0
        best = f"{arm.provider} {arm.style} {_in_words(arm.partition)}"
        print(
            f"{answered.now:7.1f} s  ${self._spent:.5f}  {self._found:5}  {_asked(answered):62}"
            f" {len(places):4} new, {rate:9,.0f} a USD; best: {plan.value:9,.0f} ({best})"
        )


def trace(stage: Stage, budget: float) -> None:
    """Print a run of our policy with `budget` USD."""
    play(stage, lambda briefing: Traced(stage, briefing), Terms(budget))


def _asked(answered: Answered) -> str:
    ask = answered.ask
    remark = " probe" if ask.probe else " failed" if answered.failed else ""
    return f"{ask.provider} {ask.style} {ask.count} {_in_words(ask.partition)} -{len(ask.exclusions)}{remark}"


def _in_words(partition: Partition | None) -> str:
    match partition:
        case Category(name):
            return name
        case Letters(ranges, digits, other):
            return (
                ",".join(f"{low}-{high}" for low, high in ranges) + ("#" if digits else "") + ("*" if other else "")
            )
        case _:
            return "all"

"""igentai's own policy: a thin adapter of the code that steers real runs."""

from __future__ import annotations

from decimal import Decimal
from itertools import count, cycle
from random import Random

from bench.yields.asks import Answered, Ask, Briefing, Category, Coverage, Interval, Letters, Partition, Style
from orchestration.logic.asking import BLIND, Outcome, Plan, Settings
from orchestration.logic.coverage import estimate, listed_by_others
from orchestration.logic.effort import Rated
from orchestration.logic.estimates import Estimates, Judged
from orchestration.logic.forecast import price_of_next
from orchestration.logic.intervals import Interval as Estimated
from orchestration.logic.outlook import Wish, too_dear
from orchestration.logic.parts import Part
from orchestration.logic.prompts import PLAIN
from orchestration.logic.steering import Steering

SLOTS = 6
MILLION = 1e6
STYLES: dict[str, Style] = {
    PLAIN: "plain", "lesser_known": "lesser-known", "anchors": "anchors", "languages": "language",
    "verbalized": "verbalized",
}  # fmt: skip


class Igentai:
    """Five producers in turn, each with its part and its weights, as the engine would have them ask."""

    name = "igentai"

    def __init__(self, briefing: Briefing) -> None:
        self._briefing = briefing
        self._rng = Random(f"igentai {briefing.seed}")
        rated = {
            offer.name: Rated(offer.name, offer.price_in / MILLION, offer.price_out / MILLION)
            for offer in briefing.offers
        }
        self._steering = Steering(Settings(briefing.topic), rated, range(SLOTS), self._rng)
        self._steering.begin()
        self._estimates = Estimates()
        limit = briefing.price_limit
        self._wish = Wish(price_usd=None if limit is None else Decimal(repr(limit)))
        self._turns = cycle(range(SLOTS))
        self._ids: dict[str, int] = {}
        self._numbers = count(1)
        self._flying: dict[int, tuple[int, Plan | None]] = {}

    def next(self, now: float) -> Ask | None:
        if too_dear(self._estimates.outlook, self._wish):
            return None
        slot = self._free_slot()
        shares = self._steering.weights[slot]
        provider = self._rng.choices(list(shares), weights=list(shares.values()))[0]
        if probed := self._steering.take_probe():
            return self._sent(Ask(probed, self._steering.settings.request_size, probe=True), slot, None)
        plan = self._steering.plan(slot, provider)
        part = _partition(self._steering.tree.get(plan.part).part)
        return self._sent(Ask(provider, plan.request_size, part, plan.exclusions, STYLES[plan.style]), slot, plan)

    def _free_slot(self) -> int:
        busy = {slot for slot, _ in self._flying.values()}
        return next(slot for slot in self._turns if slot not in busy)

    def learn(self, answered: Answered) -> None:
        slot, plan = self._flying.pop(id(answered.ask))
        self._estimate(answered, plan)
        self._steering.record(
            Outcome(
                slot=slot,
                provider=answered.ask.provider,
                part=plan.part if plan else "",
                style=plan.style if plan else BLIND,
                asked=answered.ask.count,
                new=self._with_ids(answered.new),
                repeats=self._with_ids(answered.repeats),
                cost=answered.cost,
                seconds=answered.seconds,
                probe=_is_blind(plan),
            )
        )
        if self._steering.due(answered.now):
            self._steering.step(answered.now)
        if self._steering.division_wanted:
            cheapest = min(self._briefing.offers, key=lambda offer: offer.price_out).name
            self._steering.divide(self._briefing.categories(cheapest).names, cheapest)

    def coverage(self) -> Coverage | None:
        estimates = self._estimates
        listed = listed_by_others(estimates.sample, estimates.contributions)
        said = estimate(estimates.sample, len(self._ids), listed)
        return Coverage(_interval(said.mass), _interval(said.items), said.providers)

    def _estimate(self, answered: Answered, plan: Plan | None) -> None:
        before = len(self._ids)
        new, repeats = self._with_ids(answered.new), self._with_ids(answered.repeats)
        estimates = self._estimates
        estimates.record(
            answered.ask.provider,
            [entry for entry, _ in new],
            [entry for entry, _ in repeats],
            cost=answered.cost,
            probe=_is_blind(plan),
            found=before + len(new),
        )
        if self._wish.price_usd is not None and estimates.due:
            price = price_of_next(estimates.evidence(len(self._ids)).curve)
            estimates.conclude(Judged(price=price), self._wish, (), self._steering.best_price())

    def _sent(self, ask: Ask, slot: int, plan: Plan | None) -> Ask:
        self._flying[id(ask)] = slot, plan
        return ask

    def _with_ids(self, texts: tuple[str, ...]) -> list[tuple[int, str]]:
        for text in texts:
            if text not in self._ids:
                self._ids[text] = next(self._numbers)
        return [(self._ids[text], text) for text in texts]


def _is_blind(plan: Plan | None) -> bool:
    return plan is None or (not plan.part and not plan.exclusions and plan.style == PLAIN)


def _partition(part: Part) -> Partition | None:
    if part.initials is None:
        return None if part.kind == "all" else Category(part.name)
    each = part.initials
    if each.script == "latin":
        return Letters(((each.low or "a", each.high or "z"),))
    return Letters(digits="digits" not in each.without, other=True)


def _interval(said: Estimated | None) -> Interval | None:
    return None if said is None else Interval(said.estimate, said.low, said.high)

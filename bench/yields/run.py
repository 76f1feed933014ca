"""One run of one policy: requests overlap, money is counted, and the truth is kept from the policy."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf

from bench.yields.asks import Answered, Ask, Briefing, Coverage, Division, Offer, Policy
from bench.yields.minds import Mind, Traits, minds_of
from bench.yields.models import Model, Said, division
from bench.yields.worlds import World

IN_FLIGHT = 6
REQUESTS = 6_000  # no run goes on longer


@dataclass(frozen=True, eq=False)
class Stage:
    """What a run is about: the truth, and what each model knows, before it drifts and after."""

    world: World
    minds: Mapping[str, tuple[Mind, ...]]
    seed: int

    @property
    def offers(self) -> tuple[Offer, ...]:
        all_traits = (minds[0].traits for minds in self.minds.values())
        return tuple(Offer(traits.name, traits.price_in, traits.price_out) for traits in all_traits)

    def reachable(self, providers: Collection[str] = ()) -> frozenset[int]:
        """What at least one of these models knows (none given: of all), before it drifts."""
        return frozenset(at for name in providers or self.minds for at in self.minds[name][0].known)


def make_stage(world: World, models: tuple[Traits, ...], seed: int) -> Stage:
    return Stage(world, {traits.name: minds_of(world, traits, seed) for traits in models}, seed)


@dataclass(frozen=True, slots=True)
class Point:
    """A run that had ended with this request: its money, all accepted entries, and those of them that are true."""

    spent: float
    accepted: int
    true: int


@dataclass(frozen=True, slots=True)
class Belief:
    """What the policy said of its coverage at a look, what was found by then, and the models as they were."""

    look: float
    said: Coverage
    found: frozenset[int]
    minds: Mapping[str, Mind]


@dataclass
class Record:
    """What happened in a run. `stopped`: by the policy's own decision.

    `points` are in the order of asking: with a budget that ends there, the policy would have asked just these, and
    all of them would have been answered. In the order of answers, cheap models would shine because they are quick.
    """

    policy: str
    points: list[Point] = field(default_factory=list)
    beliefs: list[Belief] = field(default_factory=list)
    requests: int = 0
    stopped: bool = False

    @property
    def spent(self) -> float:
        return self.points[-1].spent if self.points else 0.0

    @property
    def true(self) -> int:
        """All true entries that it found."""
        return self.points[-1].true if self.points else 0

    def true_at(self, budget: float) -> float:
        """True unique entries for `budget`, between two requests in a straight line."""
        at = bisect_right([point.spent for point in self.points], budget)
        before = self.points[at - 1] if at else Point(0.0, 0, 0)
        if at == len(self.points):
            return before.true
        after = self.points[at]
        share = (budget - before.spent) / (after.spent - before.spent)
        return before.true + share * (after.true - before.true)

    def precision_at(self, budget: float) -> float:
        """The share of true entries among those accepted by then."""
        at = bisect_right([point.spent for point in self.points], budget)
        point = self.points[max(at - 1, 0)]
        return point.true / max(point.accepted, 1)


@dataclass(frozen=True, slots=True)
class Terms:
    """When a run ends: at a budget in USD, after `patience` answers in a row without anything true (for rivals that
    would go on for ever), or at a number of true entries. `looks`: the spendings at which coverage is asked for,
    the least first."""

    budget: float = inf
    patience: float = inf
    target: float = inf
    price_limit: float | None = None
    looks: tuple[float, ...] = ()


Watch = Callable[[str, tuple[int, ...], float], None]


class Till:
    """The one door between a policy and the models. The policy holds only the briefing and answers."""

    def __init__(self, stage: Stage) -> None:
        self.models = {name: Model(stage.world, m, stage.seed) for name, m in stage.minds.items()}
        self.extra = 0.0

    def divide(self, provider: str) -> Division:
        made = division(self.models[provider])
        self.extra += made.cost
        return made


def play(
    stage: Stage,
    make: Callable[[Briefing], Policy],
    terms: Terms,
    watch: Watch | None = None,
) -> Record:
    """Run the policy that `make` makes until it stops or `terms` end it; `watch` is told each answer's provider, its
    true entries, and the money spent or pledged by then."""
    till = Till(stage)
    policy = make(Briefing(stage.world.topic, stage.offers, stage.seed, till.divide, terms.price_limit))
    return _Game(stage, till, policy, terms).play(watch)


@dataclass
class _Game:
    stage: Stage
    till: Till
    policy: Policy
    terms: Terms
    now: float = 0.0
    paid: float = 0.0
    pledged: float = 0.0
    barren: int = 0
    seen: set[str] = field(default_factory=set)
    found: set[int] = field(default_factory=set)
    flying: list[tuple[float, int, Ask, Said]] = field(default_factory=list)
    asked: list[tuple[float, Said]] = field(default_factory=list)
    record: Record = field(init=False)

    def __post_init__(self) -> None:
        self.record = Record(self.policy.name)

    def play(self, watch: Watch | None) -> Record:
        while True:
            self._ask()
            if not self.flying:
                self.record.points = list(_points(self.asked, self.till.extra))
                return self.record
            ask, said = self._settle()
            if watch is not None:
                watch(ask.provider, said.entries, self.paid + self.pledged + self.till.extra)

    def _ask(self) -> None:
        while len(self.flying) < IN_FLIGHT and self._goes_on():
            ask = self.policy.next(self.now)
            if ask is None:
                self.record.stopped = True
                return
            said = self.till.models[ask.provider].answer(ask)
            self.pledged += said.cost
            self.record.requests += 1
            self.asked.append((self.till.extra, said))
            heappush(self.flying, (self.now + said.seconds, self.record.requests, ask, said))

    def _goes_on(self) -> bool:
        return (
            not self.record.stopped
            and self.paid + self.pledged + self.till.extra < self.terms.budget
            and self.record.requests < REQUESTS
            and self.barren < self.terms.patience
            and len(self.found) < self.terms.target
        )

    def _settle(self) -> tuple[Ask, Said]:
        self.now, _, ask, said = heappop(self.flying)
        self.pledged -= said.cost
        self.paid += said.cost
        before = len(self.found)
        answered = self._answered(ask, said)
        self.barren = 0 if len(self.found) > before else self.barren + 1
        self.policy.learn(answered)
        self._look(self.paid + self.till.extra)
        return ask, said

    def _answered(self, ask: Ask, said: Said) -> Answered:
        new: list[str] = []
        repeats: list[str] = []
        texts = self.stage.world.texts
        for text in (*(texts[at] for at in said.entries), *said.strays):
            (repeats if text in self.seen else new).append(text)
            self.seen.add(text)
        self.found.update(said.entries)
        return Answered(
            ask,
            tuple(new),
            tuple(repeats),
            said.tokens_in,
            said.tokens_out,
            said.cost,
            said.seconds,
            said.failed,
            self.now,
        )

    def _look(self, spent: float) -> None:
        due = [look for look in self.terms.looks[len(self.record.beliefs) :] if look <= spent]
        if not due:
            return
        coverage = getattr(self.policy, "coverage", None)
        said = coverage() if coverage else None
        minds = {name: model.mind for name, model in self.till.models.items()}
        self.record.beliefs += [Belief(look, said or Coverage(), frozenset(self.found), minds) for look in due]


def _points(asked: Iterable[tuple[float, Said]], extra: float) -> Iterator[Point]:
    """Request by request in the order of asking, with what had been paid besides by then (at the end: all of it)."""
    spent = 0.0
    found: set[int] = set()
    strays: set[str] = set()
    point = None
    for paid, said in asked:
        spent += said.cost
        found.update(said.entries)
        strays.update(said.strays)
        point = Point(spent + paid, len(found) + len(strays), len(found))
        yield point
    if point is not None and spent + extra > point.spent:
        yield Point(spent + extra, point.accepted, point.true)

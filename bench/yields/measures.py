"""What one scenario shows with one seed: every policy at both budgets, the estimates, and the stop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from math import exp, inf
from statistics import fmean

from bench.yields.advisor import Advisor
from bench.yields.asks import Interval
from bench.yields.contestant import Contestant
from bench.yields.expectations import classed, filling_time
from bench.yields.minds import Mind
from bench.yields.oracle import Oracle
from bench.yields.policies import REQUEST_SIZE, FullList, Lifetime, Single, Uniform, UniformByAlphabet
from bench.yields.run import Record, Stage, Terms, play
from bench.yields.scenarios import Scenario

OURS, FULL_LIST, UNIFORM, BY_ALPHABET, SINGLE, LIFETIME, ORACLE = (
    "igentai", "full list", "uniform", "uniform, by alphabet", "best single", "lifetime bandit", "oracle",
)  # fmt: skip
TIGHT, NEAR, STOP = (
    0.3,
    0.925,
    0.85,
)  # shares of what the models know; the oracle's spending there sets budgets and price
PATIENCE = 200
STEPS = tuple(0.005 * 200 ** (step / 40) for step in range(41))  # of a curve: parts of the greater budget
LOOKS = 10  # how often coverage is asked for
EXTENSION = 3.0  # how many times the greater budget a run may spend that is to stop at a price


@dataclass(frozen=True, slots=True)
class Claim:
    """An interval that was stated and the truth at that moment; None: nothing was stated. `tight`: stated when the
    tight budget was spent, and not later.

    `truth` is of what the providers know that the policy speaks of, `of_all` of what all models know.
    """

    kind: str
    tight: bool
    interval: Interval | None
    truth: float
    of_all: float


@dataclass(frozen=True, slots=True)
class Stopping:
    """A run with a price limit. `wasted`: the share of its money that went after an oracle would have stopped;
    `found`: its entries, as a share of the oracle's when that stopped; `decided`: it stopped by itself."""

    price_limit: float
    wasted: float
    found: float
    decided: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one scenario and seed. `found`: true entries at both budgets; `curves`: the share of what can be found at
    equal ratios of the greater budget; `precision`: of ours, at the greater budget."""

    scenario: str
    seed: int
    reachable: int
    budgets: tuple[float, float]
    found: Mapping[str, tuple[float, float]]
    curves: Mapping[str, tuple[float, ...]]
    precision: float
    requests: int
    claims: tuple[Claim, ...]
    stopping: Stopping


def measure(scenario: Scenario, seed: int) -> Outcome:
    stage = scenario.stage(seed)
    reachable = stage.reachable()
    oracle, price_limit = _oracle(stage, len(reachable))
    budgets = (_spent_at(oracle, TIGHT * len(reachable)), _spent_at(oracle, NEAR * len(reachable)))
    records = {ORACLE: oracle, **_rivals(stage, budgets[1])}
    looks = tuple(sorted((budgets[0], *(budgets[1] * look / LOOKS for look in range(1, LOOKS + 1)))))
    ours = records[OURS] = play(stage, Contestant, Terms(budgets[1] * 1.001, looks=looks))
    singles = [play(stage, partial(Single, provider=name), _terms(budgets[1])) for name in stage.minds]
    found = {name: _at(record, budgets) for name, record in records.items()}
    found[SINGLE] = _best(singles, budgets[0]).true_at(budgets[0]), _best(singles, budgets[1]).true_at(budgets[1])
    records[SINGLE] = _best(singles, budgets[1])
    return Outcome(
        scenario=scenario.name,
        seed=seed,
        reachable=len(reachable),
        budgets=budgets,
        found=found,
        curves={name: _curve(record, budgets[1], len(reachable)) for name, record in records.items()},
        precision=ours.precision_at(budgets[1]),
        requests=ours.requests,
        claims=tuple(_claims(ours, stage, budgets[0])),
        stopping=_stopping(stage, price_limit, budgets[1], _peak(oracle, len(reachable))),
    )


def _oracle(stage: Stage, reachable: int) -> tuple[Record, float]:
    """Its run up to the greater budget, and the price of its next 100 entries where it should stop, in USD."""
    oracle = Oracle(stage)
    record = play(stage, lambda _: oracle, Terms(target=NEAR * reachable, patience=PATIENCE))
    at = next(at for at, point in enumerate(record.points) if point.true >= _peak(record, reachable))
    return record, 100 / oracle.values[at]


def _peak(oracle: Record, reachable: int) -> float:
    """How many entries the oracle has when the price limit tells it to stop."""
    return min(STOP * reachable, 0.92 * oracle.true)


def _rivals(stage: Stage, budget: float) -> dict[str, Record]:
    makers = {FULL_LIST: FullList, UNIFORM: Uniform, BY_ALPHABET: UniformByAlphabet, LIFETIME: Lifetime}
    return {name: play(stage, make, _terms(budget)) for name, make in makers.items()}


def _terms(budget: float) -> Terms:
    return Terms(budget, patience=PATIENCE)


def _spent_at(record: Record, true: float) -> float:
    """The money that was spent when so many true entries had been found, between two requests in a straight line."""
    spent = found = 0.0
    for point in record.points:
        if point.true >= true:
            return spent + (point.spent - spent) * (true - found) / (point.true - found)
        spent, found = point.spent, point.true
    return spent


def _best(records: Iterable[Record], budget: float) -> Record:
    return max(records, key=lambda record: record.true_at(budget))


def _at(record: Record, budgets: tuple[float, float]) -> tuple[float, float]:
    return record.true_at(budgets[0]), record.true_at(budgets[1])


def _curve(record: Record, budget: float, reachable: int) -> tuple[float, ...]:
    return tuple(record.true_at(budget * step) / reachable for step in STEPS)


# --- estimates ------------------------------------------------------------------------------------


def _claims(record: Record, stage: Stage, tight: float) -> Iterable[Claim]:
    for belief in record.beliefs:
        named = belief.said.providers or tuple(stage.minds)
        masses = {name: _known_share(mind, belief.found) for name, mind in belief.minds.items()}
        mass = fmean(masses[name] for name in named), fmean(masses.values())
        items = _share_of(stage.reachable(named), belief.found), _share_of(stage.reachable(), belief.found)
        yield Claim("mass", belief.look == tight, belief.said.mass, *mass)
        yield Claim("items", belief.look == tight, belief.said.items, *items)


def _share_of(known: frozenset[int], found: frozenset[int]) -> float:
    return len(found & known) / len(known)


def _known_share(mind: Mind, found: frozenset[int]) -> float:
    """The share of a blind answer of this model that is among `found`, as expected."""
    classes = classed(mind.pool("plain", 0, None, None))
    sizes = [float(len(members)) for members in classes.members]
    time = filling_time(classes.weights, sizes, REQUEST_SIZE)
    named = [1 - exp(-weight * time) for weight in classes.weights]
    known = sum(
        chance * len(found.intersection(members)) for chance, members in zip(named, classes.members, strict=True)
    )
    return known / sum(chance * size for chance, size in zip(named, sizes, strict=True))


# --- the stop -------------------------------------------------------------------------------------


class _Referee:
    """Says where an oracle, in the place of the policy that it watches, would have stopped."""

    def __init__(self, stage: Stage, price_limit: float) -> None:
        self._advisor = Advisor(stage)
        self._least = 100 / price_limit
        self.stop = inf

    def __call__(self, provider: str, entries: tuple[int, ...], pledged: float) -> None:
        if self.stop < inf:
            return
        self._advisor.asked(provider)
        for at in entries:
            self._advisor.find(at)
        if self._advisor.best()[1].value < self._least:
            self.stop = pledged


def _stopping(stage: Stage, price_limit: float, budget: float, peak: float) -> Stopping:
    referee = _Referee(stage, price_limit)
    record = play(stage, Contestant, Terms(budget * EXTENSION, price_limit=price_limit), referee)
    wasted = max(0.0, record.spent - referee.stop) / max(record.spent, 1e-12)
    return Stopping(price_limit, wasted, record.true / peak, record.stopped)

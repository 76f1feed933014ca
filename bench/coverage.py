"""`python -m bench.coverage`: how well the estimates of coverage and price do in simulated runs of known truth.

The settings of the estimators were chosen on the series "training" and are frozen; what counts is "held-out", whose
worlds and seeds they have never seen. Every figure is simulated: it says that the method works, not how real models
behave.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal
from math import inf
from statistics import median

from bench.coverage_worlds import Answer, Run, Setting, drawn
from orchestration.logic.coverage import Coverage, ProbeSample, estimate
from orchestration.logic.forecast import Curve, price_of_next, prospect
from orchestration.logic.intervals import Interval
from orchestration.logic.outlook import Outlook, Wish, enough, too_dear, with_coverage, with_price

MARKS = (0.3, 0.45, 0.6, 0.75, 0.9, 0.97)
WISHES = (0.5, 0.7, 0.8, 0.9)
# The most to be paid for the next 100 entries: so many times what the first 100 cost.
DEARER = 10
PRICE_EVERY = 2


@dataclass(frozen=True, slots=True)
class Moment:
    """What was estimated when a run had found a share of `mark`, and what was true."""

    setting: Setting
    mark: float
    coverage: Coverage
    items: float
    mass: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """Estimates at `mark`; what the next 100 entries really cost (None: the run ended before), and what another tenth
    of the spending really brought."""

    mark: float
    price: Interval | None
    cost: float | None
    outcome: Interval | None
    brought: float


@dataclass(frozen=True, slots=True)
class Halt:
    """Where a wish would have stopped a run: the true share then, and what it had cost, beside the whole run's."""

    wish: float
    items: float
    cost: float
    whole: float


@dataclass
class Results:
    """What was seen; `dear`: what was spent when the price stopped a run, and what an oracle would have spent."""

    moments: list[Moment]
    forecasts: list[Forecast]
    halts: list[Halt]
    dear: list[tuple[float, float]]
    runs: int = 0

    def add(self, other: Results) -> None:
        self.moments += other.moments
        self.forecasts += other.forecasts
        self.halts += other.halts
        self.dear += other.dear
        self.runs += other.runs


def measure(setting: Setting) -> Results:
    """One simulated run."""
    results = Results([], [], [], [], runs=1)
    answers = _follow(setting, results)
    results.forecasts += _forecasts(answers)
    results.dear += _dear(answers)
    return results


def _follow(setting: Setting, results: Results) -> list[Answer]:
    """Runs a setting, and judges it after each probe and at each mark."""
    run, sample, answers = Run(setting), ProbeSample(), []
    marks, outlooks = list(MARKS), dict.fromkeys(WISHES, Outlook())
    halted: dict[float, tuple[float, float]] = {}
    for answer in run:
        answers.append(answer)
        if answer.probe:
            sample.record(answer.provider, answer.seen, answer.known_before, answer.found_before)
            coverage = estimate(sample, answer.found)
            asked = [who.name for who in run.providers]
            for share in WISHES:
                outlooks[share] = with_coverage(outlooks[share], coverage, Wish(share), asked)
                if enough(outlooks[share], Wish(share)):
                    halted.setdefault(share, (answer.items, sum(each.cost for each in answers)))
        reached = [mark for mark in marks if answer.items >= mark]
        if reached:
            moment = Moment(setting, reached[-1], estimate(sample, answer.found), answer.items, run.mass())
            results.moments.append(moment)
            marks = [mark for mark in marks if mark > reached[-1]]
    whole = sum(each.cost for each in answers)
    results.halts += (Halt(share, *where, whole) for share, where in halted.items())
    return answers


# --- price ----------------------------------------------------------------------------------------


def _forecasts(answers: Sequence[Answer]) -> Iterator[Forecast]:
    curve, marks = Curve(), list(MARKS)
    for number, answer in enumerate(answers, 1):
        curve.record(answer.cost, answer.new)
        reached = [mark for mark in marks if answer.items >= mark]
        if reached:
            marks = [mark for mark in marks if mark > reached[-1]]
            rest = answers[number:]
            spent, brought = _brought(rest, curve.total.cost / 10)
            if spent:
                price, outcome = price_of_next(curve), prospect(curve, spent)
                yield Forecast(reached[-1], price, _cost_of(rest, 100), outcome, brought)


def _cost_of(answers: Sequence[Answer], entries: int) -> float | None:
    cost = 0.0
    for answer in answers:
        if answer.new >= entries:
            return cost + answer.cost * entries / answer.new
        entries -= answer.new
        cost += answer.cost
    return None


def _brought(answers: Sequence[Answer], money: float) -> tuple[float, float]:
    """What was spent, `money` at most, and the new entries that it brought."""
    spent = brought = 0.0
    for answer in answers:
        part = min(1.0, (money - spent) / answer.cost)
        spent += part * answer.cost
        brought += part * answer.new
        if part < 1.0:
            break
    return spent, brought


def _dear(answers: Sequence[Answer]) -> Iterator[tuple[float, float]]:
    """Where the price stops a run, and where it first was too high in truth."""
    first = _cost_of(answers, 100)
    if first is None:
        return
    wish = Wish(price_usd=Decimal(first * DEARER))
    outlook, curve, stop = Outlook(), Curve(), None
    for number, answer in enumerate(answers, 1):
        curve.record(answer.cost, answer.new)
        if number % PRICE_EVERY == 0:
            outlook = with_price(outlook, price_of_next(curve), wish, number)
            if too_dear(outlook, wish):
                stop = curve.total.cost
                break
    oracle = _oracle_stop(answers, first * DEARER)
    if oracle is not None:
        yield stop if stop is not None else sum(each.cost for each in answers), oracle


def _oracle_stop(answers: Sequence[Answer], most: float) -> float | None:
    spent = 0.0
    for number, answer in enumerate(answers):
        cost = _cost_of(answers[number : number + 2_000], 100)
        if cost is None or cost > most:
            return spent or None
        spent += answer.cost
    return None


# --- the tables -----------------------------------------------------------------------------------


def coverage_table(moments: Sequence[Moment]) -> str:
    rows = ["| moments | number | no estimate | items | low end holds | width | mass | width |", "|" + "---|" * 8]
    rows += [_coverage_row(name, chosen) for name, chosen in _groups(moments) if chosen]
    return "\n".join(rows)


def _groups(moments: Sequence[Moment]) -> Iterator[tuple[str, list[Moment]]]:
    kinds: dict[str, Callable[[Moment], bool]] = {
        "identical providers": lambda each: each.setting.identical,
        "drift": lambda each: each.setting.drift,
        "flat world": lambda each: each.setting.zipf == 0,
        "skew 0.3 or 0.6": lambda each: each.setting.zipf in (0.3, 0.6),
        "skew 0.9 or 1.2": lambda each: each.setting.zipf >= 0.9,
        "obedience 0.5": lambda each: each.setting.obedience == 0.5,
        "six partitions": lambda each: each.setting.partitions > 1,
        "2 probes": lambda each: each.coverage.probes == 2,
        "3 to 5 probes": lambda each: each.coverage.probes in (3, 4, 5),
        "6 to 11 probes": lambda each: 6 <= each.coverage.probes < 12,
        "12 probes or more": lambda each: each.coverage.probes >= 12,
    }
    yield "all", list(moments)
    for mark in MARKS:
        yield f"{mark:.0%} found", [each for each in moments if each.mark == mark]
    for count in (1, 2, 3, 4):
        yield f"{count} provider{'s' * (count > 1)}", [each for each in moments if len(each.setting.knows) == count]
    for name, belongs in kinds.items():
        yield name, [each for each in moments if belongs(each)]


def _coverage_row(name: str, moments: Sequence[Moment]) -> str:
    items = [(each.coverage.items, each.items) for each in moments if each.coverage.items]
    mass = [(each.coverage.mass, each.mass) for each in moments if each.coverage.mass]
    if not items:
        return f"| {name} | {len(moments)} | 100% | | | | | |"
    none = 1 - len(items) / len(moments)
    lows = sum(interval.low <= truth for interval, truth in items) / len(items)
    return (
        f"| {name} | {len(moments)} | {none:.0%} | {_hits(items):.1%} | {lows:.1%} | {_width(items):.2f} "
        f"| {_hits(mass):.1%} | {_width(mass):.2f} |"
    )


def _hits(pairs: Sequence[tuple[Interval, float]]) -> float:
    return sum(interval.low <= truth <= interval.high for interval, truth in pairs) / len(pairs)


def _width(pairs: Sequence[tuple[Interval, float]]) -> float:
    return median(interval.high - interval.low for interval, _ in pairs)


def forecast_table(forecasts: Sequence[Forecast]) -> str:
    head = "| found | forecasts | price of the next 100 | median error | high / low | next 10 % | median error |"
    rows = [head, "|" + "---|" * 7]
    by_mark: dict[float, list[Forecast]] = defaultdict(list)
    for each in forecasts:
        by_mark[each.mark].append(each)
    return "\n".join(rows + [_forecast_row(mark, by_mark[mark]) for mark in sorted(by_mark)])


def _forecast_row(mark: float, forecasts: Sequence[Forecast]) -> str:
    prices = [(each.price, each.cost) for each in forecasts if each.price and each.cost is not None]
    yields = [(each.outcome, each.brought) for each in forecasts if each.outcome]
    words = "| | | "
    if len(prices) >= 10:
        error = median(abs(price.estimate / cost - 1) for price, cost in prices)
        spread = median(price.high / price.low for price, _ in prices if price.low < inf)
        words = f"| {_hits(prices):.1%} | {error:.0%} | {spread:.1f} "
    missed = median(abs(outcome.estimate - brought) / max(brought, 1.0) for outcome, brought in yields)
    return f"| {mark:.0%} | {len(forecasts)} {words}| {_hits(yields):.1%} | {missed:.0%} |"


def halt_table(halts: Sequence[Halt], runs: int) -> str:
    rows = ["| asked for | runs stopped | asked share really found | true share, median | cost / whole run |"]
    rows.append("|" + "---|" * 5)
    for wish in WISHES:
        chosen = [each for each in halts if each.wish == wish]
        if chosen:
            kept = sum(each.items >= wish for each in chosen) / len(chosen)
            share, cost = median(each.items for each in chosen), median(each.cost / each.whole for each in chosen)
            rows.append(f"| {wish:.0%} | {len(chosen) / runs:.0%} | {kept:.1%} | {share:.2f} | {cost:.2f} |")
    return "\n".join(rows)


def dear_words(dear: Sequence[tuple[float, float]]) -> str:
    over = sorted(stop / oracle - 1 for stop, oracle in dear)
    low, middle, high = (f"{over[int(len(over) * part)]:+.0%}" for part in (0.25, 0.5, 0.75))
    return (
        f"Stopped for the price ({DEARER} times that of the first 100 entries): {len(over)} simulated runs; "
        f"spent beyond an oracle's stop: median {middle}, quartiles {low} and {high}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.coverage", description=__doc__)
    parser.add_argument("--series", default="held-out", help="whose worlds: training, held-out, or a name of yours")
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument(
        "--lognormal", type=float, default=0.0, help="the spread of a popularity of this kind for all"
    )
    options = parser.parse_args()
    settings = [replace(drawn(options.series, each), lognormal=options.lognormal) for each in range(options.runs)]
    results = Results([], [], [], [])
    with ProcessPoolExecutor() as processes:
        for part in processes.map(measure, settings):
            results.add(part)
    print(f"All figures are simulated: {results.runs} runs of the series {options.series}.\n")
    print(coverage_table(results.moments), forecast_table(results.forecasts), sep="\n\n", end="\n\n")
    print(halt_table(results.halts, results.runs), dear_words(results.dear), sep="\n\n")


if __name__ == "__main__":
    main()

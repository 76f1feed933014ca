"""`python -m bench.yields`: the simulated yield of igentai beside its rivals; all of it goes to docs/yield.md."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bench.yields import plot
from bench.yields.measures import Outcome, measure
from bench.yields.report import page, tables
from bench.yields.scenarios import HELD_OUT, TRAINING, Scenario
from bench.yields.trace import trace

DOCS = Path(__file__).parent.parent.parent / "docs"
SEEDS = 30
QUICK = ("t-usual", "t-deaf", "t-drift")
QUICK_SEEDS = 4


def main() -> None:
    options = _options()
    scenarios = _chosen(options)
    if options.trace is not None:
        for scenario in scenarios:
            trace(scenario.stage(options.trace), measure(scenario, options.trace).budgets[1])
        return
    began = time.monotonic()
    outcomes = measured(scenarios, options.seeds, options.workers)
    print(tables(outcomes, scenarios))
    print(f"\n{len(outcomes)} runs of each policy in {time.monotonic() - began:.0f} s", file=sys.stderr)
    if scenarios == HELD_OUT:
        (DOCS / "yield.md").write_text(page(outcomes, scenarios))
        plot.draw(outcomes, DOCS / "images" / "yield.svg")


def measured(scenarios: Sequence[Scenario], seeds: int, workers: int) -> list[Outcome]:
    """All outcomes, in the order of scenarios and seeds, however many processes share the work."""
    tasks = [(scenario, seed) for scenario in scenarios for seed in range(seeds)]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(measure, *zip(*tasks, strict=True)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.yields", description=__doc__)
    parser.add_argument("--seeds", type=int, help=f"runs of each scenario (default {SEEDS})")
    parser.add_argument("--scenarios", nargs="+", metavar="NAME", help="only these; nothing is written then")
    parser.add_argument("--training", action="store_true", help="the scenarios to tune with; nothing is written")
    parser.add_argument("--quick", action="store_true", help=f"{', '.join(QUICK)} with {QUICK_SEEDS} seeds")
    parser.add_argument(
        "--trace", type=int, metavar="SEED", help="print our requests in one run of each, and no table"
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes (default: one a core)")
    options = parser.parse_args()
    options.seeds = options.seeds or (QUICK_SEEDS if options.quick else SEEDS)
    if unknown := set(options.scenarios or ()) - {each.name for each in (*TRAINING, *HELD_OUT)}:
        parser.error(f"there is no scenario {', '.join(sorted(unknown))}")
    return options


def _chosen(options: argparse.Namespace) -> tuple[Scenario, ...]:
    if options.scenarios:
        return tuple(each for each in (*TRAINING, *HELD_OUT) if each.name in options.scenarios)
    if options.quick:
        return tuple(each for each in TRAINING if each.name in QUICK)
    return TRAINING if options.training else HELD_OUT


if __name__ == "__main__":
    main()

"""The page docs/yield.md. Every figure on it is simulated, and it says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import mean, median

from bench.yields.figures import (
    BUDGETS,
    NEAR,
    RIVALS,
    TIGHT,
    by_scenario,
    claims,
    contained,
    missing,
    over_all,
    ratios,
    shares,
    spread,
    stated,
    stronger_uniform,
    width,
)
from bench.yields.measures import BY_ALPHABET, FULL_LIST, LIFETIME, ORACLE, OURS, SINGLE, UNIFORM, Claim, Outcome
from bench.yields.scenarios import Scenario

GOALS: Mapping[str, tuple[float, float]] = {FULL_LIST: (3.0, 2.0), UNIFORM: (1.4, 0.98), ORACLE: (0.85, 0.9)}
INTERVALS_GOAL = 0.85
WASTE_GOAL = 0.1
AGAINST = {
    FULL_LIST: "the full-list loop",
    UNIFORM: "uniform weights (the stronger of two)",
    SINGLE: "the best single provider, in hindsight",
    LIFETIME: "a lifetime-average bandit",
    ORACLE: "the oracle",
}


def tables(outcomes: Sequence[Outcome], scenarios: Sequence[Scenario]) -> str:
    """All tables, as they stand on the page and on the terminal."""
    groups = by_scenario(outcomes)
    about = [each for each in scenarios if each.name in groups]
    return "\n\n".join(
        (
            "## In the median over all runs\n\n" + goals(groups),
            "## Against each rival, by scenario\n\n" + against(groups, about),
            "## What is found, by scenario\n\n" + found(groups, about),
            "## Estimates and the stop, by scenario\n\n" + estimates(groups, about),
        )
    )


def goals(groups: Mapping[str, Sequence[Outcome]]) -> str:
    everything = [each for outcomes in groups.values() for each in outcomes]
    rows = [_goal_row(groups, rival) for rival in RIVALS]
    goal = f"at least {INTERVALS_GOAL:.0%}"
    for kind in ("mass", "items"):
        tight, later = (_percent(contained(claims(everything, kind, at))) for at in (True, False))
        what = f"90 % intervals of {kind} coverage that contain the truth (near: at ten moments on the way)"
        rows.append((what, tight, goal, "", later, goal, ""))
    wasted = [each.stopping.wasted for each in everything]
    waste = f"{median(wasted):.0%} (mean {mean(wasted):.0%})"
    goal = f"at most {WASTE_GOAL:.0%}"
    rows.append(("money spent after an oracle would have stopped", "", "", "", waste, goal, ""))
    kept = str(spread(each.stopping.found for each in everything))
    rows.append(("entries at that stop, as a share of the oracle's at its own", "", "", "", kept, "", ""))
    return _table(("simulated", "tight", "goal", "the oracle's", "near saturation", "goal", "the oracle's"), rows)


def _goal_row(groups: Mapping[str, Sequence[Outcome]], rival: str) -> tuple[str, ...]:
    cells = [f"unique per dollar against {AGAINST[rival]}"]
    for budget in BUDGETS:
        goal = f"at least {GOALS[rival][budget]:g}" if rival in GOALS else ""
        ceiling = "" if rival == ORACLE else f"{median(over_all(groups.values(), rival, budget, of=ORACLE)):.2f}"
        cells += [str(spread(over_all(groups.values(), rival, budget))), goal, ceiling]
    return tuple(cells)


def against(groups: Mapping[str, Sequence[Outcome]], scenarios: Iterable[Scenario]) -> str:
    head = ("scenario", "what is special", *(f"{rival}, {when}" for rival in RIVALS for when in ("tight", "near")))
    rows = []
    for scenario in scenarios:
        outcomes = groups[scenario.name]
        cells = [f"{median(ratios(outcomes, rival, budget)):.2f}" for rival in RIVALS for budget in BUDGETS]
        rows.append((scenario.name, scenario.about, *cells))
    return _table(head, rows)


def found(groups: Mapping[str, Sequence[Outcome]], scenarios: Iterable[Scenario]) -> str:
    names = (OURS, ORACLE, FULL_LIST, UNIFORM, BY_ALPHABET, SINGLE, LIFETIME)
    head = (
        "scenario",
        "entries",
        "budgets, USD",
        *(f"{name}, %" for name in names),
        "uniform is",
        "precision",
        "requests",
    )
    rows = []
    for scenario in scenarios:
        outcomes = groups[scenario.name]
        dollars = " / ".join(f"{median(each.budgets[budget] for each in outcomes):.2g}" for budget in BUDGETS)
        cells = [
            f"{shares(outcomes, name, TIGHT) * 100:.0f} / {shares(outcomes, name, NEAR) * 100:.0f}" for name in names
        ]
        uniform = " / ".join("split" if stronger_uniform(outcomes, at) == BY_ALPHABET else "whole" for at in BUDGETS)
        precision = f"{median(each.precision for each in outcomes):.3f}"
        requests = f"{median(each.requests for each in outcomes):.0f}"
        rows.append((scenario.name, f"{scenario.size:,}", dollars, *cells, uniform, precision, requests))
    return _table(head, rows)


def estimates(groups: Mapping[str, Sequence[Outcome]], scenarios: Iterable[Scenario]) -> str:
    head = ["scenario"]
    for kind in ("mass", "items"):
        head += [f"{kind}: contain", "too high / too low", "width", "stated", "true share (of all models')"]
    head += [
        "money after the oracle's stop",
        "90th percentile",
        "entries at the stop, of the oracle's",
        "stopped by itself",
    ]
    rows = []
    for scenario in scenarios:
        outcomes = groups[scenario.name]
        cells = [scenario.name]
        for kind in ("mass", "items"):
            said = claims(outcomes, kind)
            above, below = missing(said)
            cells += [
                _percent(contained(said)),
                f"{above:.0%} / {below:.0%}",
                _two(width(said)),
                _percent(stated(said)),
                _true_shares(said),
            ]
        wasted = sorted(each.stopping.wasted for each in outcomes)
        cells += [f"{median(wasted):.0%}", f"{wasted[round(0.9 * (len(wasted) - 1))]:.0%}"]
        cells.append(f"{median(each.stopping.found for each in outcomes):.2f}")
        cells.append(_percent(sum(each.stopping.decided for each in outcomes) / len(outcomes)))
        rows.append(tuple(cells))
    return _table(tuple(head), rows)


def _true_shares(said: Sequence[Claim]) -> str:
    """Where an interval was stated: the truth that it is held against, and that of all models, in the median."""
    known = [each for each in said if each.interval is not None]
    if not known:
        return "–"  # noqa: RUF001 - a dash
    return f"{median(each.truth for each in known):.2f} ({median(each.of_all for each in known):.2f})"


def page(outcomes: Sequence[Outcome], scenarios: Sequence[Scenario]) -> str:
    """docs/yield.md as a whole."""
    seeds = len({each.seed for each in outcomes})
    return f"""# The yield of igentai, simulated

`make bench-yield` writes this page. **Every figure here is simulated**: the models are programs that answer from
worlds of known truth. It proves that the mechanism works, and never what real models yield.

{len(scenarios)} held-out scenarios, {seeds} seeds each. Settings were tuned on training scenarios alone
(`python -m bench.yields --training`), which have other names, sizes, skews and models.

{tables(outcomes, scenarios)}

![Share of what the models know that is found, over the money spent; simulated](images/yield.svg)

{NOTES}"""


NOTES = """## What is compared

**Unique** counts entries that are in the truth, once each. What is off topic is accepted as new, since nothing
tells a policy otherwise, but does not count; precision is the share of the true among all accepted of ours. At the
same budget, unique per dollar compares as unique does. Two figures with a stroke between them are at the tight
budget and near saturation; in brackets are the 5th and the 95th percentile of all runs. "The oracle's" is its own
median against the same rival: about what is to be had by looking one request ahead.

**Budgets** come from the oracle in the same world: what it spends to find 30 % of all that the models together know
(tight), and 92.5 % (near saturation). Requests count in the order of asking, so that what is in flight when the
money ends counts with its cost and with what it brings; within a request credit grows in a straight line.

- **Full list**: the dearest model gets all that was found in its prompt and is asked for 60 more.
- **Uniform**: providers in equal shares, exclusions of 3,000 characters (the repeated, then the newest), 60 at a
  time; once for the whole topic, once over five parts of the alphabet. In each scenario and at each budget, the one
  that finds more in the median is the one we compare with.
- **Best single**: one provider with those exclusions; which one is best is known in hindsight, in each run and at
  each budget.
- **Lifetime bandit**: Thompson sampling over providers by new entries per dollar since the start of the run.
- **Oracle**: knows the truth, including what is in flight and when a model changes; takes the provider, style, part
  (the whole, letters, ranges of letters, categories), exclusions and count whose expected true new entries per
  dollar are highest. It excludes only what has been answered, looks one request ahead, and may not know the luck of
  a draw. It leaves temperature alone. Looking further ahead might find more.

A policy gets the topic, the names and prices of the providers, and a seed; it sees answers and never the truth. Six
requests are in flight at a time, so that an answer is learnt after five more have been asked.

**What is lost against the oracle.** Before anything is known of a model, igentai has to ask it to learn what it is
worth in each part of the topic: that costs the more, the fewer requests the whole budget buys. On two training
scenarios, with a few runs each, the ask that would bring most was compared, at each request, with what igentai
asked: styles lost little; most was lost by the choice of the part, then by that of the provider, then by sizes and
exclusions. Other worlds may lose it elsewhere. What is left in a part
shows only in a provider's own repeats, when the money for them is spent.

**How models behave.** Each knows a share of the world, more of what is popular, in an order of its own that is more
or less like that of the others. An answer is a weighted draw without replacement. Each exclusion is heeded, and
each entry keeps to the part asked for, with a probability that differs by model; some categories are unknown to
some models by that name. Some entries repeat within an answer, some are off topic. Other spellings are folded by
the key and cost nothing: they are left out. Requests fail (nothing comes, nothing is paid) or are cut (half comes,
half is paid). Tokens are counted for the prompt (120), the exclusions and each entry. Styles flatten or reshuffle
popularity a little, differently for each model, and for some not at all. What vendors' prompt caches save is left
out, which is hardest on long exclusion lists: first of all on the full list.

**Coverage** is asked for when the tight budget is spent and at each tenth of the greater one. The truth for
*items*: the share found of all that at least one of the probed models knows. For *mass*: the share, already found,
of a blind answer of 60 entries, one of the probed models drawn evenly. igentai claims no more than that: it says
which models it has probed, and of the others nothing. Dear ones are probed once they are in use, so the share found
of what all models know is lower; it stands in brackets. With fewer than two probes nothing is stated: in short runs,
and as a rule at the tight budget.

**The stop.** igentai gets a limit for the price of the next 100 entries: what the oracle paid at the margin where
it had found 85 %. An oracle in igentai's place would stop as soon as the best next ask, at its true expectation,
costs more. What is spent after that is the money wasted; entries at the stop, as a share of the oracle's, show a
stop that comes too soon. An oracle finds cheap entries longer than igentai does: a run that goes on until the oracle
would stop pays more than the limit for its own next 100 (docs/coverage.md has the figures).
"""


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"  # noqa: RUF001 - a dash


def _two(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"  # noqa: RUF001 - a dash


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows))

"""Lower bounds of how many entries there are, from how often each was seen. Pure; the classic formulas.

`frequencies` maps a count to how many entries were seen so often: {1: singletons, 2: doubletons, ...}. In the probes
an entry comes once in an answer at most, so the counts are incidences by answer, and Chao2 and ICE are the formulas
made for them; Chao1 and ACE take the answers as one heap of individuals. All four are *lower* bounds where entries
differ in popularity: rare entries that no probe named leave no trace. None: the formula has no value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import exp, sqrt

from orchestration.logic.intervals import Interval, Z, lognormal

# Counts up to this say something of what was not seen (Chao & Lee 1992).
RARE = 10

Frequencies = Mapping[int, float]


def chao1(frequencies: Frequencies) -> Interval | None:
    """S + f1 (f1 - 1) / (2 (f2 + 1)), bias-corrected (Chao 1984; variance: Chao 1987, as in EstimateS)."""
    return _chao(frequencies, 1.0)


def chao2(frequencies: Frequencies, answers: int) -> Interval | None:
    """Chao1's form for incidences in `answers` samples: the second term times (answers - 1) / answers."""
    return _chao(frequencies, (answers - 1) / answers) if answers > 1 else None


def ace(frequencies: Frequencies) -> Interval | None:
    """The abundance-based coverage estimator (Chao & Lee 1992), its variance by the delta method as there."""
    return _by_coverage(frequencies, lambda f: _ace_total(f, 1.0, corrected=True))


def ice(frequencies: Frequencies, answers: int) -> Interval | None:
    """The incidence-based coverage estimator (Lee & Chao 1994); `answers` that hold an infrequent entry."""
    if answers < 2:
        return None
    return _by_coverage(frequencies, lambda f: _ace_total(f, answers / (answers - 1), corrected=False))


def _seen(frequencies: Frequencies) -> float:
    return sum(frequencies.values())


def _chao(frequencies: Frequencies, factor: float) -> Interval | None:
    seen, once, twice = _seen(frequencies), frequencies.get(1, 0), frequencies.get(2, 0)
    if not seen:
        return None
    if not once:
        return _without_singletons(frequencies)
    unseen = factor * once * (once - 1) / (2 * (twice + 1))
    return lognormal(seen, seen + unseen, _chao_variance(once, twice, factor, seen + unseen))


def _without_singletons(frequencies: Frequencies) -> Interval:
    """Nothing hints at more; the high end as in EstimateS, equation 14."""
    seen = _seen(frequencies)
    empty = exp(-sum(count * number for count, number in frequencies.items()) / seen)
    return Interval(seen, seen, seen / (1 - empty) + Z * sqrt(seen * empty / (1 - empty)))


def _chao_variance(once: float, twice: float, factor: float, total: float) -> float:
    first = factor * once * (once - 1) / (2 * (twice + 1))
    second = factor**2 * once * (2 * once - 1) ** 2 / (4 * (twice + 1) ** 2)
    if not twice:
        return first + second - factor**2 * once**4 / (4 * total)
    return first + second + factor**2 * once**2 * twice * (once - 1) ** 2 / (4 * (twice + 1) ** 4)


def _ace_total(frequencies: Frequencies, factor: float, *, corrected: bool) -> float:
    rare = {count: number for count, number in frequencies.items() if count <= RARE}
    individuals = sum(count * number for count, number in rare.items())
    covered = 1 - rare.get(1, 0) / individuals
    pairs = sum(count * (count - 1) * number for count, number in rare.items())
    # ACE divides by n (n - 1), ICE by n squared.
    squared = individuals * (individuals - 1) if corrected else individuals**2
    variation = max(factor * _seen(rare) / covered * pairs / squared - 1, 0.0)
    abundant = _seen(frequencies) - _seen(rare)
    return abundant + _seen(rare) / covered + rare.get(1, 0) / covered * variation


def _by_coverage(frequencies: Frequencies, total: Callable[[Frequencies], float]) -> Interval | None:
    if not any(number for count, number in frequencies.items() if 1 < count <= RARE):
        return None
    estimate = total(frequencies)
    slopes = {count: _slope(frequencies, count, total) for count, number in frequencies.items() if number}
    # The frequencies are taken as multinomial with the estimated total.
    mean = sum(slopes[count] * frequencies[count] for count in slopes)
    squares = sum(slopes[count] ** 2 * frequencies[count] for count in slopes)
    return lognormal(_seen(frequencies), estimate, squares - mean**2 / estimate)


def _slope(frequencies: Frequencies, count: int, total: Callable[[Frequencies], float]) -> float:
    step = 1e-4
    up = {**frequencies, count: frequencies[count] + step}
    down = {**frequencies, count: frequencies[count] - step}
    return (total(up) - total(down)) / (2 * step)

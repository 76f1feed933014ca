"""Lower bounds of how many entries there are, from how often each was seen. Pure; the classic formulas.

`frequencies` maps a count to how many entries were seen so often: {1: singletons, 2: doubletons, ...}. In the probes
an entry comes once in an answer at most, so the counts are incidences by answer, and Chao2 and ICE are the formulas
made for them; Chao1 and ACE take the answers as one heap of individuals. All four are *lower* bounds where entries
differ in popularity: rare entries that no probe named leave no trace. None: too little was seen for the formula.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from orchestration.logic.intervals import Interval, lognormal

# Counts up to this say something of what was not seen (Chao & Lee 1992).
RARE = 10
# Below so many entries seen more than once a bound is noise.
LEAST_REPEATED = 5

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


def _enough(frequencies: Frequencies) -> bool:
    return _seen(frequencies) - frequencies.get(1, 0) >= LEAST_REPEATED


def _chao(frequencies: Frequencies, factor: float) -> Interval | None:
    if not _enough(frequencies):
        return None
    once, twice = frequencies.get(1, 0), frequencies.get(2, 0)
    unseen = factor * once * (once - 1) / (2 * (twice + 1)) if once else 0.0
    seen = _seen(frequencies)
    return lognormal(seen, seen + unseen, _chao_variance(once, twice, factor, seen + unseen))


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
    rare_repeated = sum(number for count, number in frequencies.items() if 1 < count <= RARE)
    if not _enough(frequencies) or not rare_repeated:
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

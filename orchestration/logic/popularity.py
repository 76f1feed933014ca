"""Which worlds could have given what the probes saw: a family of laws of popularity, each weighed by its likelihood.

A law says how many entries the providers know together, how unevenly they come to mind (as Zipf's law or a lognormal
one has it), and how much of the whole each provider knows: an entry that few of them know comes more
seldom. Under a law everything else follows. The list gathers entries in proportion to their weights until it is as
long as it was at a probe, so the law foretells how many of the probe's entries are on it: of those that other probes
named too, and of those that none did. And it foretells how many entries are named by one probe, by two, by more.
Exclusions do not spoil this: to draw with the known ones left out is to draw, and to disregard the known ones.

The weight of a law is its likelihood, tempered: no law is the truth, so the evidence counts for less than its number,
and beyond some probes more of them do not count for more. The tempering is what bench/coverage.py calibrates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import comb, exp, log
from statistics import NormalDist

from orchestration.logic.probed import Evidence, Hits

# How popularity falls with the rank: as rank ** -exponent (Zipf), or lognormally with such a spread of the logarithm,
# where the tail falls ever more steeply.
ZIPF, LOGNORMAL = "zipf", "lognormal"
SKEWS = (
    *((ZIPF, exponent) for exponent in (0.0, 0.3, 0.6, 0.9, 1.2, 1.5, 1.8)),
    *((LOGNORMAL, spread) for spread in (0.75, 1.25, 1.75, 2.25)),
)
SHARES = (0.35, 0.6, 0.85)  # of the whole, that each provider knows
# Entries not found yet per entry found: from nearly none to so many that the list has hardly begun.
LEAST_MISSING, MOST_MISSING, STEPS = 0.003, 25.0, 26
# How far a provider's missing mass may be from the law's (the shape of a gamma distribution), and how much less than
# so many independent draws an answer's entries say of it.
USUAL_FACTOR, SPREAD_OF_ANSWERS = 2.0, 1.0
# What a provider's answers miss may shrink more slowly than the law says: others, who know less, make the list grow.
PACES = (1 / 3, 2 / 3, 1.0)
# Laws that are so many units of log-likelihood worse than the best weigh nothing.
NEGLIGIBLE = 9.0
# A model is never so sure of one entry that a surprise refutes it.
LEAST_CHANCE = 0.005


@dataclass(frozen=True, slots=True)
class Judged:
    """A law's say: between which shares of items is on the list, how much mass is about missing (and the variance of
    the logarithm of that), and its weight."""

    low: float
    high: float
    missing: float
    variance: float
    weight: float


@dataclass(frozen=True, slots=True)
class _Block:
    """Entries of about equal popularity: their number, weight, and chance that one probe leaves such an entry out."""

    number: float
    weight: float
    left_out: float


@dataclass(frozen=True, slots=True)
class _Law:
    step: int
    blocks: tuple[_Block, ...]
    likelihood: float  # of once, twice, often alone


def judged(evidence: Evidence) -> list[Judged]:
    """The laws that may be true, each with what it says of the list."""
    laws = sorted(_laws(evidence), key=lambda law: -law.likelihood)
    results: list[tuple[_Law, float, float]] = []
    best = float("-inf")
    for law in laws:
        # The likelihood of the hits is at most one: no later law can weigh anything either.
        if law.likelihood < best - NEGLIGIBLE:
            break
        likelihood, effort = _judge_hits(law, evidence)
        results.append((law, law.likelihood + likelihood, effort))
        best = max(best, results[-1][1])
    return [
        Judged(*_items(law.step), *_missing_mass(law, evidence, effort, pace), exp(likelihood - best))
        for law, likelihood, effort in results
        if likelihood > best - NEGLIGIBLE
        for pace in PACES
    ]


def _missing(step: float) -> float:
    return LEAST_MISSING * exp(log(MOST_MISSING / LEAST_MISSING) * step / (STEPS - 1))


def _items(step: int) -> tuple[float, float]:
    """The shares found under a law: from half-way to the next to half-way to the last."""
    low = 0.0 if step == STEPS - 1 else 1 / (1 + _missing(step + 0.5))
    high = 1.0 if step == 0 else 1 / (1 + _missing(step - 0.5))
    return low, high


def _laws(evidence: Evidence) -> Iterator[_Law]:
    for step in range(STEPS):
        total = evidence.found * (1 + _missing(step))
        if total <= evidence.answer:
            continue
        for skew in SKEWS:
            for share in SHARES if evidence.providers > 1 else (1.0,):
                blocks = _blocks(total, skew, share, evidence)
                yield _Law(step, blocks, _repeats(blocks, evidence) / evidence.tempering)


# --- a law's entries ------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _edges() -> tuple[float, ...]:
    """Where blocks end, as shares of all: fine at the head, where weights fall steeply, and even in the tail."""
    return tuple(sorted({10 ** (-each / 3) for each in range(1, 11)} | {each / 6 for each in range(1, 7)}))


@lru_cache(maxsize=1024)
def _popularity(skew: tuple[str, float], rank: float) -> float:
    """The weight of an entry at `rank` (0 to 1), up to a factor."""
    kind, degree = skew
    return rank**-degree if kind == ZIPF else exp(degree * NormalDist().inv_cdf(1 - rank))


def _blocks(total: float, skew: tuple[str, float], share: float, evidence: Evidence) -> tuple[_Block, ...]:
    raw: list[tuple[float, float]] = []
    start = 0.0
    for edge in _edges():
        number, middle = (edge - start) * total, (start + edge) / 2
        weight = _popularity(skew, max(middle, 0.5 / total))
        raw += ((number * part, weight * level) for part, level in _levels(share, middle, evidence.providers))
        start = edge
    scale = evidence.answer / sum(number * weight for number, weight in raw)
    scaled = [(number, weight * scale) for number, weight in raw]
    effort = _effort(scaled, [1.0] * len(scaled), evidence.answer, 1.0)
    return tuple(_Block(number, weight, exp(-weight * effort)) for number, weight in scaled)


@lru_cache(maxsize=4096)
def _levels(share: float, rank: float, providers: int) -> tuple[tuple[float, float], ...]:
    """Parts of the entries at `rank` (0 to 1), and which share of the providers knows each part.

    Providers know more of what is popular; only entries that somebody knows count.
    """
    if share >= 1:
        return ((1.0, 1.0),)
    knows = min(share + min(share, 1 - share) * (1 - 2 * rank), 0.999)
    known = 1 - (1 - knows) ** providers
    return tuple(
        (comb(providers, some) * knows**some * (1 - knows) ** (providers - some) / known, some / providers)
        for some in range(1, providers + 1)
    )


def _effort(entries: Sequence[tuple[float, float]], left: Sequence[float], target: float, start: float) -> float:
    """How much drawing it takes until `target` entries are found, where of each block the share `left` is open.

    Newton's method from below: what is found grows ever more slowly with the effort, so it never overshoots.
    """
    effort = start
    for _ in range(60):
        lacking, slope = target, 0.0
        for (number, weight), share in zip(entries, left, strict=True):
            open_still = number * share * exp(-weight * effort)
            lacking -= number - open_still
            slope += weight * open_still
        if slope <= 1e-9:
            return effort
        effort += lacking / slope
        if effort <= 0:
            return 0.0
        if abs(lacking) <= 1e-3 * target:
            break
    return effort


# --- how well a law explains ----------------------------------------------------------------------


def _repeats(blocks: Sequence[_Block], evidence: Evidence) -> float:
    """The log-likelihood of how many entries were named once, twice and more often: Poisson counts."""
    probes = evidence.probes
    once = twice = often = 0.0
    for block in blocks:
        named, out = 1 - block.left_out, block.left_out
        single = probes * named * out ** (probes - 1)
        double = probes * (probes - 1) / 2 * named**2 * out ** (probes - 2)
        once += block.number * single
        twice += block.number * double
        often += block.number * max(1 - out**probes - single - double, 0.0)
    pairs = ((evidence.once, once), (evidence.twice, twice), (evidence.often, often))
    return sum(_poisson(count, mean) for count, mean in pairs)


def _poisson(count: int, mean: float) -> float:
    """Log-likelihood less that of the best mean."""
    mean = max(mean, 1e-9)
    return count - mean + (count * log(mean / count) if count else 0.0)


def _binomial(known: int, new: int, chance: float) -> float:
    """Log-likelihood less that of the best chance."""
    chance = min(max(chance, LEAST_CHANCE), 1 - LEAST_CHANCE)
    count = known + new
    return (known * log(chance * count / known) if known else 0.0) + (
        new * log((1 - chance) * count / new) if new else 0.0
    )


def _judge_hits(law: _Law, evidence: Evidence) -> tuple[float, float]:
    """The tempered log-likelihood of the hits under `law`, and the effort that led to the latest list of them."""
    likelihood = effort = 0.0
    for hits in evidence.hits:
        effort = _effort_to(law, hits.found, hits.earlier, effort)
        lone, shared = _chances(law.blocks, evidence.probes, hits, effort)
        likelihood += _binomial(hits.lone_known, hits.lone_new, lone)
        likelihood += _binomial(hits.shared_known, hits.shared_new, shared)
    return likelihood / evidence.tempering, effort


def _effort_to(law: _Law, found: float, probes: float, start: float) -> float:
    """What earlier probes named is on the list by that; the rest of the list was gathered by other requests."""
    entries = [(block.number, block.weight) for block in law.blocks]
    return _effort(entries, [block.left_out**probes for block in law.blocks], found, start)


def _chances(blocks: Sequence[_Block], probes: int, hits: Hits, effort: float) -> tuple[float, float]:
    """How likely an entry is on the list that only this probe names, and one that a later probe names too."""
    lone = lone_known = shared = shared_known = 0.0
    for block in blocks:
        named, known = block.number * (1 - block.left_out), 1 - exp(-block.weight * effort)
        only = named * block.left_out ** (probes - 1)
        later = named * block.left_out**hits.earlier - only
        lone += only
        lone_known += only * known
        shared += later
        shared_known += later * known
    return (lone_known / lone if lone > 0 else 1.0), (shared_known / shared if shared > 0 else 1.0)


# --- what is missing ------------------------------------------------------------------------------


def _missing_mass(law: _Law, evidence: Evidence, start: float, pace: float) -> tuple[float, float]:
    """The mean over the probed providers of the mass that is not on the list now, and its logarithm's variance.

    The law says how what is missing shrinks while the list grows. How much was missing of a provider's answers its
    own probes say: the law's share times a factor, with a gamma distribution around one before they are seen.
    """
    now = _left(law, evidence.found, evidence.probes, start)
    if not evidence.known:
        return now, 0.0
    doubt = evidence.tempering * SPREAD_OF_ANSWERS
    total = variance = 0.0
    for known in evidence.known:
        then = _left(law, known.found, known.earlier, start)
        shape = USUAL_FACTOR + known.new / doubt
        rate = (USUAL_FACTOR + (known.known + known.new) * then / doubt) / _slowed(then, now, pace)
        total += shape / rate
        variance += shape / rate**2
    return min(total / len(evidence.known), 1.0), log(1 + variance / total**2)


def _slowed(then: float, now: float, pace: float) -> float:
    return then * exp(pace * log(now / then))


def _left(law: _Law, found: float, probes: float, start: float) -> float:
    """The mass of a blind answer that is not on a list of so many entries, among them what so many probes named."""
    effort = _effort_to(law, found, probes, start)
    answer = sum(block.number * (1 - block.left_out) for block in law.blocks)
    new: float = sum(
        block.number * (1 - block.left_out) * block.left_out**probes * exp(-block.weight * effort)
        for block in law.blocks
    )
    return min(max(new / answer, 1e-6), 1.0)

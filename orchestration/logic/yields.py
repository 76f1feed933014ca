"""What a request would bring: expected new entries, by provider and part of the topic, from what came lately. Pure.

The novelty of a provider in a part is estimated in two steps. From the margins (how novel the provider is anywhere,
how much is left in the part whoever asks) comes an expectation; what the provider itself brought in that part
then outweighs it, request by request. Candidates of one answer resemble each other, so that an answer of sixty tells
as much as some ten independent ones; and what was learnt long ago is trusted less, as others have been there since.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt

from orchestration.logic.forgetting import Fading

KEEP_ARM, KEEP_PART, KEEP_PROVIDER, KEEP_RUN = 0.5, 0.6, 0.8, 0.9
FIRST_NOVELTY = 0.9
# Of a provider that was never asked, while others have been for long.
UNTRIED_NOVELTY = 0.6
# Candidates that an expectation from the margins is worth, and how strongly the answers of one request resemble each
# other.
PRIOR_CANDIDATES = 30.0
OVERDISPERSION = 6.0
# After so many requests elsewhere, what was seen in a part counts half.
STALE_REQUESTS = 60.0
PART_EXPONENT, LEAST_RATIO = 0.5, 0.5
BOUNDS = (0.002, 1.0)
# Of any answer so much is new only because it is wrong: off the topic, or a name misspelt. Where nothing else is new
# any more, a cheap model's noise would look like a find.
NOISE = 0.04


@dataclass(frozen=True, slots=True)
class Novelty:
    """New entries a candidate: what to expect, and its standard deviation."""

    mean: float
    deviation: float

    def optimistic(self, deviations: float) -> float:
        """So many deviations above the mean, at most 1."""
        return min(self.mean + deviations * self.deviation, 1.0)


@dataclass
class Yields:
    """What requests have brought, by provider, by part, and by both. Feed it each request once, in order."""

    ordinal: int = 0
    run: Fading = field(default_factory=lambda: Fading(KEEP_RUN))
    providers: dict[str, Fading] = field(default_factory=dict)
    parts: dict[str, Fading] = field(default_factory=dict)
    arms: dict[tuple[str, str], Fading] = field(default_factory=dict)
    expected: dict[str, float] = field(default_factory=dict)

    def record(self, provider: str, part: str, *, asked: int, candidates: int, new: float, effort: float) -> None:
        """Take in one request."""
        self.ordinal += 1
        new = new - NOISE * candidates
        for sums in (self.run, self.provider(provider), self.part(part), self.arm(provider, part)):
            sums.add(self.ordinal, asked=asked, candidates=candidates, new=new, effort=effort)

    def provider(self, provider: str) -> Fading:
        return self.providers.setdefault(provider, Fading(KEEP_PROVIDER))

    def part(self, part: str) -> Fading:
        return self.parts.setdefault(part, Fading(KEEP_PART))

    def arm(self, provider: str, part: str) -> Fading:
        return self.arms.setdefault((provider, part), Fading(KEEP_ARM))

    def expect(self, part: str, novelty: float) -> None:
        """Of a part that nobody has asked for: its novelty. It does not fall while others are asked for."""
        self.expected[part] = _bounded(novelty)

    def novelty(self, provider: str, part: str) -> Novelty:
        """What the next answer of the provider in that part will be like."""
        prior = self._expected(provider, part)
        arm = self.arms.get((provider, part))
        if arm is None or not arm.requests:
            return Novelty(prior, _deviation(prior, PRIOR_CANDIDATES))
        trust = 0.5 ** ((self.ordinal - arm.last) / STALE_REQUESTS)
        weight = arm.candidates * trust
        mean = _bounded((PRIOR_CANDIDATES * prior + arm.new * trust) / (PRIOR_CANDIDATES + weight))
        return Novelty(mean, _deviation(mean, PRIOR_CANDIDATES + weight))

    def part_novelty(self, part: str) -> float:
        """What is left in a part, whoever asks."""
        expected = self.expected.get(part, FIRST_NOVELTY)
        known = self.parts.get(part)
        return _shrunk(known, expected) if known and known.requests else expected

    def _expected(self, provider: str, part: str) -> float:
        """From the margins. What others have left of a part says only half of what this provider will find in it."""
        known, ratio = self.parts.get(part), self._provider_ratio(provider)
        if known is None or not known.requests:
            return _bounded(self.part_novelty(part) * min(max(ratio, LEAST_RATIO), 1.0))
        left = self.part_novelty(part) / self.run_novelty
        return _bounded(ratio * self.run_novelty * left**PART_EXPONENT)

    @property
    def run_novelty(self) -> float:
        """What is left for the requests that were made lately."""
        return _shrunk(self.run, FIRST_NOVELTY)

    def _provider_ratio(self, provider: str) -> float:
        base = self.run_novelty
        known = self.providers.get(provider)
        # Of one that was never asked much is hoped; the first answer tells.
        return (_shrunk(known, base) if known and known.requests else max(base, UNTRIED_NOVELTY)) / base


def _deviation(mean: float, candidates: float) -> float:
    return sqrt(mean * (1 - mean) * OVERDISPERSION / candidates)


def _shrunk(sums: Fading, prior: float) -> float:
    return _bounded((PRIOR_CANDIDATES * prior + sums.new) / (PRIOR_CANDIDATES + sums.candidates))


def _bounded(share: float) -> float:
    return min(max(share, BOUNDS[0]), BOUNDS[1])

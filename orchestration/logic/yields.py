"""How novel answers have been of late: by provider, by part of the topic, and in the run. Pure.

What a part is shown with, and when the topic is divided, follows from these sums; whom to ask for what from `pools`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from orchestration.logic.forgetting import Fading

KEEP_PART, KEEP_PROVIDER, KEEP_RUN = 0.6, 0.8, 0.9
FIRST_NOVELTY = 0.9
# Candidates that an expectation is worth.
PRIOR_CANDIDATES = 30.0
BOUNDS = (0.002, 1.0)
# Of any answer so much is new only because it is wrong: off the topic, or a name misspelt. Where nothing else is new
# any more, a cheap model's noise would look like a find.
NOISE = 0.04


@dataclass
class Yields:
    """What requests have brought, by provider and by part. Feed it each request once, in order."""

    ordinal: int = 0
    run: Fading = field(default_factory=lambda: Fading(KEEP_RUN))
    providers: dict[str, Fading] = field(default_factory=dict)
    parts: dict[str, Fading] = field(default_factory=dict)
    expected: dict[str, float] = field(default_factory=dict)

    def record(self, provider: str, part: str, *, asked: int, candidates: int, new: float, effort: float) -> None:
        """Take in one request."""
        self.ordinal += 1
        new = new - NOISE * candidates
        for sums in (self.run, self.provider(provider), self.part(part)):
            sums.add(self.ordinal, asked=asked, candidates=candidates, new=new, effort=effort)

    def provider(self, provider: str) -> Fading:
        return self.providers.setdefault(provider, Fading(KEEP_PROVIDER))

    def part(self, part: str) -> Fading:
        return self.parts.setdefault(part, Fading(KEEP_PART))

    def expect(self, part: str, novelty: float) -> None:
        """Of a part that nobody has asked for: its novelty. It does not fall while others are asked for."""
        self.expected[part] = _bounded(novelty)

    def part_novelty(self, part: str) -> float:
        """What is left in a part, whoever asks."""
        expected = self.expected.get(part, FIRST_NOVELTY)
        known = self.parts.get(part)
        return _shrunk(known, expected) if known and known.requests else expected

    @property
    def run_novelty(self) -> float:
        """What is left for the requests that were made lately."""
        return _shrunk(self.run, FIRST_NOVELTY)


def _shrunk(sums: Fading, prior: float) -> float:
    return _bounded((PRIOR_CANDIDATES * prior + sums.new) / (PRIOR_CANDIDATES + sums.candidates))


def _bounded(share: float) -> float:
    return min(max(share, BOUNDS[0]), BOUNDS[1])

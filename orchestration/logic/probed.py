"""What blind probes met, in the counts that laws of popularity are judged by. Pure."""

from __future__ import annotations

from dataclasses import dataclass

# Likelihoods are raised to the power 1 / tempering.
LEAST_TEMPERING, PROBES_OF_FULL_WORTH = 1.4, 3.0


@dataclass(frozen=True, slots=True)
class Hits:
    """What probes met of entries that no earlier probe had named, when the list had `found` entries.

    `earlier` probes came before. The counts are of entries on the list and not on it: of those that no other probe
    named, and of those that a later one named too.
    """

    found: float
    earlier: float
    lone_known: int
    lone_new: int
    shared_known: int
    shared_new: int


@dataclass(frozen=True, slots=True)
class Known:
    """What one provider's latest probes met, on the list and not on it, when that had about `found` entries and about
    `earlier` probes had come before."""

    found: float
    earlier: float
    known: int
    new: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that probes say: `once`, `twice`, `often` count entries by how many of the `probes` named them. `known`: of
    each provider whose probe met a list."""

    probes: int
    answer: float  # entries in an answer, on average
    providers: int
    once: int
    twice: int
    often: int
    hits: tuple[Hits, ...]
    found: int  # the length of the list now
    known: tuple[Known, ...] = ()

    @property
    def tempering(self) -> float:
        return max(LEAST_TEMPERING, self.probes / PROBES_OF_FULL_WORTH)

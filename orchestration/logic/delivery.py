"""How a provider's answers compare with what was expected: in length, in what is new, and in what they take. Pure.

An answer without candidates says nothing about what a provider has left to name, but it was waited for and maybe paid
for: who gives none is worth nothing, however much it may know. Nor does an answer that ignores the part it was asked
for say anything of that part: whether it brings something new is to be seen from what it brought before.
"""

from __future__ import annotations

from dataclasses import dataclass, field

KEEP_FULLNESS, KEEP_PACE = 0.7, 0.8
LEAST_FULLNESS = 1e-6
# With each answer elsewhere a part that was answered with nothing gets back so much of what it lost.
HEALED = 0.05
KEEP_NEW = 0.93
# New entries of doubt: so many may stay away before it counts.
DOUBT = 2.0
# What a request takes, and what it brings, was guessed well where it was right within this factor: prices change less
# than answers do.
TOLERANCE = 2.0
# Beyond this an answer's effort says no more than that it is far too much.
SLOWEST = 1e3


@dataclass(slots=True)
class Delivery:
    """Of the latest answers of one provider. `fullness`: candidates for each entry that was asked for, 0 to 1.
    `times`: the effort they took beside what was expected. `new` and `hoped`: the new entries that those with
    candidates brought, and that were expected of them; older answers count less."""

    fullness: float = 1.0
    times: float = 1.0
    new: float = 0.0
    hoped: float = 0.0
    _parts: dict[str, float] = field(default_factory=dict)

    def record(self, part: str, *, asked: int, candidates: int, effort: float, expected: float) -> None:
        """Take in one answer, which was expected to take so much effort."""
        share = min(candidates / asked, 1.0) if asked else 1.0
        times = min(effort / expected, SLOWEST) if expected else 1.0
        if not candidates:
            times = max(times, 1.0)  # that a failure was cheap is nothing that speaks for it
        self.fullness = max(KEEP_FULLNESS * self.fullness + (1 - KEEP_FULLNESS) * share, LEAST_FULLNESS)
        self._note(part, is_empty=asked > 0 and not candidates)
        self.times = KEEP_PACE * self.times + (1 - KEEP_PACE) * times

    def record_new(self, new: int, hoped: float) -> None:
        """Take in what an answer with candidates brought."""
        self.new = KEEP_NEW * self.new + new
        self.hoped = KEEP_NEW * self.hoped + hoped

    @property
    def truth(self) -> float:
        """By what expected new entries are to be multiplied; 1 where they are about right."""
        return _beyond((self.new + DOUBT) / (self.hoped + DOUBT))

    def share(self, part: str) -> float:
        """Candidates to be expected for each entry asked for in the part: fewer where answers were empty."""
        return self.fullness * self._parts.get(part, 1.0)

    def _note(self, part: str, *, is_empty: bool) -> None:
        if is_empty:
            self._parts[part] = max(KEEP_FULLNESS * self._parts.get(part, 1.0), LEAST_FULLNESS)
            return
        # That it answers shows that it is at work: slowly, a part where it did not is worth another try.
        self._parts = {words: HEALED + (1 - HEALED) * each for words, each in self._parts.items() if words != part}

    @property
    def pace(self) -> float:
        """By what an expected effort is to be multiplied; 1 where it is about right."""
        return _beyond(self.times)


def _beyond(times: float) -> float:
    """What a factor leaves to be mended once the tolerance is allowed for, on either side."""
    return max(times / TOLERANCE, 1.0) * min(times * TOLERANCE, 1.0)

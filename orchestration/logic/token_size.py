"""How many tokens a question and an entry have at most, learnt from what a provider reported of earlier ones. Pure.

A token is hardly ever shorter than a byte, but to reserve one for every byte leaves much of a small budget unspent:
text in most languages has three bytes a token or more. Every provider has a tokenizer of its own, and a topic's
questions are alike, so the lowest ratio that was seen, less a margin, bounds the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf

ENOUGH_ANSWERS = 3
MARGIN = 0.7
# Of an answer with fewer entries the words around them say too much.
ENOUGH_ENTRIES, ENOUGH_LISTS = 5, 2
ABOVE_AVERAGE, ABOVE_HIGHEST = 1.6, 1.15
# Where money is short: of an answer that is cut a little too soon only the last entries are lost.
BARELY_ABOVE_AVERAGE = 1.25
# Above, there is little to gain; below, a server counts instructions of its own, or nonsense.
HIGHEST, LEAST = 3.0, 0.25


@dataclass
class TokenSize:
    """One provider's bytes a token: 1 until some answers are in; a lower one counts at once."""

    answers: int = 0
    lowest: float = inf
    shortest: float = inf
    longest: int = 0

    def learn(self, question_bytes: int, tokens_in: int) -> None:
        """A question of so many bytes was counted as so many tokens, whatever the provider adds to it included."""
        if question_bytes > 0 and tokens_in > 0:
            self.answers += 1
            self.lowest = min(self.lowest, question_bytes / tokens_in)
            self.shortest = min(self.shortest, question_bytes)
            self.longest = max(self.longest, question_bytes)

    @property
    def bytes_per_token(self) -> float:
        careful = max(self.lowest * MARGIN, LEAST)
        return min(careful, HIGHEST if self.answers >= ENOUGH_ANSWERS else 1.0)

    def most_tokens(self, question_bytes: int, frame_bytes: int = 0) -> int:
        """What to expect at most of a question of so many bytes, and what its provider may add to it.

        What was added to a question as short as the shortest so far is in the ratio already. Of one that is longer
        than all of them little is known, so that there it counts again.
        """
        is_familiar = self.answers >= ENOUGH_ANSWERS and question_bytes <= self.longest
        size = max(question_bytes, self.shortest) if is_familiar else question_bytes + frame_bytes
        return ceil(size / self.bytes_per_token)


@dataclass
class EntrySize:
    """One provider's tokens of an answer for each entry in it."""

    lists: int = 0
    entries: int = 0
    tokens: int = 0
    highest: float = 0.0

    def learn(self, tokens_out: int, entries: int) -> None:
        """An answer with so many entries was counted as so many tokens."""
        if entries >= ENOUGH_ENTRIES and tokens_out > 0:
            self.lists += 1
            self.entries += entries
            self.tokens += tokens_out
            self.highest = max(self.highest, tokens_out / entries)

    @property
    def most_tokens(self) -> int | None:
        """What to allow for an entry so that hardly any answer is cut short; None: too little is known."""
        if self.lists < ENOUGH_LISTS:
            return None
        return ceil(max(self.tokens / self.entries * ABOVE_AVERAGE, self.highest * ABOVE_HIGHEST))

    @property
    def usual_tokens(self) -> int | None:
        """What to allow for an entry where money is short; None: too little is known."""
        return None if self.lists < ENOUGH_LISTS else ceil(self.tokens / self.entries * BARELY_ABOVE_AVERAGE)

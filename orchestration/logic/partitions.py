"""Parts of a topic, one for each producer. Pure."""

from __future__ import annotations

import string
from itertools import pairwise

WHOLE = ""
OTHERS = "or with a digit, a symbol or a letter of another alphabet"


def partitions(kind: str, count: int) -> tuple[str, ...]:
    """The part of each of `count` producers, in words; an empty one is the whole topic.

    `none`: everyone explores all. `alphabet`: ranges of initials, the last with everything that is no Latin
    letter. `auto`: the first producer explores all, so that nothing depends on one producer alone, and the
    others divide the alphabet.
    """
    if kind == "none" or count == 1:
        return (WHOLE,) * count
    if kind == "alphabet":
        return alphabet_ranges(count)
    return (WHOLE, *alphabet_ranges(count - 1))


def alphabet_ranges(count: int) -> tuple[str, ...]:
    """`count` phrases that share out all initials; more than 26 wrap round."""
    letters = string.ascii_uppercase
    parts = min(count, len(letters))
    bounds = [round(index * len(letters) / parts) for index in range(parts + 1)]
    ranges = [_phrase(letters[low:high]) for low, high in pairwise(bounds)]
    ranges[-1] = f"{ranges[-1]} {OTHERS}"
    return tuple(ranges[index % parts] for index in range(count))


def _phrase(letters: str) -> str:
    if len(letters) == 1:
        return f"names beginning with the letter {letters}"
    return f"names beginning with the letters {letters[0]} to {letters[-1]}"

"""The beginnings of names, in every script, and how to share them out. Pure.

A set of beginnings is a range of one script ("A to F", "Sa to Sm"), or the rest: everything that no named script
holds. Ranges are closed at the ends of their script, so that a split loses nothing.
"""

from __future__ import annotations

import string
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

LATIN, DIGITS, REST = "latin", "digits", "rest"
LONGEST_PREFIX = 2
MOST_SKIPPED = 20
# The scripts that one part leaves out by name: with more of them its words would not fit their column.
MOST_SCRIPTS = 6
# A script of its own range: so large a share of what was seen.
NOTABLE_SHARE = 0.1
STROKES = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "t", "æ": "a", "œ": "o", "\u0131": "i", "ħ": "h", "ß": "s"}


class Beginning(NamedTuple):
    """The script of a name's first letter, and its first letters, folded, at most two."""

    script: str
    letters: str = ""


@dataclass(frozen=True, slots=True)
class Initials:
    """Beginnings of one script from `low` to `high`, ends included; empty ends are open.

    With `script` REST: every script but those in `without`, digits and symbols included.
    """

    script: str
    low: str = ""
    high: str = ""
    without: tuple[str, ...] = ()

    def admits(self, beginning: Beginning) -> bool:
        """Whether a name that begins so is among them."""
        if self.script == REST:
            return beginning.script not in self.without
        if beginning.script != self.script:
            return False
        low, high = beginning.letters[: len(self.low)], beginning.letters[: len(self.high)]
        return self.low <= low and (not self.high or high <= self.high)

    @property
    def words(self) -> str:
        """As a model is told."""
        if self.script == REST:
            return _rest_words(self.without)
        if self.script == DIGITS:
            return "names beginning with a digit"
        return f"names beginning with {self._latin_words() if self.script == LATIN else self._script_words()}"

    def _latin_words(self) -> str:
        """ "S" to "Sm" is written "Sa to Sm"."""
        width = max(len(self.low), len(self.high), 1)
        low, high = (self.low or "a").ljust(width, "a"), (self.high or "z").ljust(width, "z")
        if low == high:
            return f"the {'letters' if width > 1 else 'letter'} {low.capitalize()}"
        return f"the letters {low.capitalize()} to {high.capitalize()}"

    def _script_words(self) -> str:
        script, low, high = self.script.title(), self.low.upper(), self.high.upper()
        if not low and not high:
            return f"a {script} letter"
        if low == high:
            return f"the {script} letter {low}"
        if not low:
            return f"the {script} letters up to {high}"
        return f"the {script} letters {low} to {high}" if high else f"the {script} letters from {low} on"


EVERYTHING = Initials(REST)
NO_LETTER = Beginning(REST)


def beginning_of(text: str) -> Beginning:
    """How a name begins: punctuation before it does not count, nor do accents of Latin letters."""
    if text[:1].isalnum():  # as nearly always: no need to go through it
        return _beginning(text[:LONGEST_PREFIX])
    for at, character in enumerate(text[:MOST_SKIPPED]):
        if character.isalnum():
            return _beginning(text[at : at + LONGEST_PREFIX])
    return NO_LETTER


@lru_cache(maxsize=20_000)
def _beginning(head: str) -> Beginning:
    if head[0].isdigit():
        return Beginning(DIGITS)
    script = _script(_folded(head[0]))
    letters = ""
    for character in map(_folded, head):
        if not character.isalpha() or _script(character) != script:
            break
        letters += character
    return Beginning(script, letters) if letters else NO_LETTER


def _folded(letter: str) -> str:
    small = letter.casefold()[0]
    base = unicodedata.normalize("NFKD", small)[0].lower()  # mathematical capitals become plain ones only here
    return STROKES.get(base, base) if base.isascii() or base in STROKES else small


@lru_cache(maxsize=20_000)
def _script(letter: str) -> str:
    if letter.isascii():
        return LATIN
    script = unicodedata.name(letter, REST).split()[0].lower()
    # A Latin letter that is none from A to Z, as in Azeri or Hausa: no range of letters would hold it.
    return REST if script == LATIN else script


def share_out(count: int, seen: Iterable[str] = ()) -> tuple[Initials, ...]:
    """All beginnings in about `count` parts, balanced by the names seen so far: ranges of Latin letters, a part for
    each notable other script, and the rest."""
    beginnings = Counter(map(beginning_of, seen))
    scripts = _notable(beginnings)
    letters = Counter({each.letters: n for each, n in beginnings.items() if each.script == LATIN})
    ranges = max(count - 1 - len(scripts), 1)
    return (
        *(replace(each, script=LATIN) for each in _letter_ranges(ranges, letters)),
        *(Initials(script) for script in scripts),
        Initials(REST, without=(LATIN, *scripts)),
    )


def split(part: Initials, seen: Iterable[str], count: int = 2) -> tuple[Initials, ...]:
    """`part` in up to `count` balanced parts that together admit what it admits; itself alone: it cannot be split."""
    beginnings = Counter(each for each in map(beginning_of, seen) if part.admits(each))
    if part.script == REST:
        return _split_rest(part, beginnings)
    letters = Counter({each.letters: n for each, n in beginnings.items()})
    if part.script == LATIN and len(part.low) <= 1 and len(part.high) <= 1:
        low, high = part.low or "a", part.high or "z"
        if low != high:
            return tuple(replace(each, script=LATIN) for each in _letter_ranges(count, letters, low, high))
        return _second_letters(low, letters, count)
    return _split_script(part, letters, count)


def _notable(beginnings: Counter[Beginning]) -> list[str]:
    by_script: Counter[str] = Counter()
    for beginning, number in beginnings.items():
        by_script[beginning.script] += number
    total = by_script.total()
    return sorted(
        script
        for script, number in by_script.items()
        if script not in (LATIN, REST) and number >= NOTABLE_SHARE * total
    )[:MOST_SCRIPTS]


def _split_rest(part: Initials, beginnings: Counter[Beginning]) -> tuple[Initials, ...]:
    named = len(set(part.without).difference((LATIN, DIGITS)))
    scripts = [each for each in _notable(beginnings) if each not in part.without][: max(MOST_SCRIPTS - named, 0)]
    if LATIN not in part.without:
        scripts.insert(0, LATIN)
    if not scripts:
        return (part,)
    return (*map(Initials, scripts), replace(part, without=(*part.without, *scripts)))


def _letter_ranges(count: int, seen: Mapping[str, int], low: str = "a", high: str = "z") -> list[Initials]:
    letters = [each for each in string.ascii_lowercase if low <= each <= high]
    weights = [1.0 + sum(n for name, n in seen.items() if name[:1] == letter) for letter in letters]
    return [Initials(LATIN, letters[first], letters[last - 1]) for first, last in balanced(weights, count)]


def _second_letters(letter: str, seen: Mapping[str, int], count: int) -> tuple[Initials, ...]:
    seconds = string.ascii_lowercase
    weights = [0.2 + seen.get(letter + second, 0) for second in seconds]
    spans = list(balanced(weights, count))
    # The first part takes the bare letter as well ("A", "A 1"), and the last whatever sorts behind "z".
    lows = [letter, *(letter + seconds[first] for first, _ in spans[1:])]
    highs = [*(letter + seconds[last - 1] for _, last in spans[:-1]), letter]
    return tuple(Initials(LATIN, low, high) for low, high in zip(lows, highs, strict=True))


def _split_script(part: Initials, seen: Mapping[str, int], count: int) -> tuple[Initials, ...]:
    """Between letters that were seen; the ends stay as they are, so that unseen letters belong somewhere."""
    letters = sorted({name[:1] for name in seen if name})
    if part.script == LATIN or len(letters) < 2:
        return (part,)
    weights = [float(sum(n for name, n in seen.items() if name[:1] == letter)) for letter in letters]
    spans = list(balanced(weights, count))
    lows = [part.low, *(letters[first] for first, _ in spans[1:])]
    # Up to just before the next part begins: letters between the two that nobody has seen belong to the former.
    highs = [*(_letter_before(letters[first]) for first, _ in spans[1:]), part.high]
    return tuple(replace(part, low=low, high=high) for low, high in zip(lows, highs, strict=True))


def _letter_before(letter: str) -> str:
    """There must be one: alphabets have gaps, and a gap cannot be put in words."""
    return next(found for code in range(ord(letter) - 1, 0, -1) if (found := chr(code)).isalpha())


def balanced(weights: Sequence[float], count: int) -> Iterable[tuple[int, int]]:
    """Cut a row of weights into up to `count` runs of about equal sums, none empty: pairs of begin and end."""
    count = min(count, len(weights))
    share, bounds, reached = sum(weights) / count, [0], 0.0
    for at, weight in enumerate(weights):
        behind = len(weights) - at
        enough = reached + weight / 2 >= share * len(bounds)
        if at and len(bounds) < count and (enough or behind <= count - len(bounds)):
            bounds.append(at)
        reached += weight
    return pairwise([*bounds, len(weights)])


def _rest_words(without: tuple[str, ...]) -> str:
    others = [script for script in without if script not in (LATIN, DIGITS)]
    but = f" (but not {', '.join(script.title() for script in others)})" if others else ""
    if LATIN not in without:
        return f"names beginning with any letter, digit or symbol{but}"
    digit = "" if DIGITS in without else "a digit, "
    return f"names beginning with {digit}a symbol or a letter of another alphabet than the Latin one{but}"

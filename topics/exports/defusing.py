"""Spreadsheets run what looks like a formula; this makes it look like text. Pure.

The rule: a cell that begins with one of = + - @, a tab or a line break, or with a full-width or small form of these,
gets an apostrophe in front. Spaces, quotes of all kinds and characters that are not seen do not count as its
beginning, as programs strip them. To undo it, take the apostrophe away from each cell that is dangerous
without it: nothing is lost, as a cell that was dangerous and began with an apostrophe has got a second one.
"""

from __future__ import annotations

from unicodedata import category, normalize

MINUS_SIGN = "\u2212"
STARTS = frozenset({"=", "+", "-", "@", MINUS_SIGN})
BREAKS = frozenset("\t\r\n")
# What has no category of its own: straight quotes, and the low ones of German.
QUOTES = frozenset("\"'\u201a\u201e")
# Spaces, controls, invisible letters, opening and closing quotes, accents with and without a letter.
SKIPPED = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Pi", "Pf", "Sk", "Mn"})


def is_dangerous(cell: str) -> bool:
    if cell[:1].isalnum():
        return False
    for letter in cell:
        plain = normalize("NFKC", letter)
        if plain in STARTS or letter in BREAKS:
            return True
        if plain not in QUOTES and category(letter) not in SKIPPED:
            return False
    return False


def defused(cell: str) -> str:
    return f"'{cell}" if is_dangerous(cell) else cell


def restored(cell: str) -> str:
    """What was defused."""
    return cell[1:] if cell.startswith("'") and is_dangerous(cell[1:]) else cell

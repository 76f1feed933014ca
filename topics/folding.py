"""Letters as people search for them: case and accents do not matter."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """The text in small letters without accents: "Élysée" is "elysee"."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def folded_beside(text: str, longest: int) -> str:
    """What is kept beside a text for the search: nothing where the database's own blindness to case is enough."""
    return "" if text.isascii() else fold(text)[:longest]

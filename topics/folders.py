"""Folder names of topics: letters and digits of every script, joined by underscores."""

from __future__ import annotations

import unicodedata
from collections.abc import Container

MAX_BYTES = 120


class UnusableName(ValueError):
    """The topic's name has no letter or digit that a folder could be named after."""


def folder_name(topic: str) -> str:
    """The folder for `topic`: "Best Sci-Fi Movies (2020s)" → "best_sci_fi_movies_2020s". Raises UnusableName.

    Hyphens, slashes and dashes of all kinds separate words as spaces do; other punctuation disappears.
    """
    text = unicodedata.normalize("NFC", topic).lower()
    kept = "".join(_folder_character(character) for character in text)
    words = "_".join(kept.split())
    name = _cut(words).rstrip("_")
    if not any(character.isalnum() for character in name):
        raise UnusableName(f"the topic {topic!r} needs at least one letter or digit")
    return name


def free_folder_name(topic: str, taken: Container[str]) -> str:
    """The folder for `topic` that no other topic has: numbered from 2 where the plain one is taken."""
    plain = folder_name(topic)
    candidate, number = plain, 1
    while candidate in taken:
        number += 1
        candidate = f"{plain}_{number}"
    return candidate


def _folder_character(character: str) -> str:
    category = unicodedata.category(character)
    # Marks belong to letters: without them the vowels of Indic scripts would be lost.
    if character.isalnum() or category.startswith("M"):
        return character
    if character.isspace() or category in ("Pd", "Pc") or character in "/\\":
        return " "
    return ""


def _cut(name: str) -> str:
    # File systems limit bytes, not characters, and a cut must not leave half a character.
    return name.encode()[:MAX_BYTES].decode(errors="ignore")

"""Entries as models give them: any number of distinct names, and other spellings of each.

Nothing here is random: the same place always has the same name, so that processes need not exchange them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

KINDS = (
    "Museum", "Café", "Château", "Garden", "Bridge", "Gallery", "Théâtre", "Market", "Library", "Old Mill", "Chapel",
    "Fountain", "Passage", "Quay", "Square", "Tower", "Brasserie", "Workshop", "Observatory", "Cinéma",
)  # fmt: skip
QUALITIES = (
    "Grand", "Petit", "Royal", "Hidden", "Blue", "Golden", "Saint-Étienne", "Saint-Germain", "Upper", "Lower",
    "Northern", "Southern", "Ancient", "New", "Silver", "Crooked", "Quiet", "Ivory", "Montparnasse", "Belleville",
    "Orléans", "Bercy", "Marais", "Opéra", "Pigalle", "Lafayette", "Rivoli", "Vendôme", "Austerlitz", "Trocadéro",
)  # fmt: skip
PERSONS = (
    "Adèle", "Baudelaire", "Curie", "Debussy", "Éluard", "Foucault", "Gauguin", "Hugo", "Ibsen", "Jourdain",
    "Kandinsky", "Lumière", "Monet", "Noailles", "Offenbach", "Piaf", "Queneau", "Ravel", "Satie", "Tati", "Utrillo",
    "Verne", "Watteau", "Xenakis", "Yourcenar", "Zola", "O'Brien", "Müller", "D'Artagnan", "St. John",
)  # fmt: skip
NAMES = 2**23
SCATTER = 5_242_881  # odd, so that neighbours in number are no neighbours in name

SPELLINGS: Sequence[Callable[[str], str]] = (
    str,
    str.upper,
    str.lower,
    lambda name: f"{name}.",
    lambda name: name.replace(" ", "  "),
    lambda name: name.replace("é", "e").replace("É", "E"),
    lambda name: name.replace("-", " ").replace("'", "\u2019"),
    lambda name: f"\u201c{name}\u201d",
)


def name_at(place: int) -> str:
    """The name at `place`; different places below NAMES have names that are different entries."""
    scattered = place * SCATTER % NAMES
    rest, kind = divmod(scattered, len(KINDS))
    rest, quality = divmod(rest, len(QUALITIES))
    number, person = divmod(rest, len(PERSONS))
    name = f"{QUALITIES[quality]} {KINDS[kind]} {PERSONS[person]}"
    return f"{name} {number}" if number else name


def respelled(place: int, spelling: int) -> str:
    """The entry at `place` in another spelling."""
    return SPELLINGS[spelling % len(SPELLINGS)](name_at(place))

"""Worlds of known truth, from which the simulated provider answers, and their parts.

A world of facts is used only for a topic that it answers truthfully ("countries of the world", but not
"countries with a queen"). Every other topic gets made-up names, each of which says so: lists are passed on.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from random import Random

from xxhash import xxh3_64_intdigest, xxh3_128_intdigest

SUFFIX = " (simulated)"
DEFAULT_SIZE = 1_500
STRAYS = 60


@dataclass(frozen=True, slots=True)
class World:
    """All the true entries of a topic, the most popular first, no two alike. `real`: they are facts."""

    name: str
    entries: tuple[str, ...]
    real: bool


def world_for(topic: str, seed: int = 0, size: int | None = None) -> World:
    """The world that `topic` is about.

    Which entries there are depends on the topic and `size` (None: all facts, or 1,500 made-up names); `seed`
    orders them by popularity. The same arguments give the same world on every machine.
    """
    return _world(folded(topic), seed, size)


@lru_cache(maxsize=32)
def _world(topic: str, seed: int, size: int | None) -> World:
    source = route(topic)
    if source is None:
        names = list(islice(_made_up(topic), DEFAULT_SIZE if size is None else size))
    else:
        names = sorted({unicodedata.normalize("NFC", name) for name in source.load()})
        stable_random("cut", source.name).shuffle(names)
        names = names[:size]
    stable_random("popularity", source.name if source else topic, seed).shuffle(names)
    return World(source.name if source else "simulated", tuple(names), real=source is not None)


def stable_random(*parts: object) -> Random:
    """A source of randomness that depends on `parts` alone: not on the process, as hash() does."""
    return Random(xxh3_128_intdigest(_joined(parts)))  # noqa: S311 - simulation, no secrets


def stable_share(*parts: object) -> float:
    """A number in [0, 1) that depends on `parts` alone."""
    return xxh3_64_intdigest(_joined(parts)) / 2**64


def _joined(parts: Iterable[object]) -> bytes:
    # A lone surrogate in a topic must not stop a run: it is only digested.
    return "\x1f".join(map(str, parts)).encode(errors="surrogatepass")


def folded(text: str) -> str:
    """The simple fold by which a simulated model recognises an entry: case and spacing are ignored."""
    return " ".join(text.casefold().split())


def plain(text: str) -> str:
    """`text` without the diacritics of Latin letters; in other scripts marks are letters and stay."""
    if text.isascii():
        return text
    return "".join(_plain_letter(letter) for letter in unicodedata.normalize("NFC", text))


def _plain_letter(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base.isascii() else letter


_STROKES = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "\u0131": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)


def _letters(name: str) -> str:
    """`name` as an alphabet sorts it: letters with a stroke and ligatures count as what they look like."""
    return plain(name).casefold().translate(_STROKES)


# --- facts ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """A world of facts: what names it in a topic, and the other words that leave its truth alone."""

    name: str
    subjects: tuple[str, ...]
    companions: tuple[str, ...]
    load: Callable[[], Iterable[str]]


def _countries() -> Iterator[str]:
    import pycountry  # late: its tables take 50 ms and more, and most topics need none

    return (getattr(country, "common_name", country.name) for country in pycountry.countries)


def _regions() -> Iterator[str]:
    import pycountry

    return (region.name for region in pycountry.subdivisions)


def _languages() -> Iterator[str]:
    import pycountry

    special = "S"  # codes such as "Undetermined" and "Multiple languages"
    return (language.name for language in pycountry.languages if language.scope != special)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_NEUTRAL = _words(
    "a across all and around by code codes complete current every for from full global globe in iso known "
    "list lists name names of official on or planet real s standard the their whole world worlds worldwide"
)
_COUNTRIES = Source("countries", _words("country countries 3166-1"), _words("3166 nations"), _countries)
_REGIONS = Source(
    "regions",
    _words("region regions province provinces subdivision subdivisions 3166 3166-2"),
    _words(
        "administrative cantons counties countries country departments districts divisions first geographic "
        "geographical governorates level municipalities parishes political prefectures principal states "
        "subnational territories top"
    ),
    _regions,
)
_LANGUAGES = Source("languages", _words("language languages 639-3"), _words("human natural 639"), _languages)


def route(topic: str) -> Source | None:
    """The facts that answer `topic` truthfully; None where a word narrows it to what they do not know."""
    words = frozenset(re.findall(r"[^\W_]+(?:-\d+)?", topic.casefold()))
    for source in (_COUNTRIES, _REGIONS, _LANGUAGES):
        narrowing = words.difference(source.subjects, source.companions, _NEUTRAL)
        if not narrowing and not words.isdisjoint(source.subjects):
            return source
    return None


# --- made-up names --------------------------------------------------------------------------------

_ONSETS = _words("b br c ch d dr f fl g gr h j k l m n p pl qu r s st t tr v w z")
_VOWELS = _words("a a a e e e i i i o o o u u ai")
_CODAS = _words("l m n n r r s nd rn th x") + ("",) * 11
_ACCENTS = {"a": "áàâäãå", "e": "éèêë", "i": "íîï", "o": "óôöõø", "u": "úûü", "n": "ñ", "c": "ç"}
_NOUNS = _words(
    "Abbey Archive Arcade Avenue Bakery Basin Bridge Canal Castle Chapel Cinema Circle Collection Court "
    "Crossing Fair Festival Fountain Gallery Garden Gate Grove Hall Harbour House Institute Island Lane "
    "Library Market Meadow Mill Monument Museum Observatory Opera Palace Park Passage Pavilion Quarter Quay "
    "Square Studio Terrace Theatre Tower Villa Walk Workshop"
)
_STRAY_NOUNS = _words("Casserole Invoice Lullaby Ointment Screwdriver Sonata Spreadsheet Tax Umbrella Waltz")
_SHAPES = {
    "{stem} {noun}": 9,
    "{stem}": 3,
    "{noun} of {stem}": 3,
    "{stem}-{other} {noun}": 3,
    "Saint-{stem} {noun}": 2,
    "{stem}'s {noun}": 2,
    "The {stem} {noun}": 2,
    "{stem} {noun} {number}": 2,
    "{stem} & {other}": 1,
    "D'{stem} {noun}": 1,
    "{number} {stem} {noun}": 1,
}
_FILLERS = frozenset({"the", "of", "saint", "s", "d"})
_FOREIGN_SHARE = 0.04
_ACCENT_SHARE = 0.12
_SIBLING_SHARE = 0.12
# Syllables, and a word for a place, in other scripts.
_FOREIGN = (
    (_words("ва ли мо ра не до ска бу ри зе то ны"), "{stem} парк"),  # noqa: RUF001 - meant to be Cyrillic
    (_words("λα μο ρα νε θα σι κο πε δρα ζη"), "Κήπος {stem}"),  # noqa: RUF001 - meant to be Greek
    (_words("カ モ ラ ネ サ シ ト リ ヤ ベ ド ル"), "{stem}公園"),
)


def strays(topic: str) -> tuple[str, ...]:
    """Made-up names that no world has: what a model says when it loses the topic."""
    rng = stable_random("strays", folded(topic))
    return tuple(f"{_stem(rng)} {rng.choice(_STRAY_NOUNS)}{SUFFIX}" for _ in range(STRAYS))


def _made_up(topic: str) -> Iterator[str]:
    """Endless made-up names, distinct in any sensible normal form, so that the truth can be counted."""
    rng = stable_random("world", topic)
    taken: set[str] = set()
    stems: list[str] = []
    while True:
        name = _coined(rng, stems)
        marks = _marks(name)
        if taken.isdisjoint(marks):
            taken |= marks
            yield name + SUFFIX


def _marks(name: str) -> set[str]:
    bare = "".join(each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each))
    words = re.findall(r"[^\W_]+", _letters(bare))
    bag = " ".join(sorted(word for word in words if word not in _FILLERS))
    return {bag, "".join(words)}


def _coined(rng: Random, stems: list[str]) -> str:
    """One made-up name; its stem is now and then one of `stems`, to which a new one is added."""
    if rng.random() < _FOREIGN_SHARE:
        syllables, shape = rng.choice(_FOREIGN)
        return shape.format(stem="".join(rng.choices(syllables, k=rng.randint(3, 5))).title())
    if stems and rng.random() < _SIBLING_SHARE:
        stem = rng.choice(stems)
    else:
        stem = _stem(rng)
        stems.append(stem)
    (shape,) = rng.choices(list(_SHAPES), weights=list(_SHAPES.values()))
    return shape.format(stem=stem, other=_stem(rng), noun=rng.choice(_NOUNS), number=rng.randint(2, 99))


def _stem(rng: Random) -> str:
    syllables = rng.choices((2, 3), weights=(3, 2))[0]
    stem = "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(syllables)) + rng.choice(_CODAS)
    return (_accented(stem, rng) if rng.random() < _ACCENT_SHARE else stem).capitalize()


def _accented(stem: str, rng: Random) -> str:
    place = rng.choice([at for at, letter in enumerate(stem) if letter in _ACCENTS])
    return stem[:place] + rng.choice(_ACCENTS[stem[place]]) + stem[place + 1 :]


# --- parts of a world -----------------------------------------------------------------------------

_RANGE = re.compile(r"\b([a-z]{1,3})\s*(?:\bto\b|\bthrough\b|[-\u2013\u2014])\s*([a-z]{1,3})\b", re.IGNORECASE)
_SINGLE = re.compile(r"\b[A-Z]\b")
_OTHERS = re.compile(r"\b(?:digits?|symbols?|numbers?|other scripts?)\b", re.IGNORECASE)
_ALPHABETIC = re.compile(r"\b(?:letters?|begin\w*|start\w*|initials?|alphabet\w*)\b", re.IGNORECASE)
_JOINING = re.compile(r"\b(?:or|and)\b|\W", re.IGNORECASE)
_INITIAL = re.compile(r"[\W_]*([a-z]{1,3})")


@dataclass(frozen=True, slots=True)
class Initials:
    """Beginnings of names: ranges of one to three letters, ends included; `others`: anything but A to Z."""

    ranges: tuple[tuple[str, str], ...] = ()
    others: bool = False

    def admits(self, initial: str) -> bool:
        """Whether a name that begins with `initial` (see `initial`) is among them."""
        if not initial:
            return self.others
        return any(low <= initial[: len(low)] and initial[: len(high)] <= high for low, high in self.ranges)


def initials(partition: str) -> Initials | None:
    """The beginnings that words like "names beginning with the letters A to F" ask for; None: other words."""
    rest = _OTHERS.sub("", _RANGE.sub("", partition))
    if not _ALPHABETIC.search(partition) and _JOINING.sub("", rest):
        return None
    spans = [sorted((low.casefold(), high.casefold())) for low, high in _RANGE.findall(partition)]
    spans += [[letter.casefold()] * 2 for letter in _SINGLE.findall(rest)]
    asked = Initials(tuple((low, high) for low, high in spans), bool(_OTHERS.search(partition)))
    return asked if asked.ranges or asked.others else None


def initial(name: str) -> str:
    """The first letters of `name`, at most three, as an alphabet sorts them; "" if it begins otherwise."""
    found = _INITIAL.match(_letters(name))
    return found.group(1) if found else ""


def belongs(entry: str, partition: str) -> bool:
    """Whether `entry` is in `partition`: by its initial, or else in a third of the world the words choose."""
    asked = initials(partition)
    if asked is not None:
        return asked.admits(initial(entry))
    return not partition or stable_share("partition", folded(partition), entry) < 1 / 3

"""What makes two candidates the same: the normal form, and the key that is its digest. Pure.

A key is part of the protocol: producers send what they hold for known as keys alone, and the engine looks them up.
Both sides therefore compute it here, and a change of the normal form is a change of the protocol.

The normal form is what is left of a spelling when everything that writers vary is folded: Unicode compatibility
forms, case, the accents of Latin and Greek letters, apostrophes, punctuation and spaces. What tells entries apart
stays: digits, every other script with its marks, symbols, and the few signs that names hang on ("C++", "A*", ".NET").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

import xxhash

KEY_BYTES = 16
MAX_LENGTH = 200

# Letters that Unicode does not decompose, though writers without the right keyboard do.
PLAIN_LETTERS = {
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i", "ħ": "h", "ŧ": "t",
}  # fmt: skip
APOSTROPHES = "'\u2018\u2019\u201b\u02bb\u02bc\u02b9`\u2032"
SKIN_TONES = "\U0001f3fb\U0001f3ff"
FLAG, TAGS = "\U0001f3f4", "\U000e0020\U000e007f"  # they tell the flag of England from that of Scotland
JOINERS = "\u200c\u200d"  # they shape Indic and Persian words and emoji
INITIALS = re.compile(r"(?<=\b[^\W\d_])\.(?=[^\W\d_]\b)")
# Signs that tell names apart where they stand: C++, C#, 50%, A*, C--, O-, -5, .NET. Anywhere else (the last
# alternative) they are punctuation.
SIGNS = re.compile(
    r"(?<=\w)[+#]+"
    r"|(?<=\d) ?%"
    r"|(?<=\b[^\W\d_])[*-]+(?![\w*-])"
    r"|(?<![\w-])-(?=\d)"
    r"|(?<![\w.])\.(?=[^\W\d_])"
    r"|([+#%*.-])"
)
HYPHENS = "-\u2010\u2011\u2212"
NEEDS_CARE = re.compile(r"[+#&.%*-]")
BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")


class _Folding(dict[int, str]):
    """A translation table that works out each character when it first meets it."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        self[code] = folded
        return folded


def _is_tag(character: str) -> bool:
    return TAGS[0] <= character <= TAGS[1]


def _fold_character(character: str) -> str:
    category = unicodedata.category(character)
    if SKIN_TONES[0] <= character <= SKIN_TONES[1] or _is_tag(character):
        return character
    if character in APOSTROPHES or (category in ("Cf", "Cc") and not character.isspace()):
        return ""
    if character in "+#%*.":
        return character
    if character in HYPHENS:
        return "-"
    if character == "\u266f":
        return "#"
    if character == "&":
        return " and "
    if category[0] == "L":
        return PLAIN_LETTERS.get(character) or _without_accents(character)
    if category[0] == "M":
        return "" if _is_general_mark(character) else character
    if category[0] == "P" or category == "Sk" or character.isspace():
        return " "
    return character


def _without_accents(letter: str) -> str:
    base = unicodedata.normalize("NFKD", letter)
    # Only where an accent is an ornament: й is no и, が is no か, and Hangul must stay whole.
    if unicodedata.name(base[0], "").startswith(("LATIN", "GREEK")):
        return "".join(PLAIN_LETTERS.get(each, each) for each in base if not unicodedata.combining(each))
    return letter


def _is_general_mark(mark: str) -> bool:
    return "\u0300" <= mark <= "\u036f" or "\ufe00" <= mark <= "\ufe0f"


_FOLDING = _Folding()
_ASCII = str.maketrans({chr(code): _fold_character(chr(code)) for code in range(128) if not chr(code).isalnum()})


def normal_form(text: str) -> str:
    """The folded spelling of `text`; two candidates are the same entry when theirs are equal.

    A text of nothing but punctuation folds to itself, so that such a topic can be listed, too.
    """
    if text.isascii() and not NEEDS_CARE.search(text):
        return " ".join(text.lower().translate(_ASCII).split()) or _bare(text)
    return _careful_form(text)


def _careful_form(text: str) -> str:
    composed = _composed(text)
    if "." in composed:
        composed = INITIALS.sub("", composed)
    folded = _folded(composed)
    if NEEDS_CARE.search(folded):
        folded = SIGNS.sub(_kept_sign, folded)
    return " ".join(folded.split()) or _bare(text)


def _composed(text: str) -> str:
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _folded(composed: str) -> str:
    # Of most texts a letter or two are beyond ASCII; to translate all of it as such takes three times as long.
    plain = BEYOND_ASCII.sub(_folded_part, composed)
    return plain.translate(_ASCII) if plain.isascii() else composed.translate(_FOLDING)


def _folded_part(part: re.Match[str]) -> str:
    return part[0].translate(_FOLDING)


def _kept_sign(sign: re.Match[str]) -> str:
    return " " if sign[1] else sign[0].strip()


def _bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def key_of(text: str) -> bytes:
    """The 16-byte digest of the normal form."""
    return xxhash.xxh3_128_digest(normal_form(text).encode())


def clean(candidate: str) -> str | None:
    """The candidate as one line of printable text, or None when it cannot be an entry.

    Producers have cleaned it already; the engine does not rely on that. An entry has at most 200 characters and
    something to see, and no character that breaks a line or turns the direction of writing.
    """
    if len(candidate) > MAX_LENGTH:
        return None
    if not candidate.isprintable():
        candidate = _printable(candidate)
    text = " ".join(candidate.split())
    return text if text.strip(JOINERS + " ") else None


def all_clean(candidates: Sequence[str]) -> bool:
    """Whether `clean` leaves each of them as it is, looked up together; it may say no where it would."""
    between = "|"
    together = between.join(candidates)
    return (
        together.isprintable()
        and all(candidates)
        and max(map(len, candidates), default=0) <= MAX_LENGTH
        and not any(gap in together for gap in ("  ", f" {between}", f"{between} "))
        and together == together.strip()
    )


def _printable(candidate: str) -> str:
    """Tags stay behind the flag that they belong to; elsewhere they are a way to hide text."""
    kept, tagged = [], False
    for character in candidate:
        tagged = character == FLAG or (tagged and _is_tag(character))
        if character.isprintable() or character in JOINERS or tagged:
            kept.append(character)
        elif character.isspace():
            kept.append(" ")
    return "".join(kept)


def joined(keys: Iterable[bytes]) -> bytes:
    """Keys as a message carries them: one behind the other."""
    return b"".join(keys)


def parted(data: bytes) -> list[bytes]:
    """The inverse of `joined`."""
    return [data[start : start + KEY_BYTES] for start in range(0, len(data), KEY_BYTES)]

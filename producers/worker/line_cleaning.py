# ruff: noqa: RUF001 - look-alike punctuation is what this module is about
"""Which entry the text of a line holds (`clean_entry`), or why it holds none (`Refusal`).

The caller keeps lines below 10,000 characters, and no quantifier here ranges over text that the next one
could take as well: every regular expression runs in about linear time.
"""

import re
import unicodedata
from enum import Enum, auto
from html import unescape
from html.entities import html5

# Everything that could make one candidate look like two lines, or like other text than it is.
HOSTILE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"))
# A blank that a model fills in.
_BLANK = re.compile(r"[ (]*n/a[ ).]*", re.I)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_LINK = re.compile(r"!?\[([^\[\]]+)\]\((?:[^()]|\([^()]*\))*\)")
_CODE = re.compile(r"`{1,3}([^`]+)`{1,3}")
_STRONG = re.compile(r"\*{2,3}([^*]+)\*{2,3}|~~([^~]+)~~")
_ITALIC = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*]+)(?<!\s)\*(?![\w*])")
_UNDERSCORED = re.compile(r"(?<!\w)(_{1,3})([^_]+)(_{1,3})(?!\w)")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!|>~-])")
_REMARK = re.compile(
    r" (?:[(\[](?:new(?: entry)?|NEW|[Aa]lready (?:listed|included|mentioned|given|named)|duplicate)!?[)\]]"
    r"|[-–—] [Aa]lready (?:listed|included|mentioned|given|named))\.?$"
)
_QUOTES = {
    '"': '"', "'": "'", "“": "”", "‘": "’", "„": "“”", "‚": "‘’", "”": "”", "’": "’", "«": "»", "»": "«",
    "‹": "›", "›": "‹", "「": "」", "『": "』", "《": "》", "〈": "〉", "＂": "＂", "`": "`",
}  # fmt: skip


class Refusal(Enum):
    HOSTILE = auto()
    OVERLONG = auto()
    EMPTY = auto()  # nothing but punctuation, or a blank filled in: "N/A"


def clean_entry(body: str, *, marked: bool, max_length: int) -> str | Refusal:
    """The entry in the body of a line: one line of text without markup, or why there is none."""
    lead = bold_lead(body)
    if lead and (marked or not lead[1]):
        body = lead[0].rstrip(" :：")
    return clean_value(_strip_markup(body), max_length=max_length)


def clean_value(text: str, *, max_length: int) -> str | Refusal:
    """The same for a value that is text already, such as a JSON string: no markup is looked for but bold.

    In Unicode's composed form, so that who looks for "Köln" in a file finds it.
    """
    lead = bold_lead(text.strip())
    text = lead[0] if lead and not lead[1] else text
    text = unicodedata.normalize("NFC", _ENTITY.sub(_decode_entity, text).translate(INVISIBLE))
    if HOSTILE.search(text):
        return Refusal.HOSTILE
    text = _trim(_REMARK.sub("", " ".join(text.split())))
    if not has_substance(text) or _BLANK.fullmatch(text):
        return Refusal.EMPTY
    return text if len(text) <= max_length else Refusal.OVERLONG


def bold_lead(text: str) -> tuple[str, str] | None:
    """The bold segment that opens the text, and the rest; None if there is none, as in `**C**ompound`."""
    if not text.startswith("**"):
        return None
    start = 3 if text.startswith("***") else 2
    end = text.find("**", start)
    segment = text[start:end].strip() if end > 0 else ""
    rest = text[end:].lstrip("*")
    if not segment or rest[:1].isalnum():
        return None
    return segment, rest


def _strip_markup(text: str) -> str:
    text = _LINK.sub(r"\1", text)
    text = _CODE.sub(r"\1", text)
    text = _STRONG.sub(lambda found: found[1] or found[2], text)
    text = _ITALIC.sub(r"\1", text)
    text = _UNDERSCORED.sub(_strip_underscores, text)
    return _ESCAPED.sub(r"\1", text)


def _strip_underscores(found: re.Match[str]) -> str:
    """`_The Stranger_` is italic; `__init__` and `_id_` are names."""
    content = found[2]
    is_prose = " " in content or content[0].isupper()
    return content if is_prose and len(found[1]) == len(found[3]) else found[0]


def _decode_entity(found: re.Match[str]) -> str:
    entity = found[0]
    return unescape(entity) if entity[1] == "#" else html5.get(entity[1:], entity)


def _trim(text: str) -> str:
    """Without trailing separators and surrounding quotes, however they are nested."""
    while (shorter := _unquote(text.rstrip(" ,;，；、").lstrip())) != text:
        text = shorter
    return text


def _unquote(text: str) -> str:
    if len(text) < 2 or text[-1] not in _QUOTES.get(text[0], ""):
        return text
    inner, marks = text[1:-1], text[0] + text[-1]
    return text if any(inner[at] in marks and not _is_apostrophe(inner, at) for at in range(len(inner))) else inner


def _is_apostrophe(inner: str, at: int) -> bool:
    """Between letters; any other quote inside shows that the outer ones are no pair, as in `"A" and "B"`."""
    return at > 0 and inner[at - 1].isalnum() and inner[at + 1 : at + 2].isalnum()


def has_substance(text: str) -> bool:
    """At least one letter, digit or symbol; a backtick, though Unicode calls it a symbol, is markup."""
    return any(unicodedata.category(char)[0] in "LNS" and char != "`" for char in text)

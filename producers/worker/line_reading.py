# ruff: noqa: RUF001 - look-alike punctuation is what this module is about
"""What a line of an answer is (`read_line`): text behind a marker, a heading, a row of a table, or plain.

As in `line_cleaning`, every regular expression runs in about linear time on lines that the caller keeps short.
"""

import re
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import pairwise

from producers.worker.json_frames import OTHER_RANK, rank_of
from producers.worker.line_cleaning import HOSTILE, INVISIBLE, bold_lead, has_substance

TAB = " " * 4
SYMBOL = " "  # ends the form of a line behind an arrow or a box, which is a marker where others follow


class Kind(Enum):
    BLANK = auto()
    MARKUP = auto()  # a rule or a code fence
    HEADING = auto()
    MARKED = auto()  # behind a bullet, a letter, a leading bold segment
    NUMBERED = auto()  # `1.`: a marker, except that a plain list may hold "1. FC Köln"
    COUNTED = auto()  # `1 -`, `a.`, `iv.`, `→`: a marker only when the numbers run in sequence
    ROW = auto()
    ROW_RULE = auto()
    TAG = auto()  # `<ul>`, `</li>`: markup around the items of an HTML list, and else text
    PLAIN = auto()
    HOSTILE = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """A line as read; `body` is the text behind the marker, `whole` the text with it."""

    kind: Kind
    body: str = ""
    whole: str = ""
    number: int = 0
    form: str = ""  # how the number was written, so that only like follows like
    roman: int = 0  # the number, where letters are read as a Roman one
    gap: bool = False  # a blank line stands before this one
    indent: int = 0  # of an item of a list, in columns

    @property
    def is_bold(self) -> bool:
        lead = bold_lead(self.whole)
        return lead is not None and not lead[1]


_FENCE = re.compile(r"(?:`{3,}|~{3,})\s?[\w+#.-]{0,20}")
_ROW_RULE_CHARACTERS = frozenset("|:- ")
_SETEXT_RULE = re.compile(r"={4,}")
_BARE_NUMBER = re.compile(r"[(\[]?\d{1,4}[.)\]]")
_HASHES = re.compile(r"#{1,6} ")
_QUOTED_BLOCK = re.compile(r"(?:> )+")
_BULLET = re.compile(r"(?:[-*+–—] |[•·▪◦‣●○►⁃∙➤➢✓✔]\ufe0f? ?)(?=\S)")
_CHECKBOX = re.compile(r"\[[ xX✓✔]\] ?(?=\S)")
_TICKBOX = re.compile(r"[☐☑☒✅✓✔]\ufe0f? (?=\S)")
_SYMBOL = re.compile(r"(?:([☐☑☒✅])|([→➔➜➡⇒▶▸▹◆◇■□★☆⭐❖✦»❯🔹🔸👉📍]))\ufe0f? (?=\S)")
_LETTER = re.compile(r"\(?(?:[a-zA-Z]|[ivxIVX]{2,5})\) (?=\S)")
_KEYCAP = re.compile(r"(?:\d\ufe0f?\u20e3){1,3} ?(?=\S)")
_NUMBER = re.compile(r"(?:[(（\[]?(\d{1,4})\\?[.)\]）．] |(\d{1,4})[、．）] ?)(?=\S)")
_BOLD_NUMBER = re.compile(r"\*\*(\d{1,4})[.)](\*\* ?| )(?=\S)")
_COUNT = re.compile(r"(#|(?:№|N[º°]) ?)?(\d{1,3})( ?[-–—:] |[.)] ?(?=[^\W\d_])| )(?=\S)")
_SPELLED = re.compile(r"([a-z]|[ivxl]{2,6}|[A-Z]|[IVXL]{2,6})\. (?=\S)")
_ROMAN_DIGITS = {"i": 1, "v": 5, "x": 10, "l": 50}
_LIST_TAG = re.compile(r"</?(?:ul|ol|li)\b[^<>]*>", re.I)
_LIST_ITEM = re.compile(r"<li\b[^<>]*>(.+?)(?:</li ?>)?", re.I)
_LIST_TAG_AHEAD = re.compile(r"(?=</?[uo]l\b[^<>]*>|<li\b[^<>]*>)", re.I)
_BOLD_TAG = re.compile(r"</?(?:b|strong)\b[^<>]*>", re.I)
_INLINE_TAG = re.compile(r"</?(?:a|i|em|u|p|span|code|small|br)\b[^<>]*>", re.I)
_KEY = re.compile(r"[\"*]{0,3}([A-Za-z_]{2,20})[\"*]{0,3}:\*{0,2} (?=\S)")
_COMMA = re.compile(r"[,;] |[、，；] ?")
_AND = re.compile(r"^(?:and|&|et|und|y|e|или|и) ")
_ROW_NAMES = 5
_NAME_WORDS = 4
_CELLS = re.compile(r"(?<!\\)\|")
_NUMBERS = re.compile(r"[#\d.)*\s]+")
_JSON_ITEM = re.compile(r'"[^"]+",')
_CSV_ROW = re.compile(r'"([^"]+)"(?:,"[^"]*"){1,3}')  # a name and what is said of it; five are a row of names
_BOLD_THEN_TEXT = re.compile(r" ?[:–—]| - ")
_COLONS = (":", "：")


def read_line(raw: str) -> Line:
    """What this line is. Never fails; hostile characters win over everything else."""
    if HOSTILE.search(raw):
        return Line(Kind.HOSTILE)
    text = " ".join(raw.translate(INVISIBLE).split())
    text = _QUOTED_BLOCK.sub("", text, count=1) if text.startswith("> ") else text
    if line := _read_structure(text) or _read_html(text) or _read_heading(text):
        return line
    if line := _read_marked(text):
        return replace(line, indent=_indent(raw))
    return Line(Kind.PLAIN, text, text)


def _indent(raw: str) -> int:
    margin = raw[: len(raw) - len(raw.lstrip(" \t"))]
    return len(margin.replace("\t", TAB))


def keyed(text: str) -> tuple[str, str] | None:
    """The key and the value in `name: Louvre`, if the key is one that names things."""
    found = _KEY.match(text)
    return (found[1].lower(), text[found.end() :]) if found and rank_of(found[1].lower()) < OTHER_RANK else None


def split_row(text: str, *, announced: bool = False) -> list[str]:
    """The names in `Louvre, Orsay, …, and Marais.`; none if these are not many and short.

    `announced`: what stands around it says that it is a list, so that it may end like a sentence, and one name in
    five may be long.
    """
    *parts, last = _COMMA.split(text.rstrip(" ."))
    names = [*parts, _AND.sub("", last)]
    most_words = _NAME_WORDS if announced or text[-1:] != "." else _NAME_WORDS // 2
    words = [len(name.split()) for name in names]
    long = sum(count > most_words for count in words)
    are_short = long * _ROW_NAMES <= len(names) * announced and all(0 < count <= 2 * _NAME_WORDS for count in words)
    return names if len(names) >= _ROW_NAMES and are_short else []


def split_items(raw: str) -> list[str]:
    """`<ul><li>A</li><li>B</li></ul>` on one line holds several lines; any other line is its own."""
    text = raw.lstrip(" \t")
    if not _LIST_TAG.match(text):
        return [raw]
    return [part for part in _LIST_TAG_AHEAD.split(text) if part]


def ends_like_heading(line: Line) -> bool:
    """`Museums:` and `**Museums:**`, marked or not: they announce entries."""
    return line.body.rstrip("*_ ").endswith(_COLONS)


def row_entry(row: Line, column: int | None = None) -> Line:
    """The entry that a row of a table holds; `column`: the one that the table's header says it is in."""
    cells = _cells(row)
    told = cells[column] if column is not None and column < len(cells) else ""
    return Line(Kind.MARKED, told or _table_entry(cells), row.whole)


def column_of_names(header: Line) -> int | None:
    """Which column of a table holds names: `Name` or `Title`; None if no header says so."""
    ranks = [rank_of(cell.strip("*_ ").lower()) for cell in _cells(header)]
    best = min(ranks, default=OTHER_RANK)
    return ranks.index(best) if best < rank_of("label") else None  # a column of values holds anything


def _cells(row: Line) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in _CELLS.split(row.body.strip().strip("|"))]


def _table_entry(cells: list[str]) -> str:
    """The first cell that is not just a number; of a row of numbers, the one behind the row's own number."""
    filled = [cell for cell in cells if cell]
    named = [cell for cell in filled if not _NUMBERS.fullmatch(cell)]
    return (named or filled[1:] or filled or [""])[0]


def _read_structure(text: str) -> Line | None:
    if not text:
        return Line(Kind.BLANK)
    if "|" in text and "-" in text and _ROW_RULE_CHARACTERS.issuperset(text):
        return Line(Kind.ROW_RULE)
    if text.startswith("|") and text.count("|") > 1:
        return Line(Kind.ROW, text, text)
    is_markup = any(pattern.fullmatch(text) for pattern in (_FENCE, _SETEXT_RULE, _BARE_NUMBER))
    return Line(Kind.MARKUP) if is_markup or not has_substance(text) else None


def _read_html(text: str) -> Line | None:
    if not text.startswith("<"):
        return None
    if _LIST_TAG.fullmatch(text):
        return Line(Kind.TAG, text, text)
    item = _LIST_ITEM.fullmatch(text)
    body = _INLINE_TAG.sub("", _BOLD_TAG.sub("**", _LIST_TAG.sub("", item[1]))).strip() if item else ""
    return Line(Kind.MARKED, body, text, form="<li>") if body else None


def _read_heading(text: str) -> Line | None:
    """`### 1. Eiffel Tower` is an entry written large; any other `# heading` is none."""
    hashes = _HASHES.match(text)
    if hashes is None:
        return None
    return _read_number(text[hashes.end() :]) or Line(Kind.HEADING)


def _read_marked(text: str) -> Line | None:
    for marker in (_BULLET, _CHECKBOX, _LETTER, _KEYCAP):
        if found := marker.match(text):
            body = text[found.end() :]
            box = _CHECKBOX.match(body) or _TICKBOX.match(body)
            return Line(Kind.MARKED, body[box.end() :] if box else body, text)
    if numbered := _read_number(text):
        return numbered
    if found := _COUNT.match(text):
        form = (found[1] or "").strip() + found[3].strip()
        return Line(Kind.COUNTED, text[found.end() :], text, int(found[2]), form)
    if found := _SYMBOL.match(text):
        return Line(Kind.COUNTED, text[found.end() :], text, form=f"{found[2] or '☐'}{SYMBOL}")
    if found := _SPELLED.match(text):
        return _read_spelled(text, found)
    if found := _CSV_ROW.fullmatch(text):
        return Line(Kind.MARKED, found[1], text)
    lead = bold_lead(text)
    if (lead and _BOLD_THEN_TEXT.match(lead[1])) or _JSON_ITEM.fullmatch(text):
        return Line(Kind.MARKED, text, text)
    return None


def _read_spelled(text: str, found: re.Match[str]) -> Line:
    """`c.` and `iii.`: which of the two a letter such as `i.` is, the lines around it tell."""
    letters = found[1].lower()
    number = ord(letters) - ord("a") + 1 if len(letters) == 1 else 0
    digits = [_ROMAN_DIGITS.get(letter, 0) for letter in letters]
    roman = sum(-one if one < after else one for one, after in pairwise([*digits, 0])) if all(digits) else 0
    form = "a." if found[1].islower() else "A."
    return Line(Kind.COUNTED, text[found.end() :], text, number, form, roman)


def _read_number(text: str) -> Line | None:
    if found := _BOLD_NUMBER.match(text):
        rest = text[found.end() :]
        body = rest if found[2].startswith("*") else f"**{rest}"
        return Line(Kind.NUMBERED, body, text, int(found[1]), ".")
    if found := _NUMBER.match(text):
        form = "".join(char for char in found[0] if not char.isdigit()).strip(" \\")
        return Line(Kind.NUMBERED, text[found.end() :], text, int(found[1] or found[2]), form)
    return None

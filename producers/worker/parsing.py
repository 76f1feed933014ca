"""A streamed answer of a language model, turned into candidates while it arrives.

Text goes through five steps, each independent of how the stream was cut:

    AnswerParser   characters -> lines, JSON values, and thoughts to skip     (json_entries reads the JSON)
    read_line      a line -> what it is                                       (line_reading)
    NestedLines    lines -> those that do not only describe the one above      (nesting)
    ListReader     lines -> entries and chatter, by the style of the answer    (answer_style)
    Descriptions   entries -> their names, where the answer describes each     (descriptions)
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

from producers.worker.answer_style import ListReader
from producers.worker.descriptions import Descriptions
from producers.worker.json_entries import JsonReader, Progress
from producers.worker.line_cleaning import Refusal, clean_entry, clean_value
from producers.worker.line_reading import Kind, read_line, split_items
from producers.worker.nesting import NestedLines

MAX_BUFFER = 10_000
PIECE = 1_000  # every step copies the rest of its text, so the rest is kept short

_THINK_OPENS = re.compile(r"<think(?:ing)?>", re.IGNORECASE)
_THINK_CLOSES = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
_THINK_TAIL = len("</thinking>")
_JSON_BEHIND_TEXT = re.compile(r"[:=] ?(?=[\[{] ?(?:$|[\"'\[{]))")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A whole answer, read: its candidates in order, and how many lines or values were unacceptable."""

    candidates: tuple[str, ...]
    rejected: int


def parse_answer(text: str, *, complete: bool = True, max_length: int = 200, max_candidates: int = 2000) -> Parsed:
    """Read an answer that has arrived as one text."""
    parser = AnswerParser(max_length=max_length, max_candidates=max_candidates)
    candidates = parser.feed(text) + parser.finish(complete=complete)
    return Parsed(candidates, parser.rejected)


class _Mode(Enum):
    LINE = auto()
    JSON = auto()
    BEHIND_JSON = auto()  # the rest of the line on which a JSON value ended
    THINKING = auto()


class AnswerParser:
    """Feed it the pieces of one answer as they come, then finish it once.

    The candidates and the counts depend on the text alone, not on how it was cut. A candidate is one line of
    text without control characters, at most `max_length` characters long; it is not checked for being new.
    """

    def __init__(self, *, max_length: int = 200, max_candidates: int = 2000) -> None:
        self.rejected = 0
        self.accepted = 0
        self._max_length = max_length
        self._max_candidates = max_candidates
        self._certain: list[str] = []
        self._mode = _Mode.LINE
        self._buffer = ""  # the current line; while thinking, the end of the thought
        self._overlong = False
        self._text_only = False  # the current line has been tried as JSON already
        self._json = JsonReader()
        self._json_lead = ""  # what stood before the JSON on its line
        self._json_text = ""  # what the JSON reader has used while it may still fail
        self._rest_is_text = False
        self._entries = Descriptions(self._accept_entry)
        self._lines = ListReader(self._entries.take, self._reject)
        self._nested = NestedLines(self._lines.read, self._lines.skip)

    @property
    def chatter(self) -> int:
        """How many lines were dropped as headings, preambles, comments and closing words."""
        return self._lines.chatter

    def feed(self, text: str) -> tuple[str, ...]:
        """Take the next piece; returns the candidates that became certain with it."""
        for start in range(0, len(text), PIECE):
            self._consume(text[start : start + PIECE])
        return self._take_certain()

    def finish(self, *, complete: bool) -> tuple[str, ...]:
        """The answer ends here; when it was cut off, its unfinished last line is dropped."""
        if self._mode is _Mode.LINE and complete and self._buffer:
            self._consume("\n")
        if self._mode is _Mode.JSON:
            self._json.finish()
            self._drain_json()
        self._nested.finish()
        self._lines.finish(complete=complete)
        self._entries.settle()
        return self._take_certain()

    def _consume(self, text: str) -> None:
        steps = {
            _Mode.LINE: self._step_line,
            _Mode.JSON: self._step_json,
            _Mode.BEHIND_JSON: self._step_behind_json,
            _Mode.THINKING: self._step_thinking,
        }
        while text:
            text = steps[self._mode](text)

    # -- lines ----------------------------------------------------------------------------------------------

    def _step_line(self, text: str) -> str:
        """Use the text up to the end of the line, or up to where something else than a line begins."""
        piece, newline, rest = text.partition("\n")
        line = piece if self._overlong else self._buffer + piece
        if not self._overlong and (elsewhere := self._find_start(line[:MAX_BUFFER])) is not None:
            self._buffer = ""
            return line[elsewhere:] + newline + rest
        self._keep_line(line)
        return self._end_line(rest) if newline else ""

    def _find_start(self, line: str) -> int | None:
        """Where a thought or a JSON value begins, if this line begins with one; sets the mode for it."""
        head = line.lstrip()
        if thought := _THINK_OPENS.match(head):
            self._mode = _Mode.THINKING
            return len(line) - len(head) + thought.end()
        if head[:1] in ("[", "{") and not self._text_only:
            self._begin_json(lead="")
            return len(line) - len(head)
        return None

    def _keep_line(self, line: str) -> None:
        if not self._overlong and len(line) > MAX_BUFFER:
            self._overlong = True
            self._reject()
        self._buffer = "" if self._overlong else line

    def _end_line(self, rest: str) -> str:
        line, overlong, text_only = self._buffer, self._overlong, self._text_only
        self._buffer, self._overlong, self._text_only = "", False, False
        if overlong:
            return rest
        if not text_only and (at := _json_behind_text(line)) is not None:
            self._begin_json(lead=line[:at])
            return line[at:] + "\n" + rest
        self._read(line)
        return rest

    def _read(self, line: str) -> None:
        *thoughts, line = _THINK_CLOSES.split(line)
        if thoughts:  # the thought had begun before the answer, as some servers cut off its opening tag
            for each in (self._nested, self._lines, self._entries):
                each.forget()
        for part in split_items(line.rstrip("\r")):
            self._nested.read(read_line(part))

    # -- JSON -----------------------------------------------------------------------------------------------

    def _begin_json(self, *, lead: str) -> None:
        self._mode = _Mode.JSON
        self._json, self._json_lead, self._json_text = JsonReader(), lead, ""

    def _step_json(self, text: str) -> str:
        room = MAX_BUFFER - len(self._json_text) if self._json.trying else len(text)
        used = self._json.feed(text[:room])
        if self._json.trying:
            self._json_text += text[:used]
        failed = self._json.progress is Progress.FAILED or (self._json.trying and len(self._json_text) >= MAX_BUFFER)
        if failed:
            return self._read_as_text() + text[used:]
        self._drain_json()
        if self._json.progress in (Progress.CLOSED, Progress.ABANDONED):
            self._rest_is_text = self._json.progress is Progress.ABANDONED
            self._mode = _Mode.BEHIND_JSON
        return text[used:]

    def _read_as_text(self) -> str:
        """It was no JSON. Only brackets can stand on the lines before the last; each is tried but once."""
        self._mode = _Mode.LINE
        first, newline, rest = (self._json_lead + self._json_text).partition("\n")
        if not newline:
            self._text_only = True
            return first
        self._read(first)
        return rest.rpartition("\n")[2]

    def _drain_json(self) -> None:
        if self._json.trying:
            return
        values = list(self._json.out)
        self._json.out.clear()
        if values:
            self._lines.expect_json(lead=self._json_lead)
            self._entries.settle()
            self._json_lead = ""
        for value in values:
            if value is None:
                self._reject()
            else:
                self._accept(clean_value(value, max_length=self._max_length))

    def _step_behind_json(self, text: str) -> str:
        """Skip the rest of the line, unless another value begins there."""
        piece, newline, rest = text.partition("\n")
        head = piece.lstrip(" \t\r,;")
        if head[:1] in ("[", "{") and not self._rest_is_text:
            self._begin_json(lead="")
            return head + newline + rest
        self._rest_is_text = self._rest_is_text or bool(head)
        if newline:
            self._mode = _Mode.LINE
        return rest

    # -- thoughts -------------------------------------------------------------------------------------------

    def _step_thinking(self, text: str) -> str:
        thought = self._buffer + text
        closing = _THINK_CLOSES.search(thought)
        self._buffer = "" if closing else thought[-_THINK_TAIL:]
        if closing is None:
            return ""
        self._mode = _Mode.LINE
        return thought[closing.end() :]

    # -- results --------------------------------------------------------------------------------------------

    def _accept_entry(self, body: str, marked: bool) -> None:
        self._accept(clean_entry(body, marked=marked, max_length=self._max_length))

    def _accept(self, entry: str | Refusal) -> None:
        if entry is Refusal.EMPTY:
            return
        if isinstance(entry, Refusal) or self.accepted >= self._max_candidates:
            self._reject()
            return
        self.accepted += 1
        self._certain.append(entry)

    def _reject(self) -> None:
        self.rejected += 1

    def _take_certain(self) -> tuple[str, ...]:
        certain, self._certain = tuple(self._certain), []
        return certain


def _json_behind_text(line: str) -> int | None:
    """Where JSON begins in `Here you are: ["Louvre"` or `attractions = [`; None in a marked line."""
    found = _JSON_BEHIND_TEXT.search(line.rstrip())
    if found is None or read_line(line[: found.start()]).kind is not Kind.PLAIN:
        return None
    return found.end()

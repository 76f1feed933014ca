"""Entries out of JSON that is still arriving.

The reader is lenient where models are sloppy (missing commas, trailing commas, single quotes, a broken
string) and strict until it is sure that this is JSON at all: until then `trying` is true, and one surprise
makes it fail, so that the caller can read the same characters as plain lines.
"""

import json
import re
from enum import Enum, auto

from producers.worker.json_frames import Frame, Value, entries_of, is_number, rank_of, sink_for

MAX_DEPTH = 32
MAX_STRING = 10_000
MAX_WORD = 40
MAX_HELD = 2_000
MAX_ERRORS_IN_A_ROW = 3

_SCALAR = re.compile(r"-?\d[\d.eE+-]*|true|false|null|None|True|False")
_WORD = re.compile(r"[\w.+-]")
_STRING_STOPS = {'"': re.compile(r'["\\\n]'), "'": re.compile(r"['\\\n]")}


class Progress(Enum):
    READING = auto()
    CLOSED = auto()  # the value is complete
    FAILED = auto()  # it never was JSON: read the same characters as text
    ABANDONED = auto()  # it was JSON, and is now too broken to go on


def decode_string(body: str, quote: str = '"') -> Value:
    """The text of a JSON string, given without its quotes; None when an escape in it is broken."""
    if quote == "'":
        body = body.replace("\\'", "'").replace('"', '\\"')
    try:
        return str(json.loads(f'"{body}"', strict=False))
    except ValueError:
        return None


class JsonReader:
    """Feed it from the opening bracket on; drain `out`, in order, once `trying` is false."""

    def __init__(self) -> None:
        self.out: list[Value] = []
        self.progress = Progress.READING
        self.trying = True
        self._frames: list[Frame] = []
        self._started = False
        self._quote = ""  # inside a string: the quote that ends it
        self._string: list[str] = []
        self._string_size = 0
        self._escaped = False
        self._word = ""
        self._pending: tuple[Value, bool] | None = None  # a value, and whether it is a string
        self._line_ended = False  # since the pending value
        self._committed = 0
        self._errors = 0
        self._skipping = False
        self._skipped_quote = False

    def feed(self, text: str) -> int:
        """Read on; returns how many characters were used: all of them while `progress` is READING."""
        at = 0
        while at < len(text) and self.progress is Progress.READING:
            if self._quote:
                at = self._read_string(text, at)
            elif self._skipping:
                at = self._resynchronise(text, at)
            else:
                at = self._read_between(text, at)
        return at

    def finish(self) -> None:
        """The text ends here: keep every whole string that arrived, drop the unfinished one."""
        if self.progress is not Progress.READING:
            return
        self.trying = False
        self._quote = ""
        if self._frames:
            self._commit()
        self._close_all()
        self.progress = Progress.CLOSED

    # -- characters -----------------------------------------------------------------------------------------

    def _read_between(self, text: str, at: int) -> int:
        char = text[at]
        if self._started and not self._frames:
            return self._read_after_end(char, at)
        if self._word and not _WORD.match(char):
            self._end_word()  # and look at this character again, as what follows the word
            return at
        if _WORD.match(char):
            self._read_word(char)
        elif char == "\n":
            self._end_line()
        elif char in "\"'":
            self._start_string(char)
        elif char in "[{":
            self._open(char)
        elif char in "]}":
            self._close(char)
        elif char == ",":
            self._commit()
        elif char == ":":
            self._take_key()
        elif not char.isspace():
            self._stumble()
        return at + 1

    def _read_after_end(self, char: str, at: int) -> int:
        """A closed value on trial is JSON if nothing else is on its line: `["Heroes"] by Bowie` is not."""
        if char in "\n,;":
            self.trying = False
            self.progress = Progress.CLOSED
            return at
        if not char.isspace():
            self.progress = Progress.FAILED
        return at + 1

    def _read_word(self, char: str) -> None:
        if self.trying or len(self._word) >= MAX_WORD:  # `[1] Eiffel Tower` and `{braces}` are text
            self._word = ""
            self._stumble()
        else:
            self._word += char

    def _end_word(self) -> None:
        word, self._word = self._word, ""
        if _SCALAR.fullmatch(word):
            self._arrive(None, is_string=False)
        else:
            self._stumble()

    def _start_string(self, quote: str) -> None:
        if self._make_room():
            self._quote, self._string, self._string_size, self._escaped = quote, [], 0, False

    def _read_string(self, text: str, at: int) -> int:
        if self._escaped:
            self._escaped = False
            if text[at] != "\n":
                self._keep(text[at])
                return at + 1
        stop = _STRING_STOPS[self._quote].search(text, at)
        self._keep(text[at : stop.start() if stop else len(text)])
        if stop is None:
            return len(text)
        if stop.group() == "\\":
            self._keep("\\")
            self._escaped = True
        else:
            self._end_string(whole=stop.group() != "\n")
        return stop.end() if stop.group() != "\n" else stop.start()

    def _keep(self, piece: str) -> None:
        self._string_size += len(piece)
        if self._string_size <= MAX_STRING:
            self._string.append(piece)

    def _end_string(self, *, whole: bool) -> None:
        if self.trying and not whole:
            self._stumble()
            return
        readable = whole and self._string_size <= MAX_STRING
        value = decode_string("".join(self._string), self._quote) if readable else None
        self._quote, self._string = "", []
        self._arrive(value, is_string=True)

    def _resynchronise(self, text: str, at: int) -> int:
        """After a surprise, go on at the next line, or behind the next quote that ends a value here."""
        char = text[at]
        if char == "\n" or (self._skipped_quote and char in ",]}"):
            self._skipping = False
            return at
        if not char.isspace():
            self._skipped_quote = char in "\"'"
        return at + 1

    # -- structure ------------------------------------------------------------------------------------------

    def _make_room(self) -> bool:
        """Before a new value: a pending one is settled if only its comma is missing."""
        if self._pending is not None and not self._line_ended:
            self._stumble()
            return False
        self._commit()
        if self._committed:
            self.trying = False
        return self.progress is Progress.READING and not self._skipping

    def _arrive(self, value: Value, *, is_string: bool) -> None:
        if is_string or self._make_room():
            self._pending = (value, is_string)
            self._line_ended = False

    def _end_line(self) -> None:
        self._line_ended = True
        if self._pending is not None or self._committed:
            self.trying = False

    def _open(self, bracket: str) -> None:
        if not self._make_room():
            return
        parent = self._frames[-1] if self._frames else None
        if len(self._frames) >= MAX_DEPTH or (parent and parent.is_object and parent.key is None):
            self._stumble()
            return
        self._started = True
        self._frames.append(self._new_frame(parent, is_object=bracket == "{"))

    def _new_frame(self, parent: Frame | None, *, is_object: bool) -> Frame:
        if parent is None:
            return Frame(is_object, self.out, self.out, rooted=is_object)
        if not parent.is_object:
            return Frame(is_object, parent.sink, parent.sink, rooted=False)
        key, parent.key = parent.key or "", None
        if is_object and not is_number(key):
            inner = parent.sink if parent.rooted else parent.details
            return Frame(is_object, inner, parent.details, rooted=parent.rooted)
        sink = sink_for(parent, key)
        parent.streamed = parent.streamed or sink is parent.sink
        return Frame(is_object, sink, sink, rooted=False)

    def _close(self, bracket: str) -> None:
        if self._frames[-1].is_object != (bracket == "}"):
            self._stumble()
            return
        self._commit()
        if self.progress is not Progress.READING or self._skipping:
            return
        self._settle(self._frames.pop(), truncated=False)
        if not self._frames and not self.trying:
            self.progress = Progress.CLOSED

    def _take_key(self) -> None:
        frame = self._frames[-1]
        if not frame.is_object or frame.key is not None or self._pending is None or not self._pending[1]:
            self._stumble()
            return
        frame.key = (self._pending[0] or "").strip().casefold()
        self._pending = None
        self.trying = False

    def _commit(self) -> None:
        """Settle the pending value: it is whole, and what follows it is in order."""
        if self._pending is None:
            return
        (value, is_string), self._pending = self._pending, None
        frame = self._frames[-1]
        if frame.is_object and frame.key is None:
            self._stumble()
        elif is_string:
            self._committed += 1
            self._errors = 0
            self._place(frame, value)
        frame.key = None

    def _place(self, frame: Frame, value: Value) -> None:
        if not frame.is_object:
            self._emit(frame.sink, value)
        elif is_number(key := frame.key or ""):
            frame.streamed = True
            self._emit(frame.sink, value)
        elif (rank := rank_of(key)) < frame.rank:
            frame.best, frame.rank = value, rank

    def _emit(self, sink: list[Value], value: Value) -> None:
        if sink is not self.out and len(sink) >= MAX_HELD:
            return
        sink.append(value)
        for frame in self._frames:
            frame.streamed = frame.streamed or frame.sink is sink

    def _settle(self, frame: Frame, *, truncated: bool) -> None:
        for value in entries_of(frame, truncated=truncated) if frame.is_object else []:
            self._emit(frame.own_sink, value)

    def _close_all(self) -> None:
        while self._frames:
            self._settle(self._frames.pop(), truncated=True)

    def _stumble(self) -> None:
        """Something that JSON does not allow here."""
        if self.trying:
            self.progress = Progress.FAILED
            return
        if self._pending is not None and self._pending[1]:
            self.out.append(None)
        self._pending = None
        self._frames[-1].key = None
        self._skipping, self._skipped_quote = True, False
        self._errors += 1
        if self._errors >= MAX_ERRORS_IN_A_ROW:
            self._close_all()
            self.progress = Progress.ABANDONED

"""Which lines of an answer are entries: that depends on the lines around them.

The style is settled by the first lines: two markers make a marked list, in which unmarked lines are chatter;
a handful of unmarked lines make a plain list. Until then lines are held back, so the first entries come a
moment late.
"""

from collections.abc import Callable
from dataclasses import replace
from enum import Enum, auto

from producers.worker.chatter import is_aside, is_break, is_closer, is_opener, is_prose
from producers.worker.evidence import (
    MARKED_EVIDENCE,
    PLAIN_EVIDENCE,
    count_markers,
    has_bold_entries,
    is_marked_list,
    is_set_apart,
    looks_like_entry,
)
from producers.worker.line_reading import (
    SYMBOL,
    Kind,
    Line,
    column_of_names,
    ends_like_heading,
    keyed,
    row_entry,
)
from producers.worker.numbering import follows, needed
from producers.worker.sole_row import Sole, read_sole

MAX_UNDECIDED = 12
MAX_TAIL = 8


class _Style(Enum):
    UNDECIDED = auto()
    MARKED = auto()
    PLAIN = auto()


class ListReader:
    """Lines in, entries out: which lines are entries depends on the lines around them."""

    def __init__(self, accept: Callable[[str, bool], None], reject: Callable[[], None]) -> None:
        self.chatter = 0
        self._accept = accept
        self._reject = reject
        self.forget()

    def forget(self) -> None:
        """Start again: what was read so far was no part of the answer."""
        self._style = _Style.UNDECIDED
        self._bold_entries = False  # a list whose entries are bold lines, with unmarked text between them
        self._prose_entries = False  # a plain list of whole sentences
        self._held: list[Line] = []  # undecided
        self._run: list[Line] = []  # lines that begin with numbers in sequence, too few yet to be numbering
        self._numbering: Line | None = None  # the last line of what is numbering
        self._numbered: Line | None = None  # the last `1.` of a marked list
        self._tail: list[Line] = []  # possible closing words of a plain list
        self._header: Line | None = None  # the first row of a table, until the next line tells what it is
        self._in_table = False
        self._column: int | None = None  # of the names, where the table's header says which
        self._after_comma = False
        self._tags: list[Line] = []  # `<ul>`, until the next line tells whether it is markup
        self._in_html = False
        self._in_item = False  # behind a `<li>` that stands alone
        self._key = ""  # what every item of a list of maps begins with: `- name: Louvre`
        self._gap = False  # the last line was blank
        self._listed = 0  # entries of a plain list
        self._spaced = False  # blank lines stand between the entries of a plain list

    def read(self, line: Line) -> None:
        if line.kind is Kind.BLANK:
            self._gap = True
        elif self._gap:
            line, self._gap = replace(line, gap=True), False
        line = self._read_html(line)
        if line.form.endswith(SYMBOL) and self._style is _Style.MARKED:
            line = replace(line, kind=Kind.MARKED)
        if line.kind in (Kind.ROW, Kind.ROW_RULE) or self._in_table:
            self._read_row(line)
        if line.kind is Kind.HOSTILE:
            self._reject()
        elif line.kind is Kind.HEADING:
            self.chatter += 1
        elif self._is_counted(line):
            self._read_counted(line)
        elif line.kind in (Kind.MARKED, Kind.NUMBERED, Kind.PLAIN):
            self._release_run()
            self._sort(self._with_comma(line))

    def skip(self) -> None:
        """A line that is known to be none of the entries."""
        self.chatter += 1

    def finish(self, *, complete: bool) -> None:
        """No more lines: decide what is undecided. The first row of a cut table may be its header."""
        if complete:
            self._release_tags()
        if complete and self._header is not None:
            self._sort(row_entry(self._header))
        self._header = None
        self._release_run()
        if self._style is _Style.UNDECIDED and self._held:
            self._decide_at_the_end()
        self.chatter += len(self._tail)
        self._tail = []

    def expect_json(self, *, lead: str) -> None:
        """A JSON value came: the lines around it are chatter, unless a plain list is under way."""
        self.chatter += bool(lead.strip())
        self._release_run()
        if self._style is _Style.UNDECIDED:
            self._become_marked()

    def _become_marked(self) -> None:
        self._style = _Style.MARKED
        held, self._held = self._held, []
        items = [keyed(line.body) for line in held if line.kind is not Kind.PLAIN]
        keys = {item[0] if item else "" for item in items}
        self._key = keys.pop() if len(keys) == 1 else ""
        for line in held:
            self._read_marked(line)

    def _with_comma(self, line: Line) -> Line:
        """The last string of an array has no comma: behind a line that had one, it is marked as well."""
        continues, self._after_comma = self._after_comma, line.body.endswith('",')
        is_last = continues and len(line.body) > 1 and line.body[0] == line.body[-1] == '"'
        return replace(line, kind=Kind.MARKED) if is_last else line

    # -- HTML -----------------------------------------------------------------------------------------------

    def _read_html(self, line: Line) -> Line:
        """Tags around items are markup; `<ul>` among other lines is an entry of a list of tags."""
        if line.kind is Kind.BLANK:
            return line
        if line.kind is Kind.TAG:
            is_closing = line.body.startswith("</")
            self._in_item = line.body[:3].lower() == "<li"
            if self._in_html or (is_closing and self._tags):
                self._in_html, self._tags = True, []
            else:
                self._release_run()
                self._tags.append(line)
            return replace(line, kind=Kind.MARKUP)
        is_item = self._in_item and line.kind is Kind.PLAIN and not line.body.startswith("<")
        self._in_item = False
        if is_item or line.form == "<li>":
            self._in_html, self._tags = True, []
            return replace(line, kind=Kind.MARKED)
        self._release_tags()
        return line

    def _release_tags(self) -> None:
        tags, self._tags = self._tags, []
        for tag in tags:
            self._sort(replace(tag, kind=Kind.PLAIN))

    # -- tables and numbers ---------------------------------------------------------------------------------

    def _read_row(self, line: Line) -> None:
        self._release_run()
        header, self._header = self._header, None
        if line.kind is Kind.ROW_RULE:
            self._in_table = True
            self._column = column_of_names(header) if header is not None else self._column
            return
        if header is not None:
            self._sort(row_entry(header))
        if line.kind is not Kind.ROW:
            self._in_table, self._column = False, None
        elif self._in_table:
            self._sort(row_entry(line, self._column))
        else:
            self._in_table, self._header = True, line

    def _is_counted(self, line: Line) -> bool:
        return line.kind is Kind.COUNTED or (line.kind is Kind.NUMBERED and self._style is _Style.PLAIN)

    def _read_counted(self, line: Line) -> None:
        if any(before and follows(before, line, resumes=True) for before in (self._numbering, self._numbered)):
            self._release_run()
            self._deliver_numbered([line])
            return
        if self._run and not follows(self._run[-1], line, resumes=False):
            self._release_run()
        self._run.append(line)
        if len(self._run) >= needed(self._run[0]):
            run, self._run = self._run, []
            self._deliver_numbered(run)

    def _deliver_numbered(self, lines: list[Line]) -> None:
        self._numbering = lines[-1]
        for line in lines:
            self._sort(replace(line, kind=Kind.MARKED))

    def _release_run(self) -> None:
        """The run was too short: its numbers belong to the text of its lines."""
        run, self._run = self._run, []
        for line in run:
            self._sort(replace(line, kind=Kind.PLAIN, body=line.whole))

    # -- styles ---------------------------------------------------------------------------------------------

    def _sort(self, line: Line) -> None:
        if ends_like_heading(line) or (line.kind is Kind.PLAIN and is_break(line.body)):
            self.chatter += 1
        elif self._style is _Style.MARKED:
            self._read_marked(line)
        elif self._style is _Style.PLAIN:
            self._read_plain(line)
        else:
            self._held.append(line)
            self._decide()

    def _decide(self) -> None:
        marked = count_markers(self._held)
        plain = sum(map(looks_like_entry, self._held))
        if marked >= MARKED_EVIDENCE:
            self._become_marked()
        elif plain >= PLAIN_EVIDENCE or len(self._held) >= MAX_UNDECIDED:
            self._become_plain()

    def _decide_at_the_end(self) -> None:
        if (sole := read_sole(self._held, announced=self.chatter > 0)) is not None:
            self._take_sole(sole)
        elif is_marked_list(self._held):
            self._become_marked()
        else:
            self._become_plain()

    def _take_sole(self, sole: Sole) -> None:
        self._held = []
        self.chatter += sole.chatter
        if sole.is_refused:
            self._reject()
        for name in sole.names:
            self._accept(name, False)

    def _become_plain(self) -> None:
        held, self._held = self._held, []
        plain = [line for line in held if line.kind is Kind.PLAIN]
        self._bold_entries = has_bold_entries(plain)
        self._prose_entries = not any(map(looks_like_entry, plain))
        self._style = _Style.MARKED if self._bold_entries else _Style.PLAIN
        if not self._bold_entries and is_set_apart(held):
            held.pop(0)
            self.chatter += 1
        while held and self._opens(held[0]):
            held.pop(0)
            self.chatter += 1
        for line in held:
            self._sort(replace(line, body=line.whole) if line.kind is Kind.NUMBERED else line)

    def _opens(self, line: Line) -> bool:
        is_heading = line.is_bold and not self._bold_entries
        is_chatter = is_heading or is_opener(line.body) or (is_prose(line.body) and not self._prose_entries)
        return line.kind is Kind.PLAIN and is_chatter

    def _read_marked(self, line: Line) -> None:
        if line.kind is not Kind.PLAIN or (self._bold_entries and line.is_bold):
            self._numbered = line if line.kind is Kind.NUMBERED else self._numbered
            item = keyed(line.body) if self._key else None
            self._accept(item[1] if item and item[0] == self._key else line.body, True)
        else:
            self.chatter += 1

    def _read_plain(self, line: Line) -> None:
        """Closing words are held back: they are entries if more entries follow."""
        if line.kind is Kind.PLAIN and line.is_bold:
            self.chatter += 1
        elif self._may_close(line):
            self._tail.append(line)
            if len(self._tail) > MAX_TAIL:
                self._release_tail()
        else:
            self._spaced = self._spaced or (line.gap and self._listed > 0)
            self._listed += 1
            self._release_tail()
            self._accept(line.body, line.kind is Kind.MARKED)

    def _may_close(self, line: Line) -> bool:
        if line.kind is not Kind.PLAIN:
            return False
        is_list = self._listed > MARKED_EVIDENCE and not (self._spaced or self._prose_entries)
        if line.gap and is_list and is_aside(line.body):
            return True
        return is_closer(line.body) or (is_prose(line.body) and (bool(self._tail) or not self._prose_entries))

    def _release_tail(self) -> None:
        tail, self._tail = self._tail, []
        for line in tail:
            self._accept(line.body, False)

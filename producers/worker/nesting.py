"""Bullets below an entry, which say something of it: `1. **Louvre**` with `   - Founded in 1793` under it.

They are told from entries below the name of a group by what stands above them, and by their number.
"""

import re
from collections.abc import Callable

from producers.worker.line_reading import Kind, Line
from producers.worker.numbering import follows

LEAST_INDENT = 2
# So many below one line are the entries of a group; fewer describe it.
GROUP = 5
_ITEMS = (Kind.MARKED, Kind.NUMBERED, Kind.COUNTED)
_LABELLED = re.compile(r"[*_]{0,3}[^\W\d_][^:]{0,24}:")


class NestedLines:
    """Passes lines on to `read`, without those that only describe the entry above them, which `skip` counts.

    What stands below a line is held back until it is known to be entries: `Location: Paris` never is; else below a
    number or a bold name five are, or any that nothing follows.
    """

    def __init__(self, read: Callable[[Line], None], skip: Callable[[], None]) -> None:
        self._read = read
        self._skip = skip
        self.forget()

    def forget(self) -> None:
        """Start again: what was read so far was no part of the answer."""
        self._above: Line | None = None
        self._below: list[Line] = []
        self._tops = 0
        self._groups = False

    def read(self, line: Line) -> None:
        if line.kind not in _ITEMS:
            self._read(line)
        elif self._is_below(line):
            self._below.append(line)
            if self._groups or (len(self._below) >= GROUP and not _are_labelled(self._below)):
                self._groups = True
                self._release()
        else:
            self._drop()
            self._above = line
            self._tops += 1
            self._read(line)

    def finish(self) -> None:
        """No more lines: below a single line they are what there is."""
        if self._tops > 1 or _are_labelled(self._below):
            self._drop()
        self._release()

    def _is_below(self, line: Line) -> bool:
        above = self._above
        if above is None or line.indent < above.indent + LEAST_INDENT or line.form == "<li>":
            return False
        is_named = above.kind is not Kind.MARKED or above.body.startswith("**")
        return is_named and not (line.kind is above.kind is not Kind.MARKED and follows(above, line, resumes=False))

    def _drop(self) -> None:
        for _ in self._below:
            self._skip()
        self._below = []

    def _release(self) -> None:
        below, self._below = self._below, []
        for line in below:
            self._read(line)


def _are_labelled(lines: list[Line]) -> bool:
    return 2 * sum(bool(_LABELLED.match(line.body)) for line in lines) > len(lines)

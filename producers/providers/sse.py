"""Server-sent events: bytes in, data out. No socket, no clock.

    feed(b'data: {"a"') → []
    feed(b': 1}\r\n\r\n') → ['{"a": 1}']

Of the format (WHATWG HTML, 9.2.6) only what language models use: the `data` field. Names, ids and comments
are dropped. Work is done on bytes, line by line, so a character that arrives in two pieces needs no special
care. As the format demands, an event that is still open when the bytes end is never handed out: it was cut.
"""

from __future__ import annotations

import re

END_MARK = "[DONE]"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_LINE_END = re.compile(rb"\r\n|\r|\n")


class SSEParser:
    """Turns pieces of a stream, however it was cut into pieces, into the payloads of its events.

    `done` is True once the end mark `[DONE]` has come; what follows it is ignored.
    """

    def __init__(self) -> None:
        self.done = False
        self._line = bytearray()
        self._data: list[bytes] = []
        self._first_line = True
        self._after_cr = False

    def feed(self, piece: bytes) -> list[str]:
        """The payloads that `piece` completes. Raises UnicodeDecodeError where data is not UTF-8."""
        payloads: list[str] = []
        for line in self._lines(piece):
            payload = self._take(line)
            if payload == END_MARK:
                self.done = True
            if self.done:
                break
            if payload:
                payloads.append(payload)
        return payloads

    def _lines(self, piece: bytes) -> list[bytes]:
        """The lines that `piece` ends. A CR ends a line at once: to wait for its LF would delay the event."""
        if self.done or not piece:
            return []
        rest = piece[1:] if self._after_cr and piece.startswith(b"\n") else piece
        self._after_cr = piece.endswith(b"\r")
        *lines, unfinished = _LINE_END.split(rest)
        if lines:
            lines[0] = bytes(self._line) + lines[0]
            self._line.clear()
        self._line += unfinished
        return lines

    def _take(self, line: bytes) -> str:
        """The payload of the event that `line` closes; empty while it is still open."""
        if self._first_line:
            line = line.removeprefix(BYTE_ORDER_MARK)
            self._first_line = False
        if not line:
            payload = b"\n".join(self._data).decode()
            self._data.clear()
            return payload
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))
        return ""

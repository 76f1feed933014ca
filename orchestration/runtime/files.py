"""A topic's folder: projections of the database, appended after a commit or replaced whole.

Readers see the old or the new file, never half of one. Whatever is missing, cut short or altered is made again
from the database.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

Row = tuple[int, str | None]  # attribute id, text as the list has it; None: people have rejected it


def write_whole(path: Path, chunks: Iterable[bytes]) -> int:
    """Replace the file at `path` in one step that survives a power failure; returns its size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    try:
        with temporary.open("wb") as file:
            for chunk in chunks:
                file.write(chunk)
            size = file.tell()
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)  # on a full disk half a file would take what is left
        raise
    _sync_folder(path.parent)
    return size


def write_json(path: Path, value: Any) -> None:
    """Replace a JSON file."""
    text = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=False, default=str)
    write_whole(path, [text.encode(errors="replace"), b"\n"])


class OutputFile:
    """`output.txt`: one attribute a line, in the order of commits, without what people have rejected.

    It remembers the id of the last row it was given, so an append that comes late, after a rebuild, adds nothing
    twice, and nothing that has been rejected since.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self._size = 0
        self._last_id = 0

    def verify(self, rows: Iterable[Row]) -> bool:
        """Compare the file with the whole list, line by line; where they agree it is ready for more.

        Where they do not, the answer is False and the caller has to `rebuild`.
        """
        self.close()
        if not self._matches(rows):
            return False
        self._file = self._path.open("ab")
        return True

    def rebuild(self, rows: Iterable[Row]) -> None:
        """Write the file anew from `rows`."""
        self.close()
        self._last_id = 0
        self._size = write_whole(self._path, self._noting_ids(rows))
        self._file = self._path.open("ab")

    def append(self, rows: Sequence[Row]) -> None:
        """Add committed rows; those that a rebuild has written already are left out."""
        lines = b"".join(
            _line(text) for attribute_id, text in rows if attribute_id > self._last_id and text is not None
        )
        if self._file is None or not lines:
            return
        self._file.write(lines)
        self._file.flush()
        self._size += len(lines)
        self._last_id = rows[-1][0]

    def intact(self) -> bool:
        """Whether the file is still the one that was written: same file, same length."""
        if self._file is None:
            return False
        try:
            on_disk, opened = self._path.stat(), os.fstat(self._file.fileno())
        except OSError:
            return False
        return on_disk.st_size == self._size and on_disk.st_ino == opened.st_ino

    def sync(self) -> None:
        if self._file is not None:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None

    def _matches(self, rows: Iterable[Row]) -> bool:
        self._size, self._last_id = 0, 0
        try:
            with self._path.open("rb") as file:
                for line in self._noting_ids(rows):
                    if file.readline() != line:
                        return False
                    self._size += len(line)
                if file.readline():
                    return False
        except OSError:
            return False
        return True

    def _noting_ids(self, rows: Iterable[Row]) -> Iterator[bytes]:
        for attribute_id, text in rows:
            self._last_id = attribute_id
            if text is not None:
                yield _line(text)


def _line(text: str) -> bytes:
    # The engine lets no line break into an attribute; this keeps the promise should one be in the database.
    return " ".join(text.splitlines()).encode(errors="replace") + b"\n"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

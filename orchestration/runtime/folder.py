"""Everything in one topic's folder, written in the engine's file thread."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.db import DatabaseError, close_old_connections

from orchestration.reviewing import reviews_of_topic
from orchestration.runtime.files import OutputFile, Row, write_json, write_whole
from topics.models import Attribute

logger = logging.getLogger(__name__)


class TopicFolder:
    """`topic.txt`, `output.txt`, `metrics.json` and `state.json` of one topic.

    A disk that fails stops none of the exploring: the database has everything. `trouble` says what is wrong, and
    every refresh tries again.
    """

    def __init__(self, root: Path, folder: str, topic_id: int) -> None:
        self._folder = root / folder
        self._topic_id = topic_id
        self._output = OutputFile(self._folder / "output.txt")
        self._distrusted = False
        self._closed = False
        self.trouble = ""

    def open(self, topic_text: str) -> None:
        """Write topic.txt and make output.txt agree with the database."""
        self._guarded(self._open, topic_text)

    def append(self, rows: Sequence[Row]) -> None:
        """Add committed attributes to output.txt."""
        self._guarded(self._output.append, rows)

    def distrust(self) -> None:
        """Something was not appended, or is another now: the next refresh rebuilds output.txt."""
        self._distrusted = True

    @property
    def distrusted(self) -> bool:
        return self._distrusted

    def replace(self, topic_text: str) -> None:
        """The list was replaced: begin anew from what the database has."""
        self._guarded(self._replace, topic_text)

    def refresh(self, metrics: dict[str, Any], state: dict[str, Any]) -> None:
        """Write the JSON files, and mend output.txt where it is no longer what was written."""
        self._guarded(self._refresh, metrics, state)

    def close(self) -> None:
        """The last check: output.txt equals the database and is on the disk. A refresh after it opens it no more."""
        self._guarded(self._close)

    def _open(self, topic_text: str) -> None:
        write_whole(self._folder / "topic.txt", [topic_text.encode(errors="replace")])
        self._make_true()

    def _replace(self, topic_text: str) -> None:
        write_whole(self._folder / "topic.txt", [topic_text.encode(errors="replace")])
        self._output.rebuild(self._rows())

    def _refresh(self, metrics: dict[str, Any], state: dict[str, Any]) -> None:
        if not self._closed and (self._distrusted or not self._output.intact()):
            self._distrusted = False
            self._output.rebuild(self._rows())
        write_json(self._folder / "metrics.json", metrics)
        write_json(self._folder / "state.json", state)

    def _close(self) -> None:
        self._make_true()
        self._output.sync()
        self._output.close()
        self._closed = True  # a refresh may still be on its way

    def _make_true(self) -> None:
        if not self._output.verify(self._rows()):
            self._output.rebuild(self._rows())

    def _rows(self) -> Iterable[Row]:
        """The list as people want it: what they rejected has no text, what they corrected has theirs."""
        rows = Attribute.objects.filter(topic_id=self._topic_id).order_by("id")
        reviews = reviews_of_topic(self._topic_id)
        if not reviews:
            return rows.values_list("id", "text").iterator(chunk_size=20_000)
        found = rows.values_list("id", "key", "text").iterator(chunk_size=20_000)
        return ((attribute_id, reviews.written(bytes(key), text)) for attribute_id, key, text in found)

    def _guarded(self, write: Any, *args: Any) -> None:
        close_old_connections()
        try:
            write(*args)
        except (OSError, DatabaseError) as error:
            self._output.close()  # what is in the file is unknown now; the next refresh rebuilds it
            if not self.trouble:
                logger.error("cannot write %s: %s", self._folder, error)
            self.trouble = f"cannot write the files: {error}"
        else:
            self.trouble = ""

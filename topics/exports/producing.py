"""One export, from the database to bytes, chunk by chunk: what is sent at once and what is made into a file alike."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import timezone

from topics.browsing.filters import Filters
from topics.exports.cards import ListFacts, Subject, Tally, card
from topics.exports.formats import FORMATS
from topics.exports.reading import CHUNK, Extent, chunks, extent_of
from topics.exports.selection import in_words
from topics.models import Topic

# What is known of a topic's list beyond its entries; an app above knows.
list_facts: list[Callable[[int], ListFacts]] = []


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of the file, and how many entries there are in what has been given so far."""

    data: bytes
    entries: int


class Production:
    """An export of the list as it is now. Read `pieces` once; `card` then says what was in them."""

    def __init__(self, topic: Topic, wanted: Filters, format_name: str, chunk: int = CHUNK) -> None:
        self.format = FORMATS[format_name]
        self.extent: Extent = extent_of(topic.pk)
        self._topic_id = topic.pk
        self._wanted = wanted
        self._chunk = chunk
        self._tally = Tally()
        self._subject = Subject(topic.name, topic.prompt, wanted, tuple(in_words(wanted)), self.format, version())

    def pieces(self) -> Iterator[Piece]:
        """Raises ListReplaced as soon as that is noticed, at the latest before the last piece."""
        encoder = self.format.encoder()
        yield Piece(encoder.head(), 0)
        for chunk in chunks(self._wanted, self.extent, self._chunk):
            self._tally.count(chunk)
            yield Piece(encoder.entries(chunk), self._tally.entries)
        yield Piece(encoder.tail(lambda: card_as_json(self.card())), self._tally.entries)

    def card(self) -> dict[str, Any]:
        facts = next((facts_of(self._topic_id) for facts_of in list_facts), ListFacts())
        return card(self._subject, self._tally, facts, timezone.now())

    def card_alone(self) -> dict[str, Any]:
        """The card of an export that nobody keeps; for small ones."""
        for chunk in chunks(self._wanted, self.extent, self._chunk):
            self._tally.count(chunk)
        return self.card()


def card_as_json(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


@cache
def version() -> str:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
    return str(project["version"])

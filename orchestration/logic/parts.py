"""A part of a topic as a value: what a model is told, and whether a name belongs to it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal, TypeAlias

from orchestration.logic.alphabet import Initials, beginning_of

PartKind: TypeAlias = Literal["all", "range", "category", "cluster", "gap"]
# What the columns hold; a category's name is shortened to leave room for the words around it.
LONGEST_WORDS, LONGEST_NAME = 200, 80
# A name that is cut shorter does not say any more what it is about.
SHORTEST_NAMES, LONGEST_CONNECTIVE = 8, 3
_NONE_OF_THESE, _SEPARATOR = "entries that belong to none of these: ", "; "
_ROOM = LONGEST_WORDS - len(_NONE_OF_THESE)
# So many names tell well enough how an answer fits.
SAMPLE = 40
# So many entries stand for a cluster.
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a topic. `words` say it to a model and identify it in statistics; the whole topic has none.

    range: beginnings of names (`initials`). category, cluster: `name` is the category, or some entries that the
    cluster's others are like. gap: what belongs to none of the categories in `name`.
    """

    kind: PartKind
    name: str = ""
    initials: Initials | None = None

    @property
    def words(self) -> str:
        """At most 200 characters; none where it has no name."""
        if not self.name and self.initials is None:
            return ""
        match self.kind:
            case "all":
                return ""
            case "range":
                return self.initials.words if self.initials else ""
            case "category":
                return f"entries of the category {self.name}"
            case "cluster":
                return f"entries similar to {self.name}"[:LONGEST_WORDS]
            case "gap":
                return f"{_NONE_OF_THESE}{self.name}"[:LONGEST_WORDS]

    def fits(self, text: str) -> bool | None:
        """Whether a name belongs to it; None: only its meaning could tell."""
        if self.kind == "all":
            return True
        if self.initials is not None:
            return self.initials.admits(beginning_of(text))
        return None

    def coherence(self, texts: Iterable[str]) -> float | None:
        """The share of names that fit, of the first 40; None where that cannot be told."""
        if self.initials is None:
            return None
        verdicts = [self.initials.admits(beginning_of(text)) for text in islice(texts, SAMPLE)]
        return sum(verdicts) / len(verdicts) if verdicts else None


WHOLE = Part("all")


def range_part(initials: Initials) -> Part:
    """The part of the names that begin so."""
    return Part("range", initials=initials)


def category(name: str) -> Part:
    """The part of a category, its name made one short line; of a name without letters or digits nothing is left."""
    line = _line(name)[:LONGEST_NAME].strip(" .:;,")
    return Part("category", line if any(map(str.isalnum, line)) else "")


def gap(categories: Iterable[str]) -> Part:
    """What no category covers, as many as the words hold: long names are shortened, so that more of them fit."""
    # A name with the mark that stands between names would look like two.
    names = [line for name in categories if (line := _line(name.replace(_SEPARATOR.strip(), " ")))]
    shortest = min(SHORTEST_NAMES, max(map(len, names), default=0))
    for longest in range(max(map(len, names), default=0), shortest - 1, -1):
        shortened = list(dict.fromkeys(_cut(name, longest) for name in names))
        if len(_SEPARATOR.join(shortened)) <= _ROOM:
            return Part("gap", _SEPARATOR.join(shortened))
    return Part("gap", _as_many_as_fit(dict.fromkeys(_cut(name, shortest) for name in names)))


def _as_many_as_fit(names: Iterable[str]) -> str:
    """The names up to the first that there is no room for."""
    joined = ""
    for name in names:
        longer = f"{joined}{_SEPARATOR}{name}" if joined else name
        if len(longer) > _ROOM:
            break
        joined = longer
    return joined


def _cut(name: str, longest: int) -> str:
    """The name, or as many of its words as there is room for, and none like "and" at the end; of a single long word
    its beginning."""
    if len(name) <= longest:
        return name
    words = name[: longest + 1].split(" ")[:-1]
    while len(words) > 1 and len(words[-1]) <= LONGEST_CONNECTIVE:
        words.pop()
    return (" ".join(words) or name[:longest]).rstrip(" .:;,-")


def cluster(examples: Iterable[str]) -> Part:
    """What is like the examples."""
    return Part("cluster", "; ".join(_line(example)[:50] for example in islice(examples, EXAMPLES)))


def as_data(part: Part) -> dict[str, Any]:
    """A part for a JSON column."""
    data: dict[str, Any] = {"kind": part.kind, "name": part.name}
    if part.initials is not None:
        each = part.initials
        data["initials"] = {"script": each.script, "low": each.low, "high": each.high, "without": [*each.without]}
    return data


def from_data(data: dict[str, Any]) -> Part:
    """The inverse of `as_data`."""
    initials = data.get("initials")
    if initials is not None:
        initials = Initials(initials["script"], initials["low"], initials["high"], tuple(initials["without"]))
    return Part(data["kind"], data["name"], initials)


def _line(text: str) -> str:
    """One line of visible characters: models write what they like, and no column holds them all."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())

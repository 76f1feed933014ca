"""Which strings of a JSON answer are entries: the rules, and what is known of an open array or object."""

from dataclasses import dataclass, field

NAMING_KEYS = ("name", "title", "entry", "item", "attribute", "label", "value", "text")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GROUP_KEYS = _words("entries items names titles list values results attributes candidates data labels")
PROSE_KEYS = _words(
    "description desc summary detail details explanation reason reasoning rationale note notes comment"
    " comments intro introduction preamble conclusion overview message thought thoughts thinking url"
    " link website image"
)
DETAIL_KEYS = PROSE_KEYS | _words(
    "id rank number index position score count total topic query subject theme status model category categories"
    " type kind group genre genres tag tags keyword keywords alias aliases synonym synonyms source sources"
    " reference references location city country region address year date period language author authors"
    " features"
)
OTHER_RANK = len(NAMING_KEYS)
DETAIL_RANK = OTHER_RANK + 1
NO_RANK = DETAIL_RANK + 1


Value = str | None
"""A string as the model gave it; None: one that cannot be read (a broken escape, no closing quote)."""


@dataclass(slots=True, eq=False)
class Frame:
    """An open array or object, and what is known about it so far."""

    is_object: bool
    sink: list[Value]  # where the entries inside it go
    own_sink: list[Value]  # where its own name goes
    rooted: bool  # nothing but objects above it: a wrapper or a set of groups rather than one item of a list
    key: str | None = None
    best: Value = None
    rank: int = NO_RANK
    groups: list[Value] = field(default_factory=list)
    details: list[Value] = field(default_factory=list)
    streamed: bool = False  # its entries went straight to the sink, so its own name is a heading


def is_number(key: str) -> bool:
    return key.strip("#. ").isdigit()


def rank_of(key: str) -> int:
    """How well the string under this key names its object: lower is better, NO_RANK never does."""
    if key in NAMING_KEYS:
        return NAMING_KEYS.index(key)
    if key in PROSE_KEYS:
        return NO_RANK
    return DETAIL_RANK if key in DETAIL_KEYS else OTHER_RANK


def sink_for(parent: Frame, key: str) -> list[Value]:
    """Where an array under this key, or anything under a number, delivers: at once or with its object."""
    if key in GROUP_KEYS or is_number(key):
        return parent.sink
    if key in DETAIL_KEYS:
        return parent.details
    return parent.sink if parent.rooted else parent.groups


def entries_of(frame: Frame, *, truncated: bool) -> list[Value]:
    """What a complete object stands for; of a truncated one, what can no longer turn out otherwise."""
    if frame.streamed:
        return []
    if frame.rank < OTHER_RANK:
        return [frame.best]
    if frame.groups:
        return frame.groups
    if frame.rank == OTHER_RANK or (frame.rank == DETAIL_RANK and not truncated):
        return [frame.best]
    return frame.details if frame.rooted or not truncated else []

"""Worlds of known truth, entry by entry: what there is to find."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from random import Random

from bench.yields.asks import Category, Partition
from producers.providers.worlds import SUFFIX, initial, stable_random, stable_share, world_for

NO_CATEGORY = -1
UNSORTED = 0.08  # the share of entries that no category takes in
INVENTED = 0.2  # the share of a world that a category means which only a model has thought of
SPARE = 1.5  # names made for each that is kept, so that initials can be made uneven
_CATEGORIES = (
    "Museums and galleries",
    "Parks and gardens",
    "Historic buildings",
    "Places of worship",
    "Theatres and stages",
    "Markets and shops",
    "Bridges and waterfronts",
    "Monuments and statues",
    "Squares and streets",
    "Libraries and archives",
    "Science and industry",
    "Festivals and fairs",
    "Viewpoints and towers",
    "Castles and forts",
    "Studios and workshops",
)
INVENTIONS = ("Hidden gems", "For families", "At night", "Off the beaten track", "Modern icons", "Royal heritage")


@dataclass(frozen=True, eq=False)
class World:
    """All the true entries of a topic, the most popular first. Entries go by their place in `texts`.

    `initials` are their beginnings (see Letters), `kinds` latin, digit or other, `category` the place of each
    one's category in `categories`, `tokens` what naming one costs, `strays` what is not of this topic.
    """

    topic: str
    skew: float
    texts: tuple[str, ...]
    initials: tuple[str, ...]
    kinds: tuple[str, ...]
    category: tuple[int, ...]
    categories: tuple[str, ...]
    strays: tuple[str, ...]
    _members: dict[Partition, frozenset[int]] = field(default_factory=dict)

    @cached_property
    def place(self) -> dict[str, int]:
        return {text: at for at, text in enumerate(self.texts)}

    @cached_property
    def tokens(self) -> dict[str, float]:
        return {text: tokens_of(text) for text in (*self.texts, *self.strays)}

    @cached_property
    def mean_tokens(self) -> float:
        return sum(self.tokens[text] for text in self.texts) / len(self.texts)

    def members(self, partition: Partition) -> frozenset[int]:
        """The entries that are truly in `partition`; a category of which this world knows nothing has some, too."""
        if partition not in self._members:
            self._members[partition] = frozenset(at for at in range(len(self.texts)) if self._belongs(at, partition))
        return self._members[partition]

    def _belongs(self, at: int, partition: Partition) -> bool:
        if not isinstance(partition, Category):
            return partition.admits(self.initials[at], self.kinds[at])
        if partition.name in self.categories:
            return self.category[at] >= 0 and self.categories[self.category[at]] == partition.name
        return stable_share("invented", partition.name, self.texts[at]) < INVENTED


def tokens_of(text: str) -> float:
    """About what a line with `text` costs: four characters to a token in Latin, fewer in other scripts."""
    return (len(text) + 1) / 4 if text.isascii() else (len(text.encode()) + 1) / 4


def make_world(topic: str, size: int, skew: float, categories: int, seed: int) -> World:
    """A world of `size` names whose popularity falls as rank ** -skew. Which names: `topic` and `size`; `seed`
    shuffles their popularity and their categories."""
    texts = _names(topic, size)
    stable_random("popularity", topic, seed).shuffle(texts)
    first = tuple(initial(text) for text in texts)
    rng = stable_random("categories", topic, seed)
    return World(
        topic=topic,
        skew=skew,
        texts=tuple(texts),
        initials=first,
        kinds=tuple("latin" if start else _kind(text) for start, text in zip(first, texts, strict=True)),
        category=tuple(_sorted_in(size, categories, rng)),
        categories=tuple(rng.sample(_CATEGORIES, categories)),
        strays=tuple(f"{text} Umbrella" for text in _bare(f"{topic}, but elsewhere", max(100, size // 2))),
    )


def _bare(topic: str, size: int) -> list[str]:
    return [text.removesuffix(SUFFIX) for text in world_for(topic, 0, size).entries]


def _names(topic: str, size: int) -> list[str]:
    """Made-up names of which some initials are frequent and others rare."""
    names = _bare(topic, int(size * SPARE))
    taste = {text: stable_share(topic, initial(text)[:1]) for text in names}
    names.sort(key=lambda text: stable_share("kept", topic, text) ** (1 / (0.1 + taste[text])), reverse=True)
    return sorted(names[:size])


def _kind(text: str) -> str:
    return "digit" if text[:1].isdigit() else "other"


def _sorted_in(size: int, categories: int, rng: Random) -> list[int]:
    """A category for each entry, of sizes that fall about as 1 / rank; some entries have none."""
    bounds = list(accumulate(rng.uniform(0.5, 1.5) / (at + 2) for at in range(categories)))
    draws = (rng.random() for _ in range(size))
    return [
        NO_CATEGORY if draw < UNSORTED else bisect_right(bounds[:-1], rng.random() * bounds[-1]) for draw in draws
    ]

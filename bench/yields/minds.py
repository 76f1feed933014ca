"""What simulated models are like, and what each knows of a world, in which order it comes to mind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from math import exp, log

from bench.yields.asks import Category, Partition, Style
from bench.yields.worlds import World
from producers.providers.worlds import stable_random, stable_share

KNOWN_BY_NAME = 0.85  # the share of the categories that a model knows by that name


@dataclass(frozen=True, slots=True)
class Drift:
    """From its request number `after` on, a model is another: see the fields of Traits."""

    after: int
    knows: float
    obeys_exclusions: float
    obeys_partition: float


@dataclass(frozen=True, slots=True)
class Traits:
    """One simulated model. Shares and rates are from 0 to 1, prices USD per million tokens, times seconds.

    `knows`: its share of the world, more of what is popular. `overlap`: how much what it knows, and in which order,
    is common to all models (1: identical where the rest is, 0: independent). `zipf` is the exponent of its own
    popularity, `shuffle` how far its order is from the world's (in e-folds of rank). `lesser`, `anchors`,
    `language`, `verbalized` are how far each style flattens or reshuffles its popularity: 0 means that the style
    does nothing. `failing` requests bring and cost nothing, `cut` ones half. Beyond about `largest` entries it
    stops by itself.
    """

    name: str
    knows: float = 0.7
    overlap: float = 0.5
    zipf: float = 0.9
    shuffle: float = 0.4
    obeys_exclusions: float = 0.9
    obeys_partition: float = 0.9
    repeats: float = 0.01
    off_topic: float = 0.01
    price_in: float = 1.0
    price_out: float = 4.0
    first_token: float = 0.5
    per_entry: float = 0.015
    failing: float = 0.01
    cut: float = 0.01
    largest: int = 110
    lesser: float = 0.2
    anchors: float = 0.3
    language: float = 0.3
    verbalized: float = 0.08
    drift: Drift | None = None

    def drifted(self) -> Traits:
        """What it becomes."""
        assert self.drift is not None
        return replace(
            self,
            knows=self.drift.knows,
            obeys_exclusions=self.drift.obeys_exclusions,
            obeys_partition=self.drift.obeys_partition,
            drift=None,
        )


@dataclass(frozen=True, slots=True)
class Pool:
    """Entries with weights, the heaviest first, and the running sums of the weights."""

    ids: tuple[int, ...]
    weights: tuple[float, ...]
    sums: tuple[float, ...]


@dataclass(eq=False)
class Mind:
    """What `traits` knows of `world`: pools by style, mood and part, made when they are first wanted."""

    world: World
    traits: Traits
    seed: int
    _known: dict[int, float] = field(default_factory=dict)
    _pools: dict[tuple[Style, int, float | None, Partition | None], Pool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._known = self._learnt()

    @property
    def known(self) -> Mapping[int, float]:
        """What it knows, and each entry's rank in its own order of popularity (from 1)."""
        return self._known

    def pool(self, style: Style, mood: int, temperature: float | None, partition: Partition | None) -> Pool:
        key = (style, mood, temperature, partition)
        if key not in self._pools:
            self._pools[key] = self._part(key) if partition else self._whole(style, mood, temperature)
        return self._pools[key]

    def understands(self, partition: Partition | None) -> Partition | None:
        """The part that it makes of `partition`: none, where a true category is unknown to it by that name."""
        if isinstance(partition, Category) and not self.names(partition.name):
            return None
        return partition

    def names(self, category: str) -> bool:
        return category not in self.world.categories or (
            stable_share("names", self.traits.name, self.seed, category) < KNOWN_BY_NAME
        )

    def _learnt(self) -> dict[int, float]:
        size = len(self.world.texts)
        slope = min(self.traits.knows, 1 - self.traits.knows)
        common = stable_random("common", self.world.topic, self.seed)
        own = stable_random("own", self.world.topic, self.seed, self.traits.name)
        known = {}
        for at in range(size):
            shared, tilt, mine, lean, lot = common.random(), common.gauss(), own.random(), own.gauss(), own.random()
            chance = self.traits.knows + slope * (1 - (2 * at + 1) / size)
            if (shared if lot < self.traits.overlap else mine) < chance:
                mixed = self.traits.overlap * tilt + (1 - self.traits.overlap**2) ** 0.5 * lean
                known[at] = log(at + 1.0) + self.traits.shuffle * mixed
        order = sorted(known, key=known.__getitem__)
        stretch = size / max(len(order), 1)
        return {at: 1 + rank * stretch for rank, at in enumerate(order)}

    def _whole(self, style: Style, mood: int, temperature: float | None) -> Pool:
        slope = self.traits.zipf * _flattening(self.traits, style) * (1 - 0.15 * ((temperature or 1.0) - 1))
        spread = {"anchors": self.traits.anchors, "language": self.traits.language}.get(style, 0.0)
        rng = stable_random("mood", self.world.topic, self.seed, self.traits.name, style, mood)
        weights = {
            at: rank ** -max(slope, 0.0) * (exp(spread * rng.gauss()) if spread else 1.0)
            for at, rank in self._known.items()
        }
        return _pooled(sorted(weights, key=weights.__getitem__, reverse=True), weights)

    def _part(self, key: tuple[Style, int, float | None, Partition | None]) -> Pool:
        whole, partition = self.pool(key[0], key[1], key[2], None), key[3]
        assert partition is not None
        members = self.world.members(partition)
        weights = dict(zip(whole.ids, whole.weights, strict=True))
        return _pooled([at for at in whole.ids if at in members], weights)


def _flattening(traits: Traits, style: Style) -> float:
    return 1 - {"lesser-known": traits.lesser, "verbalized": traits.verbalized}.get(style, 0.0)


def _pooled(ids: Sequence[int], weight: Mapping[int, float]) -> Pool:
    weights = tuple(weight[at] for at in ids)
    return Pool(tuple(ids), weights, tuple(accumulate(weights)))


def minds_of(world: World, traits: Traits, seed: int) -> tuple[Mind, ...]:
    """What `traits` knows before it drifts and after. Several runs may share them: they never change."""
    if traits.drift is None:
        return (Mind(world, traits, seed),)
    return (Mind(world, traits, seed), Mind(world, traits.drifted(), seed))

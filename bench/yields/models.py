"""Simulated models at the level of entries: what each knows, in which order it comes to mind, how it obeys.

After `producers/providers/simulation.py`, without the text: a request of 60 costs a fraction of a millisecond.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import nsmallest
from itertools import accumulate
from math import log
from random import Random

from bench.yields.asks import Ask, Category, Division, Partition, Style
from bench.yields.worlds import INVENTIONS, World, tokens_of
from producers.providers.worlds import stable_random, stable_share

PROMPT_TOKENS = 120
MOODS = 4  # "anchors" draws one of so many reshuffles of popularity
VERBALIZED_TOKENS = 1.4  # a stated probability beside each entry makes the answer longer
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

    `knows`: its share of the world, more of what is popular. `overlap`: how much what it knows, and in which
    order, is common to all models (1: identical where the rest is, 0: independent). `zipf` is the exponent of
    its own popularity, `shuffle` how far its order is from the world's (in e-folds of rank). `respells` costs
    nothing here, since the key folds it. `lesser`, `anchors`, `language`, `verbalized` are how far each style
    flattens or reshuffles its popularity: 0 means that the style does nothing. `failing` requests bring and cost
    nothing, `cut` ones half. Beyond about `largest` entries it stops by itself.
    """

    name: str
    knows: float = 0.7
    overlap: float = 0.5
    zipf: float = 0.9
    shuffle: float = 0.4
    obeys_exclusions: float = 0.9
    obeys_partition: float = 0.9
    repeats: float = 0.01
    respells: float = 0.03
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


@dataclass(frozen=True, slots=True)
class Said:
    """What came back: places in the world (strays follow as texts), tokens, USD and seconds."""

    entries: tuple[int, ...]
    strays: tuple[str, ...]
    tokens_in: int
    tokens_out: int
    cost: float
    seconds: float
    failed: bool


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
            at: rank ** -max(slope, 0.0) * (2.718281828 ** (spread * rng.gauss()) if spread else 1.0)
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


class Model:
    """One simulated model in one run: its mind, its randomness, and how often it was asked."""

    def __init__(self, world: World, traits: Traits, seed: int, minds: tuple[Mind, ...] | None = None) -> None:
        self.world = world
        self.asked = 0
        self.minds = minds or minds_of(world, traits, seed)
        self._rng = stable_random("answers", world.topic, seed, traits.name)

    @property
    def mind(self) -> Mind:
        """Its mind at its next request."""
        before = self.minds[0]
        drift = before.traits.drift
        return self.minds[1] if drift and self.asked >= drift.after else before

    def answer(self, ask: Ask) -> Said:
        mind, rng = self.mind, self._rng
        traits = mind.traits
        self.asked += 1
        lot = rng.random()
        if lot < traits.failing:
            return Said((), (), 0, 0, 0.0, traits.first_token, failed=True)
        entries, strays = _answer(mind, ask, rng)
        cut = lot < traits.failing + traits.cut
        if cut:
            entries, strays = entries[: len(entries) // 2], strays[: len(strays) // 2]
        return self._priced(ask, entries, strays, cut)

    def _priced(self, ask: Ask, entries: tuple[int, ...], strays: tuple[str, ...], cut: bool) -> Said:
        traits, tokens, texts = self.mind.traits, self.world.tokens, self.world.texts
        asked = PROMPT_TOKENS + sum(tokens.get(text) or tokens_of(text) for text in ask.exclusions)
        given = sum(tokens[texts[at]] for at in entries) + sum(tokens[text] for text in strays)
        given *= VERBALIZED_TOKENS if ask.style == "verbalized" else 1.0
        cost = (traits.price_in * asked * (0.5 if cut else 1.0) + traits.price_out * given) / 1e6
        seconds = traits.first_token + traits.per_entry * (len(entries) + len(strays))
        return Said(entries, strays, round(asked), round(given), cost, seconds, failed=cut)

    def divide(self) -> tuple[tuple[str, ...], float]:
        """About ten categories that it would name, most of them true ones, and the USD for naming them."""
        traits, rng = self.mind.traits, self._rng
        true = [name for name in self.world.categories if self.mind.names(name)]
        names = rng.sample(true, min(len(true), 8)) + rng.sample(INVENTIONS, 2)
        rng.shuffle(names)
        return tuple(names), (traits.price_in * PROMPT_TOKENS + traits.price_out * 6 * len(names)) / 1e6


def minds_of(world: World, traits: Traits, seed: int) -> tuple[Mind, ...]:
    """What `traits` knows before it drifts and after. Several runs may share them: they never change."""
    if traits.drift is None:
        return (Mind(world, traits, seed),)
    return (Mind(world, traits, seed), Mind(world, traits.drifted(), seed))


def division(model: Model) -> Division:
    return Division(*model.divide())


# --- one answer -----------------------------------------------------------------------------------


def _answer(mind: Mind, ask: Ask, rng: Random) -> tuple[tuple[int, ...], tuple[str, ...]]:
    traits, part = mind.traits, mind.understands(ask.partition)
    mood = rng.randrange(MOODS) if ask.style == "anchors" else 0
    whole = mind.pool(ask.style, mood, ask.temperature, None)
    inside = mind.pool(ask.style, mood, ask.temperature, part)
    if not whole.ids:
        return (), ()
    count = _length(ask.count, traits.largest, rng)
    heeded = _heeded(ask.exclusions, traits.obeys_exclusions, mind, rng)
    wandering = sum(rng.random() >= traits.obeys_partition for _ in range(count)) if part else 0
    chosen = drawn(inside, count - wandering, heeded, rng)
    if wandering and part:
        chosen += drawn(whole, wandering, heeded | mind.world.members(part), rng)
    short = count - len(chosen)
    if short > 0:  # with nothing new left it names popular ones again
        familiar = inside if inside.ids else whole
        chosen += rng.choices(familiar.ids, cum_weights=familiar.sums, k=short)
    return _blemished(chosen, mind, ask.temperature, rng)


def _length(count: int, largest: int, rng: Random) -> int:
    return count if count <= largest else min(count, max(1, round(rng.gauss(largest, largest / 10))))


def _heeded(exclusions: Sequence[str], obedience: float, mind: Mind, rng: Random) -> set[int]:
    place, chance = mind.world.place, rng.random
    return {place[text] for text in exclusions if text in place and chance() < obedience}


def drawn(pool: Pool, count: int, barred: set[int] | frozenset[int], rng: Random) -> list[int]:
    """`count` entries of `pool` that are not `barred`, or as many as there are: drawn one by one by weight."""
    chosen: dict[int, None] = {}
    if count <= 0 or not pool.ids:
        return []
    for _ in range(3):  # cheap while little is barred
        for at in rng.choices(pool.ids, cum_weights=pool.sums, k=count + count // 2):
            if at not in barred:
                chosen[at] = None
                if len(chosen) == count:
                    return list(chosen)
    rest = [pair for pair in zip(pool.ids, pool.weights, strict=True) if pair[0] not in barred and pair[0] not in chosen]
    # Exponential keys: the smallest of E/w are a weighted sample without replacement, in order of drawing.
    chance = rng.random
    keyed = [(-log(1.0 - chance()) / weight, at) for at, weight in rest]
    return [*chosen, *(at for _, at in nsmallest(count - len(chosen), keyed))]


def _blemished(
    chosen: list[int], mind: Mind, temperature: float | None, rng: Random
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """With repeats inside the answer, and with what does not belong to the topic."""
    traits = mind.traits
    astray = traits.off_topic * max(1.0, temperature or 1.0) ** 2
    entries: list[int] = []
    strays: list[str] = []
    for at in chosen:
        lot = rng.random()
        if lot < astray:
            strays.append(rng.choice(mind.world.strays))
        elif entries and lot < astray + traits.repeats:
            entries.append(rng.choice(entries))
        else:
            entries.append(at)
    return tuple(entries), tuple(strays)

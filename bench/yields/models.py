"""Simulated models at the level of entries: what each answers.

After `producers/providers/simulation.py`, without the text: a request of 60 costs a fraction of a millisecond.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nsmallest
from math import log
from random import Random

from bench.yields.asks import Ask, Division
from bench.yields.minds import Mind, Pool
from bench.yields.worlds import INVENTIONS, World, tokens_of
from producers.providers.worlds import stable_random

PROMPT_TOKENS = 120
MOODS = 4  # "anchors" draws one of so many reshuffles of popularity
VERBALIZED_TOKENS = 1.4  # a stated probability beside each entry makes the answer longer


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


class Model:
    """One simulated model in one run: its mind, its randomness, and how often it was asked."""

    def __init__(self, world: World, minds: tuple[Mind, ...], seed: int) -> None:
        self.world = world
        self.asked = 0
        self.minds = minds
        self._rng = stable_random("answers", world.topic, seed, minds[0].traits.name)

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
    rest = [
        pair for pair in zip(pool.ids, pool.weights, strict=True) if pair[0] not in barred and pair[0] not in chosen
    ]
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

"""The rivals that know no more than igentai does. Each gets the briefing, and then only answers."""

from __future__ import annotations

from collections import deque
from itertools import count, cycle
from random import Random

from bench.yields.asks import Answered, Ask, Briefing, Letters, Partition
from bench.yields.remembering import RepeatMemory

REQUEST_SIZE = 60


class FullList:
    """One strong model (the dearest) with all that was found in its prompt: "give me 60 more, not these"."""

    name = "full list"

    def __init__(self, briefing: Briefing) -> None:
        self._provider = max(briefing.offers, key=lambda offer: (offer.price_out, offer.price_in)).name
        self._found: list[str] = []

    def next(self, now: float) -> Ask | None:
        return Ask(self._provider, REQUEST_SIZE, exclusions=tuple(self._found))

    def learn(self, answered: Answered) -> None:
        self._found += answered.new


class Remembered:
    """An exclusion list as the product had it before it learnt: the repeated and the newest, 3,000 characters."""

    def __init__(self) -> None:
        self._memory = RepeatMemory()
        self._ids: dict[str, int] = {}
        self._next = count()

    def learn(self, answered: Answered) -> None:
        pairs = [(self._ids.setdefault(text, next(self._next)), text) for text in answered.repeats]
        self._memory.record(answered.new, pairs)

    def choose(self) -> tuple[str, ...]:
        return self._memory.choose()


class Uniform:
    """Every provider equally often, over these parts in turn."""

    name = "uniform"

    def __init__(self, briefing: Briefing, parts: tuple[Partition | None, ...] = (None,)) -> None:
        self._names = [offer.name for offer in briefing.offers]
        self._rng = Random(f"uniform {briefing.seed}")
        self._parts = cycle(parts)
        self._memories = {part: Remembered() for part in parts}

    def next(self, now: float) -> Ask | None:
        part = next(self._parts)
        return Ask(self._rng.choice(self._names), REQUEST_SIZE, part, self._memories[part].choose())

    def learn(self, answered: Answered) -> None:
        self._memories[answered.ask.partition].learn(answered)


FIFTHS: tuple[Partition, ...] = (
    Letters((("a", "e"),)),
    Letters((("f", "j"),)),
    Letters((("k", "o"),)),
    Letters((("p", "t"),)),
    Letters((("u", "z"),), digits=True, other=True),
)


class UniformByAlphabet(Uniform):
    """The same, each of five parts of the alphabet in turn."""

    name = "uniform, by alphabet"

    def __init__(self, briefing: Briefing) -> None:
        super().__init__(briefing, FIFTHS)


class Single:
    """Always this provider, with an exclusion list as Uniform has it."""

    def __init__(self, briefing: Briefing, provider: str) -> None:
        self.name = f"only {provider}"
        self._provider = provider
        self._memory = Remembered()

    def next(self, now: float) -> Ask | None:
        return Ask(self._provider, REQUEST_SIZE, exclusions=self._memory.choose())

    def learn(self, answered: Answered) -> None:
        self._memory.learn(answered)


class Thompson:
    """Draw for each provider how many new entries a dollar brings, by what its answers brought; ask the best.

    `window`: the answers that count (None: all of the run).
    """

    def __init__(self, briefing: Briefing, name: str, window: int | None) -> None:
        self.name = name
        self._rng = Random(f"{name} {briefing.seed}")
        self._memory = Remembered()
        self._history: dict[str, deque[tuple[int, float]]] = {
            offer.name: deque(maxlen=window) for offer in briefing.offers
        }
        self._totals = {offer.name: (0.0, 0.0) for offer in briefing.offers}
        # Before anything is known: half of an answer is new. In entries and USD, so that prices are in it.
        self._prior = {offer.name: (30.0, _usual_cost(offer.price_in, offer.price_out)) for offer in briefing.offers}

    def next(self, now: float) -> Ask | None:
        best = max(self._totals, key=self._draw)
        return Ask(best, REQUEST_SIZE, exclusions=self._memory.choose())

    def learn(self, answered: Answered) -> None:
        self._memory.learn(answered)
        name = answered.ask.provider
        self._history[name].append((len(answered.new), answered.cost))
        history = self._history[name]
        self._totals[name] = (float(sum(new for new, _ in history)), sum(cost for _, cost in history))

    def rate(self, provider: str) -> float:
        """New entries per USD of what counts."""
        new, cost = self._totals[provider]
        return new / cost if cost else 0.0

    def _draw(self, provider: str) -> float:
        (new, cost), (prior_new, prior_cost) = self._totals[provider], self._prior[provider]
        # Ten entries of an answer count as one observation: they are not independent.
        return self._rng.gammavariate((new + prior_new) / 10 + 0.1, 10 / (cost + prior_cost))


def _usual_cost(price_in: float, price_out: float) -> float:
    return (price_in * 900 + price_out * REQUEST_SIZE * 5) / 1e6


class Lifetime(Thompson):
    """A bandit over providers that forgets nothing."""

    def __init__(self, briefing: Briefing) -> None:
        super().__init__(briefing, "lifetime bandit", None)

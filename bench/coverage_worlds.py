"""Simulated runs over worlds of known truth, on which the estimators are calibrated. Everything here is simulated.

A run is simulated as far as estimates see it: which entries each answer led to, in which order. Providers name
entries in proportion to their popularity, none twice in an answer, and know more of what is popular. Requests name
what is on the list as things to leave out, which providers obey in part; probes do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import exp, log
from random import Random
from statistics import NormalDist

PROBE_SHARE = 0.04
NEARLY_ALL = 0.985
MOST_REQUESTS = 800
ANSWERS_FOR_MASS = 12


@dataclass(frozen=True, slots=True)
class Setting:
    """A world, its providers, and how they are asked.

    `zipf` is the exponent of popularity; `lognormal`, if any, the spread of a lognormal one in its stead.
    `knows`: the share of the world that each provider knows. `taste`: the spread (of the logarithm) of each
    provider's own liking around the common popularity. `identical`: all know and like the same. `drift`: the
    providers' likings change when a third is found. `exclusions`: how many entries a prompt leaves out, at most.
    `partitions`: how many parts the requests are spread over.
    """

    name: str
    size: int
    zipf: float
    knows: tuple[float, ...]
    taste: float = 0.0
    identical: bool = False
    drift: bool = False
    obedience: float = 0.85
    exclusions: int = 5_000
    partitions: int = 1
    answer: int = 60
    lognormal: float = 0.0

    def popularity(self, rank: int) -> float:
        if self.lognormal:
            return exp(self.lognormal * NormalDist().inv_cdf(1 - (rank + 0.5) / self.size))
        return exp(-self.zipf * log(rank + 1.0))


def drawn(series: str, number: int) -> Setting:
    """A setting by lot: sizes, skews, providers and obedience of all kinds, some of them identical or drifting."""
    lot = Random(f"{series}-{number}")
    providers = lot.randint(1, 4)
    return Setting(
        name=f"{series} {number}",
        size=int(exp(lot.uniform(log(300), log(5_000)))),
        zipf=lot.choice((0.0, 0.3, 0.6, 0.9, 1.2)),
        knows=tuple(lot.uniform(0.4, 0.95) for _ in range(providers)),
        taste=lot.choice((0.0, 0.5)),
        identical=providers > 1 and lot.random() < 0.12,
        drift=lot.random() < 0.12,
        obedience=lot.choice((0.5, 0.85, 1.0)),
        exclusions=lot.choice((200, 5_000)),
        partitions=lot.choice((1, 6)),
        answer=lot.choice((30, 60)),
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a simulated run: the ids that it led to, how many of them and of all were on the list before,
    and the true share of items that are on it afterwards."""

    provider: str
    probe: bool
    seen: tuple[int, ...]
    known_before: int
    found_before: int
    items: float
    cost: float

    @property
    def new(self) -> int:
        return len(self.seen) - self.known_before

    @property
    def found(self) -> int:
        return self.found_before + self.new


class Provider:
    """A simulated provider: the entries it knows and how readily each comes to its mind."""

    def __init__(self, name: str, known: Sequence[int], weights: Sequence[float]) -> None:
        self.name = name
        self.known = list(known)
        self.weights = dict(zip(known, weights, strict=True))

    def answer(self, entries: Sequence[int], count: int, rng: Random) -> list[int]:
        """`count` different ones of `entries`, drawn by weight."""
        count = min(count, len(entries))
        if not count:
            return []
        sums = list(accumulate(self.weights[each] for each in entries))
        drawn: dict[int, None] = {}
        for _ in range(6):
            drawn.update(dict.fromkeys(rng.choices(entries, cum_weights=sums, k=2 * count)))
            if len(drawn) >= count:
                return list(drawn)[:count]
        rest = [each for each in entries if each not in drawn]
        rest.sort(key=lambda each: -log(1.0 - rng.random()) / self.weights[each])
        return [*drawn, *rest][:count]


def providers_of(setting: Setting, rng: Random) -> list[Provider]:
    providers: list[Provider] = []
    for number, share in enumerate(setting.knows):
        if setting.identical and providers:
            first = providers[0]
            providers.append(Provider(f"p{number}", first.known, list(first.weights.values())))
            continue
        known = [rank for rank in range(setting.size) if rng.random() < _chance_to_know(share, rank, setting.size)]
        providers.append(Provider(f"p{number}", known, _weights(setting, known, setting.taste, rng)))
    return providers


def _chance_to_know(share: float, rank: int, size: int) -> float:
    slope = min(share, 1 - share)
    return share + slope * (1 - (2 * rank + 1) / size)


def _weights(setting: Setting, known: Sequence[int], taste: float, rng: Random) -> list[float]:
    return [setting.popularity(rank) * exp(taste * rng.gauss(0, 1)) for rank in known]


class Run:
    """A simulated run: iterate over its answers, until nearly all is found."""

    def __init__(self, setting: Setting, seed: int = 1) -> None:
        self.setting = setting
        self.rng = Random(f"{setting.name} {seed}")
        self.providers = providers_of(setting, self.rng)
        self.union = {rank for each in self.providers for rank in each.known}
        self.part_of = [self.rng.randrange(setting.partitions) for _ in range(setting.size)]
        self.list: dict[int, int] = {}  # the rank of each entry found, and its id
        self.steady = not setting.drift

    def __iter__(self) -> Iterator[Answer]:
        # The first request to each provider has nothing to leave out: it is a probe.
        for who in self.providers:
            yield self._answered(who, probe=True)
        for _ in range(MOST_REQUESTS):
            if len(self.list) >= NEARLY_ALL * len(self.union):
                return
            self._drift()
            yield self._answered(self.rng.choice(self.providers), probe=self.rng.random() < PROBE_SHARE)

    def mass(self) -> float:
        """The share of a blind answer that is on the list, by asking each provider many times."""
        rng = Random(1)
        ranks = [
            rank
            for who in self.providers
            for _ in range(ANSWERS_FOR_MASS)
            for rank in who.answer(who.known, self.setting.answer, rng)
        ]
        return sum(rank in self.list for rank in ranks) / len(ranks)

    def _answered(self, who: Provider, *, probe: bool) -> Answer:
        ranks = who.answer(who.known if probe else self._offered(who), self.setting.answer, self.rng)
        before = len(self.list)
        seen = tuple(self.list.setdefault(rank, len(self.list) + 1) for rank in ranks)
        known = sum(each <= before for each in seen)
        items = len(self.list) / len(self.union)
        return Answer(who.name, probe, seen, known, before, items, self.rng.uniform(0.007, 0.014))

    def _offered(self, who: Provider) -> list[int]:
        """What a request leaves for a provider to name: its partition without the exclusions that it obeys."""
        part = self.rng.randrange(self.setting.partitions)
        left_out = self.setting.obedience * min(1.0, self.setting.exclusions / max(len(self.list), 1))
        return [
            rank
            for rank in who.known
            if self.part_of[rank] == part and (rank not in self.list or self.rng.random() >= left_out)
        ]

    def _drift(self) -> None:
        if self.steady or len(self.list) < len(self.union) / 3:
            return
        self.steady = True
        for who in self.providers:
            who.weights = dict(zip(who.known, _weights(self.setting, who.known, 1.0, self.rng), strict=True))

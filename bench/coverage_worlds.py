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

PROBE_SHARE = 0.04


@dataclass(frozen=True, slots=True)
class Setting:
    """A world, its providers, and how they are asked.

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


@dataclass(frozen=True, slots=True)
class Mark:
    """One answer of a simulated run. `new` counts what it added; the truth is that after the answer.

    `items`: share of all that the providers know together; `mass`: expected share of a blind answer on the list.
    """

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
    return [(rank + 1.0) ** -setting.zipf * exp(taste * rng.gauss(0, 1)) for rank in known]


def run(setting: Setting, seed: int) -> Iterator[tuple[Mark, list[Provider], dict[int, int]]]:
    """The answers of a run until nearly all is found; with each the providers and the list (rank: id) as they are."""
    rng = Random(f"{setting.name} {seed}")
    providers = providers_of(setting, rng)
    union = len({rank for each in providers for rank in each.known})
    part_of = [rng.randrange(setting.partitions) for _ in range(setting.size)]
    found: dict[int, int] = {}
    unprobed = list(providers)
    drifted = not setting.drift
    while len(found) < 0.985 * union:
        if not drifted and len(found) > union / 3:
            drifted = True
            for each in providers:
                each.weights = dict(zip(each.known, _weights(setting, each.known, 1.0, rng), strict=True))
        probe = bool(unprobed) or rng.random() < PROBE_SHARE
        who = unprobed.pop() if unprobed else rng.choice(providers)
        if probe:
            ranks = who.answer(who.known, setting.answer, rng)
        else:
            ranks = who.answer(_offered(setting, who, part_of, found, rng), setting.answer, rng)
        before = len(found)
        seen = []
        for rank in ranks:
            seen.append(found.setdefault(rank, len(found) + 1))
        known_before = sum(each <= before for each in seen)
        cost = 0.01 * rng.uniform(0.7, 1.4)
        yield Mark(who.name, probe, tuple(seen), known_before, before, len(found) / union, cost), providers, found


def _offered(
    setting: Setting, who: Provider, part_of: Sequence[int], found: dict[int, int], rng: Random
) -> list[int]:
    """What a request leaves for a provider to name: its partition without the exclusions that it obeys."""
    part = rng.randrange(setting.partitions)
    sent = setting.obedience * min(1.0, setting.exclusions / max(len(found), 1))
    offered = [rank for rank in who.known if part_of[rank] == part and (rank not in found or rng.random() >= sent)]
    return offered


def mass(providers: Sequence[Provider], found: dict[int, int], count: int, rng: Random, answers: int = 12) -> float:
    """The expected share of a blind answer that is on the list, by asking many times."""
    hits = total = 0
    for who in providers:
        for _ in range(answers):
            ranks = who.answer(who.known, count, rng)
            hits += sum(rank in found for rank in ranks)
            total += len(ranks)
    return hits / total

"""Which names belong together, by the vectors of their meanings: spherical k-means. Pure, and repeatable.

In plain Python: a few hundred names with 64 numbers each take less than a second, once each time a list has doubled,
and nothing has to be installed to test it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from operator import mul
from random import Random
from typing import TypeAlias

Vector: TypeAlias = Sequence[float]

FEWEST, MOST, NAMES_A_CLUSTER = 8, 12, 40
ROUNDS = 20


def clusters_for(count: int) -> int:
    """How many clusters to make of so many names."""
    return min(max(count // NAMES_A_CLUSTER, FEWEST), MOST)


def clustered(vectors: Sequence[Vector], k: int, seed: int) -> list[list[int]]:
    """The vectors in groups of like directions: their indices, those nearest to the group's middle first.

    At most `k` groups, fewer where fewer directions differ; none is empty, the largest comes first. Every index is in
    one group. Equal arguments give equal groups.
    """
    units = [_unit(vector) for vector in vectors]
    middles = _first_middles(units, k, Random(seed))  # noqa: S311 - no secrets
    nearest: list[int] = []
    for _ in range(ROUNDS):
        before, nearest = nearest, [_nearest(unit, middles) for unit in units]
        if nearest == before:
            break
        middles = [_middle(_of(units, nearest, at)) or middle for at, middle in enumerate(middles)]
    groups: list[list[int]] = [[] for _ in middles]
    for index, at in enumerate(nearest):
        groups[at].append(index)
    for group, middle in zip(groups, middles, strict=True):
        group.sort(key=lambda index, middle=middle: -_likeness(units[index], middle))  # type: ignore[misc]
    return sorted(filter(None, groups), key=len, reverse=True)


def _first_middles(units: Sequence[Vector], k: int, rng: Random) -> list[Vector]:
    """Some of the vectors that lie apart: k-means++ (Arthur and Vassilvitskii 2007)."""
    if not units:
        return []
    middles = [rng.choice(units)]
    apart = [_apart(unit, middles[0]) for unit in units]
    while len(middles) < k and sum(apart) > 0:
        middles += rng.choices(units, weights=apart)
        apart = [min(known, _apart(unit, middles[-1])) for known, unit in zip(apart, units, strict=True)]
    return middles


def _of(units: Sequence[Vector], nearest: Sequence[int], at: int) -> list[Vector]:
    return [unit for unit, its in zip(units, nearest, strict=True) if its == at]


def _middle(units: Sequence[Vector]) -> Vector | None:
    return _unit([sum(column) for column in zip(*units, strict=True)]) if units else None


def _nearest(unit: Vector, middles: Sequence[Vector]) -> int:
    return max(range(len(middles)), key=lambda at: _likeness(unit, middles[at]))


def _likeness(one: Vector, other: Vector) -> float:
    """The cosine of their angle."""
    return float(sum(map(mul, one, other)))


def _apart(one: Vector, other: Vector) -> float:
    """Half the squared distance; nothing for what differs by rounding only."""
    apart = 1.0 - _likeness(one, other)
    return apart if apart > 1e-6 else 0.0


def _unit(vector: Vector) -> Vector:
    """Its direction; a vector of zeros (words that a model does not know) has none and stays."""
    length = sqrt(sum(map(mul, vector, vector)))
    return [value / length for value in vector] if length else list(vector)

"""A Bloom filter of known keys, and its form on the link. Pure.

It says "unknown" or "probably known", and never "unknown" of a key that was added. The hash is the key itself: 128
bits that every process computes alike.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial

from rbloom import Bloom

ERROR_RATE = 0.01
SMALLEST = 20_000
# Beyond 14 million keys the filter grows no more and errs more often instead: 10 % at 28 million.
MOST_BYTES = 16 * 1024 * 1024
PART_BYTES = 1024 * 1024  # what goes into a frame: in JSON a third more
MOST_PARTS = MOST_BYTES // PART_BYTES + 1

_HEAD_BYTES = 8
_MOST_ROUNDS = 64

_hash = partial(int.from_bytes, byteorder="big", signed=True)


class NoFilter(ValueError):
    """These bytes are no filter."""


class KeyFilter:
    """A filter with room for `capacity` keys. More can be added; it then errs more often."""

    def __init__(self, capacity: int) -> None:
        self._bloom = Bloom(capacity, error_rate_for(capacity), _hash)

    def __contains__(self, key: object) -> bool:
        return key in self._bloom

    def add(self, keys: Iterable[bytes]) -> None:
        self._bloom.update(keys)

    def to_bytes(self) -> bytes:
        return bytes(self._bloom.save_bytes())

    @classmethod
    def from_bytes(cls, data: bytes) -> KeyFilter:
        """The inverse of `to_bytes`. Raises NoFilter."""
        # The library trusts its head: a round count out of bounds would keep it busy for ever.
        rounds = int.from_bytes(data[:_HEAD_BYTES], "little")
        if len(data) <= _HEAD_BYTES or not 1 <= rounds <= _MOST_ROUNDS:
            raise NoFilter(f"{len(data)} bytes, {rounds} rounds")
        loaded = cls.__new__(cls)
        loaded._bloom = Bloom.load_bytes(data, _hash)
        return loaded


def error_rate_for(capacity: int) -> float:
    """1 %, or what a filter of the largest size can do: exp(-bits / keys * ln² 2), as for every Bloom filter."""
    return max(ERROR_RATE, math.exp(-MOST_BYTES * 8 / capacity * math.log(2) ** 2))


def capacity_for(known: int) -> int:
    """Room for half as many again, so that a growing list needs a new filter seldom."""
    return max(SMALLEST, known * 3 // 2)


def parts_of(data: bytes) -> tuple[bytes, ...]:
    """A filter's bytes in pieces that fit into frames."""
    return tuple(data[start : start + PART_BYTES] for start in range(0, len(data), PART_BYTES))

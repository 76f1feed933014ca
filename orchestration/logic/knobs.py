"""Settings of a request that have no right value: tried beside each other, the better one used more. Pure.

Each value's yield is compared with what was expected of its very requests, so that a value is neither praised for
an easy part of the topic nor blamed for a provider that has run dry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt
from random import Random
from typing import Generic, TypeVar

Value = TypeVar("Value")

KEEP = 0.93
# New entries of doubt: a value is as good as expected until so many speak against it.
DOUBT = 60.0
OVERDISPERSION = 6.0
EXPLORED_SHARE = 0.08
LEAST_GAIN = 0.03
# Nothing is tried before so many requests have been made as they were asked for.
SETTLED = 4


@dataclass(slots=True)
class _Record:
    new: float = 0.0
    expected: float = 0.0


@dataclass
class Knob(Generic[Value]):
    """Some values, the first of which is in use until another proves better."""

    values: Sequence[Value]
    hopes: Sequence[float] = ()
    _records: dict[int, _Record] = field(default_factory=dict)
    _requests: int = 0

    def record(self, value: Value, new: float, expected: float) -> None:
        """A request with `value` brought `new` entries where `expected` were; an unknown value is ignored."""
        if value not in self.values:
            return
        self._requests += 1
        for record in self._records.values():
            record.new *= KEEP
            record.expected *= KEEP
        record = self._records.setdefault(self.values.index(value), _Record())
        record.new += new
        record.expected += expected

    def ratio(self, value: Value) -> float:
        """How `value` does beside what was expected; 1: as expected."""
        return self._ratio(self.values.index(value))

    def best(self) -> Value:
        """The value that does best; another than the first has to be clearly better."""
        first = self._ratio(0)
        at = max(range(len(self.values)), key=self._ratio)
        return self.values[at] if self._ratio(at) > first + LEAST_GAIN else self.values[0]

    def draw(self, rng: Random) -> Value:
        """The best value, or now and then the one that might be better still."""
        if len(self.values) < 2 or self._requests < SETTLED or rng.random() >= EXPLORED_SHARE * len(self.values):
            return self.best()
        return self.values[max(range(len(self.values)), key=self._hope)]

    def _ratio(self, at: int) -> float:
        record, hope = self._records.get(at, _Record()), self.hopes[at] if self.hopes else 1.0
        return (record.new + DOUBT * hope) / (record.expected + DOUBT)

    def _hope(self, at: int) -> float:
        record = self._records.get(at, _Record())
        return self._ratio(at) + sqrt(OVERDISPERSION / (record.expected + DOUBT))

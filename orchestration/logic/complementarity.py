"""What each provider alone contributes: the entries that only it has named, and what they cost. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Contribution:
    """A provider's part in the list. `alone`: entries that no other provider has named, which the list would lack
    without it (leave-one-out). `first`: entries that it brought; another would have brought some of them later.

    Who named an entry after it was on the list is known as far as providers repeat what they are told not to, and
    from blind probes: `alone` is an upper bound of what would be lost.
    """

    provider: str
    named: int
    alone: int
    first: int
    cost: float

    @property
    def cost_per_own_entry(self) -> float | None:
        """Cost / alone; None: the provider has no entry of its own."""
        return self.cost / self.alone if self.alone else None


@dataclass
class Contributions:
    """Kept up to date request by request: a number for each set of providers, and which set has named each entry.

    Work grows with the request alone, and memory by a dictionary's slot for each entry. To rebuild it, record the
    same requests in the same order.
    """

    _bits: dict[str, int] = field(default_factory=dict)
    _namers: dict[int, int] = field(default_factory=dict)
    _named: dict[str, int] = field(default_factory=dict)
    _alone: dict[int, int] = field(default_factory=dict)
    _first: dict[str, int] = field(default_factory=dict)
    _cost: dict[str, float] = field(default_factory=dict)

    def record(self, provider: str, new: Collection[int], repeated: Collection[int], cost: float = 0.0) -> None:
        """One request: the ids of the entries that it added, those it repeated, and what it cost.

        New entries have never been recorded before, in this request or another. A repeated entry that was never
        recorded as new (the list was continued) is nobody's first.
        """
        bit = self._bits.setdefault(provider, 1 << len(self._bits))
        self._cost[provider] = self._cost.get(provider, 0.0) + cost
        self._first[provider] = self._first.get(provider, 0) + len(new)
        self._named.setdefault(provider, 0)
        self._namers.update(dict.fromkeys(new, bit))
        self._named[provider] += len(new)
        self._alone[bit] = self._alone.get(bit, 0) + len(new)
        for entry in repeated:
            before = self._namers.get(entry, 0)
            if not before & bit:
                self._name(provider, bit, entry, before)

    def _name(self, provider: str, bit: int, entry: int, before: int) -> None:
        self._namers[entry] = before | bit
        self._named[provider] += 1
        if not before:
            self._alone[bit] = self._alone.get(bit, 0) + 1
        elif before.bit_count() == 1:
            self._alone[before] -= 1

    def of(self, provider: str) -> Contribution:
        """A provider's contribution so far; of one that was never asked, nothing."""
        return Contribution(
            provider=provider,
            named=self._named.get(provider, 0),
            alone=self._alone.get(self._bits.get(provider, 0), 0),
            first=self._first.get(provider, 0),
            cost=self._cost.get(provider, 0.0),
        )

    def by_others(self, provider: str, entries: Iterable[int]) -> tuple[int, int]:
        """How many entries of the list other providers have named, and how many of `entries` they have."""
        bit = self._bits.get(provider, 0)
        listed = len(self._namers) - self._alone.get(bit, 0)
        return listed, sum(bool(self._namers.get(entry, 0) & ~bit) for entry in entries)

    def all(self) -> Mapping[str, Contribution]:
        """Of each provider that was asked."""
        return {provider: self.of(provider) for provider in sorted(self._bits)}

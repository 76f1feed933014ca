"""When to probe blindly, and whom: each provider in use once, then now and then as it is used. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

# All first probes of providers stay within this share of all money.
SHARE_OF_ALL_MONEY = 0.12
# One that nobody has asked yet waits longer: it is as good as not in use.
SHARE_OF_ALL_MONEY_UNASKED = 0.03
# A provider's later ones stay within such shares of its own money and requests: so no cheap one is probed instead.
SHARE_OF_OWN_MONEY, SHARE_OF_OWN_REQUESTS = 0.08, 0.1


@dataclass
class Tally:
    """One provider's requests and probes. `paid`: USD for probes on purpose; `asked`: those that are under way."""

    requests: int = 0
    spent: float = 0.0
    probes: int = 0
    paid_first: float = 0.0
    paid_later: float = 0.0
    asked: int = 0

    @property
    def probed(self) -> int:
        return self.probes + self.asked

    def cost_of_one(self, usual: float) -> float:
        """What a probe will cost: no more than its requests did on average, be they longer or shorter."""
        return min(usual, self.spent / self.requests) if self.requests else usual


@dataclass
class Probing:
    """The probes so far."""

    tallies: dict[str, Tally] = field(default_factory=dict)

    def record(self, provider: str, cost: float, *, probe: bool, deliberate: bool) -> None:
        """Take in a request; one that happened to be blind is a probe that cost nothing extra."""
        tally = self._of(provider)
        tally.requests += 1
        tally.spent += cost
        if deliberate:
            tally.asked = max(tally.asked - 1, 0)
            tally.paid_first += 0.0 if tally.probes else cost
            tally.paid_later += cost if tally.probes else 0.0
        tally.probes += probe

    def choose(self, costs: Mapping[str, float], out: Collection[str] = ()) -> str | None:
        """The provider to probe now, the least probed for its use; None: not now.

        `costs`: what a probe of each provider would cost, in USD.
        """
        if not any(tally.requests for tally in self.tallies.values()):
            return None
        due = [name for name in costs if name not in out and self._is_due(name, costs)]
        if not due:
            return None
        chosen = min(due, key=lambda name: (self._of(name).probed / max(self._of(name).requests, 1), costs[name]))
        self._of(chosen).asked += 1
        return chosen

    def forget(self, provider: str) -> None:
        """A probe that was asked for will not come."""
        self._of(provider).asked = max(self._of(provider).asked - 1, 0)

    def _of(self, provider: str) -> Tally:
        return self.tallies.setdefault(provider, Tally())

    def _is_due(self, name: str, costs: Mapping[str, float]) -> bool:
        tally = self._of(name)
        if tally.asked:
            return False
        cost = tally.cost_of_one(costs[name])
        if tally.probes:
            seldom = tally.probes < SHARE_OF_OWN_REQUESTS * tally.requests
            return seldom and tally.paid_later + cost <= SHARE_OF_OWN_MONEY * tally.spent
        share = SHARE_OF_ALL_MONEY if tally.requests else SHARE_OF_ALL_MONEY_UNASKED
        return self._paid_first(costs) + cost <= share * sum(each.spent for each in self.tallies.values())

    def _paid_first(self, costs: Mapping[str, float]) -> float:
        """With those that are under way."""
        return sum(
            tally.paid_first + (costs.get(name, 0.0) if tally.asked and not tally.probes else 0.0)
            for name, tally in self.tallies.items()
        )

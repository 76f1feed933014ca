"""When to probe blindly, and whom: evenly among the providers, as far as a small share of the money goes. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

# Of all requests and of all money so much is for probes, at the most.
SHARE_OF_REQUESTS, SHARE_OF_MONEY = 0.08, 0.06


@dataclass
class Probing:
    """The probes so far. `asked`: those that are under way, by provider."""

    requests: int = 0
    spent: float = 0.0
    spent_on_probes: float = 0.0
    probes: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)

    def record(self, provider: str, cost: float, *, probe: bool, deliberate: bool) -> None:
        """Take in a request; one that happened to be blind is a probe that cost nothing extra."""
        self.requests += 1
        self.spent += cost
        if probe:
            self.probes[provider] += 1
        if deliberate:
            self.spent_on_probes += cost
            self.asked[provider] = max(self.asked[provider] - 1, 0)

    def choose(self, costs: Mapping[str, float], out: Collection[str] = ()) -> str | None:
        """The provider to probe now, the least probed that can be paid for; None: not now.

        `costs`: what a probe of each provider would cost, in USD.
        """
        under_way = sum(self.asked.values())
        if self.probes.total() + under_way >= SHARE_OF_REQUESTS * self.requests:
            return None
        free = (
            SHARE_OF_MONEY * self.spent
            - self.spent_on_probes
            - sum(costs.get(name, 0.0) * count for name, count in self.asked.items())
        )
        payable = [name for name, cost in costs.items() if name not in out and cost <= free]
        if not payable:
            return None
        provider = min(payable, key=lambda name: (self.probes[name] + self.asked[name], costs[name]))
        self.asked[provider] += 1
        return provider

    def forget(self, provider: str) -> None:
        """A probe that was asked for will not come."""
        self.asked[provider] = max(self.asked[provider] - 1, 0)

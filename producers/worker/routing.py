"""Which provider gets the next request. Pure: the state of the providers and a random number decide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """What a routing decides from.

    `usable` are the providers that may be asked now, in a stable order; `weights` belong to all providers;
    `last` is the provider asked before (None at first), `draw` a uniform random number in [0, 1).
    """

    usable: Sequence[str]
    weights: Mapping[str, float]
    last: str | None
    draw: float


def weighted(choice: Choice) -> str:
    """Each provider in proportion to its weight; equally where all weights are zero."""
    shares = [choice.weights.get(name, 0.0) for name in choice.usable]
    if sum(shares) <= 0:
        shares = [1.0] * len(choice.usable)
    mark = choice.draw * sum(shares)
    for name, share in zip(choice.usable, shares, strict=True):
        mark -= share
        if mark < 0:
            return name
    return choice.usable[-1]


def priority(choice: Choice) -> str:
    """The usable provider of the highest weight; the earlier of equals."""
    return max(choice.usable, key=lambda name: choice.weights.get(name, 0.0))


def round_robin(choice: Choice) -> str:
    """The one after the last, in the order of all providers, skipping those that cannot be asked now."""
    order = list(choice.weights)
    start = order.index(choice.last) + 1 if choice.last in order else 0
    for name in [*order[start:], *order[:start]]:
        if name in choice.usable:
            return name
    return choice.usable[0]


def backoff(choice: Choice) -> str:
    """The last one as long as it can be asked, else as `priority` says."""
    if choice.last is not None and choice.last in choice.usable:
        return choice.last
    return priority(choice)


ROUTINGS: Mapping[str, Callable[[Choice], str]] = {
    "weighted": weighted,
    "priority": priority,
    "round_robin": round_robin,
    "backoff": backoff,
}


# These wait for the provider of their choice while it is only busy, and move on when it fails.
PATIENT = frozenset({"priority", "backoff"})


def wanted(names: Iterable[str], weights: Mapping[str, float]) -> list[str]:
    """Those of the providers that are asked at all. A weight of zero means: never.

    Zero weights count only while another provider has a positive one: with nothing else, they are asked.
    """
    any_positive = any(weight > 0 for weight in weights.values())
    return [name for name in names if not any_positive or weights.get(name, 0.0) > 0]


def choose(routing: str, choice: Choice) -> str | None:
    """The provider to ask next, or None when none of those that are wanted may be asked now."""
    usable = wanted(choice.usable, choice.weights)
    if not usable:
        return None
    return ROUTINGS[routing](Choice(usable, choice.weights, choice.last, choice.draw))

"""What passes between a policy and the models it asks: values only, none of which leads to the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

Style = Literal["plain", "lesser-known", "anchors", "language", "verbalized"]
STYLES: tuple[Style, ...] = ("plain", "lesser-known", "anchors", "language", "verbalized")


@dataclass(frozen=True, slots=True)
class Letters:
    """Names by their beginnings: ranges of one to three small letters, ends included ("s" to "sm" ends with smz).

    A name's beginning is what `producers.providers.worlds.initial` says. `digits`: names that begin with a
    digit; `other`: with anything else that is no Latin letter.
    """

    ranges: tuple[tuple[str, str], ...] = ()
    digits: bool = False
    other: bool = False

    def admits(self, initial: str, kind: str) -> bool:
        """Whether a name with this beginning ("" where it is no Latin letter) and `kind` is among them."""
        if kind == "digit":
            return self.digits
        if kind == "other":
            return self.other
        return any(low <= initial[: len(low)] and initial[: len(high)] <= high for low, high in self.ranges)


@dataclass(frozen=True, slots=True)
class Category:
    """A part of the topic by its name."""

    name: str


Partition = Letters | Category


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: `count` entries from `provider`, but none of `exclusions`. A `probe` is blind: neither part nor
    exclusions; the flag changes nothing, it is for the policy's own books."""

    provider: str
    count: int
    partition: Partition | None = None
    exclusions: tuple[str, ...] = ()
    style: Style = "plain"
    temperature: float | None = None
    probe: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """What a request brought: `new` were in no earlier answer, `repeats` were (or came twice in this one).

    `new` includes what is off topic, as a real list would: nothing tells the policy. Cost is USD, `seconds` the
    time the request took, `now` the simulated seconds since the run began. Failed: an error (no texts, no cost),
    or an answer that was cut (half the texts, half the cost).
    """

    ask: Ask
    new: tuple[str, ...]
    repeats: tuple[str, ...]
    tokens_in: int
    tokens_out: int
    cost: float
    seconds: float
    failed: bool
    now: float


@dataclass(frozen=True, slots=True)
class Division:
    """The categories that a model named when it was asked to divide the topic, and what that cost in USD."""

    names: tuple[str, ...]
    cost: float


@dataclass(frozen=True, slots=True)
class Offer:
    """A provider and its price in USD per million tokens."""

    name: str
    price_in: float
    price_out: float


@dataclass(frozen=True, slots=True)
class Briefing:
    """All that a policy gets to know beforehand.

    `price_limit`: what the next 100 entries may cost in USD; above it the policy should stop (None: go on).
    `categories` asks a provider for a division of the topic, which is paid at once.
    """

    topic: str
    offers: tuple[Offer, ...]
    seed: int
    categories: Callable[[str], Division]
    price_limit: float | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the ends of its 90 % interval."""

    estimate: float
    low: float
    high: float

    def contains(self, truth: float) -> bool:
        return self.low <= truth <= self.high


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a policy believes to have found of what `providers` know, as shares; None: it does not say.

    `mass`: the share of a blind answer of 60 entries (one of them drawn evenly) that is found already; `items`: the
    share of all entries that at least one of them knows. It speaks of no other provider.
    """

    mass: Interval | None = None
    items: Interval | None = None
    providers: tuple[str, ...] = ()


class Policy(Protocol):
    """A way to spend money on requests."""

    name: str

    def next(self, now: float) -> Ask | None:
        """The next request, or None: it has decided to stop."""

    def learn(self, answered: Answered) -> None:
        """Take in an answer. It comes after the requests that were made meanwhile."""


class Estimating(Policy, Protocol):
    """A policy that also says how much it believes to have found."""

    def coverage(self) -> Coverage | None:
        """Its belief now; None: nothing to say yet."""

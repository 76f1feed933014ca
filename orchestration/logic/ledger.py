"""Money: what is spent, what is reserved for requests under way, and what is still free. Pure.

Before a request its worst cost is reserved on every account that it touches; afterwards the reservation is settled
by what the request really cost. As long as no request costs more than its worst, `spent` never passes a cap,
whatever runs in parallel.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from orchestration.logic.pricing import MILLION, Rates
from orchestration.logic.token_size import EntrySize

WARN_AT = Decimal("0.8")
# The latter is the most that many models can write at all.
LEAST_BOUND, HIGHEST_BOUND = 2_048, 16_000
# An answer that may not even have so many tokens, or so many entries where their size is known, is not worth its
# question.
LEAST_TOKENS, LEAST_ENTRIES = 200, 5


@dataclass
class Account:
    """Money under one cap, in USD; `limit` None: no cap. What was lost with a crash is spent."""

    limit: Decimal | None = None
    spent: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)

    @property
    def free(self) -> Decimal | None:
        return None if self.limit is None else self.limit - self.spent - self.reserved

    @property
    def left(self) -> Decimal | None:
        """What would be free if every request under way cost nothing."""
        return None if self.limit is None else self.limit - self.spent

    @property
    def nearly_spent(self) -> bool:
        return self.limit is not None and self.spent >= self.limit * WARN_AT


class Overspent(ValueError):
    """A reservation is higher than what is free."""


@dataclass
class Ledger:
    """Accounts by name, and the reservations on them by request."""

    accounts: dict[Hashable, Account] = field(default_factory=dict)
    _reservations: dict[Hashable, tuple[tuple[Hashable, ...], Decimal]] = field(default_factory=dict)

    def free(self, names: Iterable[Hashable]) -> Decimal | None:
        """The least that is free on any of the accounts; None: none of them has a cap."""
        return _least(self.accounts[name].free for name in names)

    def left(self, names: Iterable[Hashable]) -> Decimal | None:
        return _least(self.accounts[name].left for name in names)

    def reserve(self, request: Hashable, names: Collection[Hashable], worst: Decimal) -> None:
        """Set `worst` aside on each account. Raises Overspent, and then changes nothing."""
        free = self.free(names)
        if request in self._reservations or (free is not None and worst > free):
            raise Overspent(f"{worst} USD for {request!r}, {free} free")
        self._reservations[request] = (tuple(names), worst)
        for name in names:
            self.accounts[name].reserved += worst

    def settle(self, request: Hashable, cost: Decimal, names: Collection[Hashable] = ()) -> None:
        """The request is over and cost so much; `names` are its accounts where nothing was reserved."""
        names, worst = self._reservations.pop(request, (tuple(names), Decimal(0)))
        for name in names:
            if account := self.accounts.get(name):
                account.reserved -= worst
                account.spent += cost

    def lose(self, request: Hashable) -> Decimal:
        """Nobody will hear of the request: its worst is spent. Returns that worst."""
        worst = self._reservations.get(request, ((), Decimal(0)))[1]
        self.settle(request, worst)
        return worst

    def begin_day(self, names: Iterable[Hashable]) -> None:
        """Midnight on these accounts: nothing is spent yet; what is under way will be paid from the new day."""
        for name in names:
            self.accounts[name].spent = Decimal(0)


def rest_of(worst: Decimal, cost: Decimal) -> Decimal:
    """What a request may have cost beyond `cost`, where nobody says what it did cost."""
    return max(worst - cost, Decimal(0))


@dataclass(frozen=True, slots=True)
class Room:
    """What an answer may take: tokens for each entry, and never fewer than `least` in all where money allows it.

    An entry takes 3 to 12 tokens; the rest is for lists with comments, and for scripts that take more.
    """

    entry_tokens: int = 40
    least: int = LEAST_BOUND

    @property
    def smallest(self) -> int:
        """The tokens of the smallest answer that is worth its question."""
        return min(LEAST_TOKENS, LEAST_ENTRIES * self.entry_tokens)


ROOM = Room()
# With sizes that were learnt: of the provider itself, and of others where it has never answered.
LEAST_LEARNT, LEAST_GUESSED, GUESSED_TIMES = 300, 600, 2


def rooms(provider_id: int, sizes: Mapping[int, EntrySize]) -> tuple[Room, Room | None]:
    """What an answer of the provider may take, by what each one's entries took; and what less should do where money
    is short: what its own took as a rule, or, where that is not known, what the longest of the others took, and as
    much again."""
    learnt = {each: size.most_tokens for each, size in sizes.items()}
    if (own := learnt.get(provider_id)) is not None:
        usual = sizes[provider_id].usual_tokens or own
        room, tight = (Room(min(each, ROOM.entry_tokens), LEAST_LEARNT) for each in (own, usual))
        return room, replace(tight, least=tight.smallest)
    others = [tokens for tokens in learnt.values() if tokens is not None]
    if not others:
        return ROOM, None
    return ROOM, Room(min(GUESSED_TIMES * max(others), ROOM.entry_tokens), LEAST_GUESSED)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a request may be: how many entries to ask for, the most tokens of the answer (None: no bound), its worst
    cost in USD."""

    request_size: int
    max_tokens_out: int | None
    worst: Decimal


def affordable(
    rates: Rates | None,
    tokens_in: int,
    request_size: int,
    free: Decimal | None,
    thinking: int = 0,
    room: Room = ROOM,
) -> Terms | None:
    """The terms for a request with so much money free; None: it cannot be paid for.

    `tokens_in` is the most that the question can have, `thinking` what the model needs beside its entries. Where
    money is short a smaller answer is asked for, down to the smallest that is worth it.
    """
    if free is None:
        return Terms(request_size, None, Decimal(0))
    if rates is None:
        return None
    most = min(max(room.least, room.entry_tokens * request_size), HIGHEST_BOUND) + thinking
    if not rates.tokens_in and not rates.tokens_out:
        return Terms(request_size, most, Decimal(0))
    asking = rates.tokens_in * tokens_in / MILLION
    if rates.tokens_out * most / MILLION + asking <= free:
        return Terms(request_size, most, asking + rates.tokens_out * most / MILLION)
    tokens = int(max(free - asking, Decimal(0)) * MILLION / rates.tokens_out) if rates.tokens_out else 0
    if tokens < room.smallest + thinking:
        return None
    size = min(request_size, (tokens - thinking) // room.entry_tokens)
    return Terms(size, tokens, asking + rates.tokens_out * tokens / MILLION)


def _least(amounts: Iterable[Decimal | None]) -> Decimal | None:
    return min((amount for amount in amounts if amount is not None), default=None)

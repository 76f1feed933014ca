"""The caps that a request comes under: of its run, of its provider for a day, of the installation for a day. Pure."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from orchestration.logic.ledger import ROOM, Account, Ledger, Room, Terms, affordable
from orchestration.logic.pricing import MILLION, Rates
from orchestration.logic.trimming import Purse

INSTALLATION = "installation"
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Demand:
    """What a request wants: tokens of the question at most, entries, and tokens to think with.

    `room`: what its answer may take. `tight`: with what less it should do before it is not made at all.
    """

    tokens_in: int
    request_size: int
    thinking: int = 0
    room: Room = ROOM
    tight: Room | None = None

    def purse(self, rates: Rates, left: Decimal, bytes_per_token: float) -> Purse:
        """What is left, and what the parts of such requests cost."""
        token_in, token_out = (float(rate / MILLION) for rate in (rates.tokens_in, rates.tokens_out))
        room = self.tight or self.room
        return Purse(
            float(left), token_in / bytes_per_token, token_out * room.entry_tokens, token_out * self.thinking
        )

    def affordable(self, rates: Rates | None, free: Decimal | None) -> Terms | None:
        asked = rates, self.tokens_in, self.request_size, free, self.thinking
        terms = affordable(*asked, self.room)
        if self.tight is None or (terms is not None and terms.request_size >= self.request_size):
            return terms
        return affordable(*asked, self.tight) or terms


class Caps:
    """Runs and providers by their ids, each with an account; `daily_cap` is the installation's, None: no cap.

    Simulated money is none: it counts under the caps of a run and of a provider, not of the installation.
    """

    def __init__(self, daily_cap: Decimal | None) -> None:
        self._ledger = Ledger({INSTALLATION: Account(daily_cap)})
        self._simulated: set[int] = set()
        self._lost: dict[int, Decimal] = {}

    def load(self, by_provider: Mapping[int, Decimal], real: Decimal) -> None:
        """What was spent today before; `real`: without simulated money."""
        for provider_id, amount in by_provider.items():
            self._account(_provider(provider_id)).spent = amount
        self._account(INSTALLATION).spent = real

    def open_run(self, run_id: int, cap: Decimal | None, cost: Decimal, lost: Decimal) -> None:
        """A run begins or goes on, having cost and lost so much."""
        account = self._account(_run(run_id))
        account.limit, account.spent = cap, cost + lost
        self._lost[run_id] = lost

    def open_provider(self, provider_id: int, cap: Decimal | None, *, simulated: bool) -> None:
        self.limit_provider(provider_id, cap)
        if simulated:
            self._simulated.add(provider_id)

    def limit_run(self, run_id: int, cap: Decimal | None) -> None:
        """The run under way has this cap from now on."""
        self._account(_run(run_id)).limit = cap

    def limit_provider(self, provider_id: int, cap: Decimal | None) -> None:
        """The provider has this cap from now on."""
        self._account(_provider(provider_id)).limit = cap

    def begin_day(self) -> None:
        """Midnight: what is spent under the caps of a day counts no more."""
        self._ledger.begin_day([name for name in self._ledger.accounts if not _is_run(name)])

    def hold(self, run_id: int, provider_id: int) -> bool:
        """Whether a request comes under any cap."""
        return self.left(run_id, provider_id) is not None

    def terms_now(self, run_id: int, provider_id: int, rates: Rates | None, demand: Demand) -> Terms | None:
        """The terms for a request with what is free now; None: it cannot be paid for."""
        return demand.affordable(rates, self._ledger.free(self._names(run_id, provider_id)))

    def terms_later(self, run_id: int, provider_id: int, rates: Rates | None, demand: Demand) -> Terms | None:
        """The same if all that is set aside came back."""
        return demand.affordable(rates, self.left(run_id, provider_id))

    def left(self, run_id: int, provider_id: int) -> Decimal | None:
        """What is left for a request if all that is set aside came back; None: no cap holds."""
        return self._ledger.left(self._names(run_id, provider_id))

    def reserve(self, request: Hashable, run_id: int, provider_id: int, worst: Decimal) -> None:
        self._ledger.reserve(request, self._names(run_id, provider_id), worst)

    def settle(
        self, request: Hashable, run_id: int, provider_id: int, cost: Decimal, lost: Decimal = NOTHING
    ) -> None:
        """The request is over and cost so much; `lost`: and perhaps so much more, which nobody says."""
        self._ledger.settle(request, cost + lost, self._names(run_id, provider_id))
        self._lost[run_id] = self.lost(run_id) + lost

    def give_back(self, request: Hashable) -> None:
        """The request was not made."""
        self._ledger.settle(request, NOTHING)

    def lose(self, request: Hashable, run_id: int) -> None:
        """Nobody will hear of the request: its worst is spent."""
        self._lost[run_id] = self.lost(run_id) + self._ledger.lose(request)

    def lost(self, run_id: int) -> Decimal:
        """What a run's requests may have cost that nobody knows of."""
        return self._lost.get(run_id, NOTHING)

    def shortage(self, run_id: int, provider_id: int) -> str:
        """Under which cap the least is left, and how much."""
        left = {
            name: amount
            for name in self._names(run_id, provider_id)
            if (amount := self._account(name).left) is not None
        }
        name = min(left, key=lambda name: left[name])
        return f"of {self._in_words(name)} {max(left[name], NOTHING):.4f} USD are left"

    def warning(self, run_id: int, provider_ids: Collection[int]) -> str:
        """A sentence when four fifths under a cap of the run are spent, or nothing."""
        names = dict.fromkeys(name for each in provider_ids for name in self._names(run_id, each))
        near = (name for name in names if self._account(name).nearly_spent)
        return "; ".join(f"{self._in_words(name)} is spent to four fifths" for name in near)[:300]

    def _names(self, run_id: int, provider_id: int) -> tuple[Hashable, ...]:
        own = (_run(run_id), _provider(provider_id))
        return own if provider_id in self._simulated else (*own, INSTALLATION)

    def _account(self, name: Hashable) -> Account:
        return self._ledger.accounts.setdefault(name, Account())

    def _in_words(self, name: Hashable) -> str:
        limit = self._account(name).limit
        amount = f"{limit.normalize():f} USD" if limit is not None else ""
        if name == INSTALLATION:
            return f"the installation's cap of {amount} a day"
        return f"the budget of {amount}" if _is_run(name) else f"a provider's cap of {amount} a day"


def _run(run_id: int) -> Hashable:
    return ("run", run_id)


def _is_run(name: Hashable) -> bool:
    return isinstance(name, tuple) and name[0] == "run"


def _provider(provider_id: int) -> Hashable:
    return ("provider", provider_id)

"""Permits: where the asks of all producers meet the health, the limits and the money of their providers.

Decisions are `logic.gate` and `logic.caps`; here they are asked, answered and made durable. A reservation is in the
database before its permit goes out, so that a crash cannot make spent money look free.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from orchestration.arrivals import Committed
from orchestration.logic.caps import Caps, Demand
from orchestration.logic.finishing import Missing, UnderWay, missing
from orchestration.logic.gate import Gate, GateLimits
from orchestration.logic.ledger import Terms, rooms
from orchestration.logic.token_size import EntrySize, TokenSize
from orchestration.logic.trimming import Purse
from orchestration.opening import OpenedProvider, OpenedRun
from orchestration.present_limits import ProviderLimits, limits_of
from orchestration.runtime.database import Database
from orchestration.runtime.health import Health, health_of, how_it_ended
from orchestration.runtime.link_server import Port
from orchestration.runtime.shortening import Shortening
from orchestration.spending import Pair, Reserved, Spending
from orchestration.store import Store
from producers.link.messages import FRAME_BYTES, Ask, GenerationMetadata, Permit, Refusal

MONEY_SECONDS = 0.5
DISABLED_SECONDS = 2.0
# For limits per minute only, before the usage is known.
BYTES_PER_TOKEN, TOKENS_PER_ENTRY = 4, 8
PAUSED_SECONDS = 1.0
PAUSED = "the topic is paused"
DISABLED = "disabled in the portal"
UNPRICED = "its price is unknown while a cap holds: state its rates"
# Refusals that concern the key, the account or the model, and so every run.
OF_THE_ACCOUNT = frozenset({"key_rejected", "payment_required", "model_unknown", "quota_exhausted"})
Key = Pair


@dataclass
class Permitted:
    """A request that may be made and has not been heard of yet."""

    key: Key
    reserved: Reserved
    permit: Permit
    port: Port
    bytes_in: int
    durable: bool
    granted_at: float
    sent: bool = False


class Permits:
    """Answers asks. All runs share it, as they share the vendors' accounts."""

    def __init__(self, database: Database, store: Store, daily_cap: Decimal | None) -> None:
        self._database = database
        self._store = store
        self._caps = Caps(daily_cap)
        self._gates: dict[int, Gate] = {}
        self._token_sizes: dict[int, TokenSize] = defaultdict(TokenSize)
        self._entry_sizes: dict[int, EntrySize] = defaultdict(EntrySize)
        self._thinking: dict[int, int] = {}
        self._permitted: dict[Key, Permitted] = {}
        # By run and provider: the size of an ask that could not be paid for, and why one is of no use to the run.
        self._too_dear: dict[tuple[int, int], int] = {}
        self._unusable: dict[tuple[int, int], str] = {}
        self._shortening = Shortening()
        # By run: the slowest answer so far, in seconds.
        self._slowest: dict[int, float] = {}
        self.disabled: frozenset[int] = frozenset()
        self._paused: set[int] = set()
        # What is due to be written; at most as many as requests may be under way.
        self._to_reserve: list[Permitted] = []
        self._to_lose: list[Key] = []
        self._to_release: list[Key] = []
        self._due = asyncio.Event()
        self._writing = asyncio.Lock()
        self._day = timezone.now().date()

    def pause(self, run_id: int) -> None:
        """The run asks nothing new until `go_on`; what is permitted already is asked."""
        self._paused.add(run_id)

    def go_on(self, run_id: int) -> None:
        self._paused.discard(run_id)

    def healths(self) -> list[Health]:
        """How the providers are that were asked for."""
        return [health_of(provider_id, gate) for provider_id, gate in self._gates.items()]

    def load(self, spending: Spending) -> None:
        """What was spent today, before this engine."""
        self._day = spending.day
        self._caps.load(spending.by_provider, spending.real)

    def open(self, opened: OpenedRun) -> None:
        """A run begins or goes on."""
        cost = opened.statistics.total.cost_usd
        self._caps.open_run(opened.run_id, opened.limits.budget_usd, cost, opened.lost_usd)
        for provider in opened.providers.values():
            row = provider.row
            limits = limits_of(row)
            self._caps.open_provider(row.pk, limits.daily_cap_usd, simulated=row.is_simulated)
            self._gates.setdefault(row.pk, Gate()).reopen(_gate_limits(limits))
            self._thinking[row.pk] = limits.thinking_tokens or 0
        self.disabled -= {provider.row.pk for provider in opened.providers.values()}

    def limit(self, providers: Mapping[int, ProviderLimits]) -> None:
        """These limits hold for the providers from the next request on."""
        for provider_id, limits in providers.items():
            self._caps.limit_provider(provider_id, limits.daily_cap_usd)
            self._thinking[provider_id] = limits.thinking_tokens or 0
            if gate := self._gates.get(provider_id):
                gate.relimit(_gate_limits(limits))

    def limit_run(self, run_id: int, budget: Decimal | None) -> None:
        """A run has this budget from its next request on."""
        self._caps.limit_run(run_id, budget)

    async def close(self, opened: OpenedRun) -> None:
        """A run is over: what was permitted and not heard of is lost."""
        for row in opened.producers:
            self.write_off(row.pk, ())
        self._shortening.forget(opened)
        await self._write()
        self.go_on(opened.run_id)
        self._slowest.pop(opened.run_id, None)
        self._too_dear = {key: size for key, size in self._too_dear.items() if key[0] != opened.run_id}
        self._unusable = {key: reason for key, reason in self._unusable.items() if key[0] != opened.run_id}

    async def run(self) -> None:
        """Write for ever what is due: reservations, whose permits go out afterwards, and what became of them."""
        while True:
            await self._due.wait()
            self._due.clear()
            await self._write()

    async def _write(self) -> None:
        async with self._writing:  # so that who returns from here knows that everything before is written
            granted, self._to_reserve = self._to_reserve, []
            lost, self._to_lose = self._to_lose, []
            released, self._to_release = self._to_release, []
            if granted:
                await self._database.persist(self._store.reserve, [each.reserved for each in granted])
            for each in granted:
                if self._permitted.get(each.key) is each:  # its producer may have died meanwhile
                    self._send(each)
            if lost:
                await self._database.persist(self._store.lose, lost)
            if released:
                await self._database.persist(self._store.release, released)

    def ask(self, opened: OpenedRun, producer_id: int, port: Port, ask: Ask) -> None:
        """Permit the request or refuse it; asked again after a reconnect, say the same again."""
        self._watch_the_date()
        key = producer_id, ask.ask_id
        if key in self._permitted:
            permitted = self._permitted[key]
            permitted.port = port
            if permitted.sent:
                self._send(permitted)
            return
        provider = opened.providers.get(ask.provider)
        if provider is None:
            port.post(Refusal(ask_id=ask.ask_id, provider=ask.provider, seconds=None, reason="not of this run"))
            return
        decided = self._decided(opened, provider, producer_id, ask)
        if isinstance(decided, Refusal):
            port.post(decided)
        else:
            self._grant(opened, provider, key, port, ask, decided)

    def _decided(self, opened: OpenedRun, provider: OpenedProvider, producer_id: int, ask: Ask) -> Terms | Refusal:
        run_id, provider_id, rates = opened.run_id, provider.row.pk, provider.rates
        if run_id in self._paused:
            # Busy, so that a producer that stays with one provider does not go to another.
            return _refused(ask, PAUSED_SECONDS, PAUSED, busy=True)
        if reason := self._why_out(opened, provider):
            return _refused(ask, DISABLED_SECONDS if reason == DISABLED else None, reason)
        wait = self._gates[provider_id].wait(time.monotonic(), _about(ask))
        if wait is not None:
            return _refused(ask, wait.seconds, wait.reason, busy=wait.busy)
        lacking = self._lacking(opened)
        if lacking.nothing:
            return _refused(ask, MONEY_SECONDS, "what is under way should be enough for the target")
        demand = self._demand(provider_id, ask.bytes_in, lacking.size(ask.request_size))
        now = self._caps.terms_now(run_id, provider_id, rates, demand)
        later = self._caps.terms_later(run_id, provider_id, rates, demand)
        is_cut = later is None or later.request_size < demand.request_size
        purse = self._purse(opened, provider, demand) if is_cut else None
        if is_cut and self._shortening.shortens(opened, provider, producer_id, ask, purse):
            return _refused(ask, MONEY_SECONDS, "what is left under a cap pays for a shorter question")
        if now is not None and later is not None and now.request_size >= later.request_size:
            return now
        if later is None:
            self._too_dear[run_id, provider_id] = ask.bytes_in
        # Small answers are for the end: what is only set aside comes back in a moment, most of it.
        return _refused(ask, MONEY_SECONDS, "what is left under a cap does not pay for another request just now")

    def _purse(self, opened: OpenedRun, provider: OpenedProvider, demand: Demand) -> Purse | None:
        left = self._caps.left(opened.run_id, provider.row.pk)
        if left is None or provider.rates is None:
            return None
        return demand.purse(provider.rates, left, self._token_sizes[provider.row.pk].bytes_per_token)

    def under_way(self, run_id: int) -> int:
        """How many requests of the run are permitted and not heard of, or not committed."""
        return sum(each.reserved.run_id == run_id for each in self._permitted.values())

    def _lacking(self, opened: OpenedRun) -> Missing:
        """What the run's list lacks for its target when what is under way has come."""
        if (target := opened.limits.target) is None:
            return Missing(None)
        now = time.monotonic()
        mine = (each for each in self._permitted.values() if each.reserved.run_id == opened.run_id)
        under_way = [UnderWay(each.permit.request_size, now - each.granted_at) for each in mine]
        lately, slowest = opened.statistics.recent(now), self._slowest.get(opened.run_id)
        return missing(target, opened.keys.entries, under_way, lately, slowest)

    def _demand(self, provider_id: int, bytes_in: int, request_size: int) -> Demand:
        tokens_in = self._token_sizes[provider_id].most_tokens(bytes_in - FRAME_BYTES, FRAME_BYTES)
        room, tight = rooms(provider_id, self._entry_sizes)
        return Demand(tokens_in, request_size, self._thinking[provider_id], room, tight)

    def _grant(
        self, opened: OpenedRun, provider: OpenedProvider, key: Key, port: Port, ask: Ask, terms: Terms
    ) -> None:
        reserved = Reserved(
            ask_id=ask.ask_id,
            run_id=opened.run_id,
            producer_id=key[0],
            provider_id=provider.row.pk,
            worst_usd=terms.worst,
            made_at=timezone.now(),
        )
        permit = Permit(ask_id=ask.ask_id, request_size=terms.request_size, max_tokens_out=terms.max_tokens_out)
        durable = self._caps.hold(opened.run_id, provider.row.pk)
        self._permitted[key] = permitted = Permitted(
            key, reserved, permit, port, ask.bytes_in, durable, granted_at=time.monotonic()
        )
        self._gates[provider.row.pk].begin(permitted.granted_at, _about(ask))
        if not durable:
            self._send(permitted)
            return
        self._caps.reserve(key, opened.run_id, provider.row.pk, terms.worst)
        self._to_reserve.append(permitted)
        self._due.set()

    def ended(self, producer_id: int, run_id: int, provider_id: int, metadata: GenerationMetadata) -> None:
        """An answer has arrived, well or badly; what it cost is settled when it is committed."""
        permitted = self._permitted.get((producer_id, metadata.ask_id))
        if permitted is None:
            return
        how, reason = how_it_ended(metadata)
        if how == "refused" and metadata.error_kind not in OF_THE_ACCOUNT:
            # It may be this topic's prompt or this run's settings; others may have more luck.
            self._unusable[run_id, provider_id] = reason
            how = "unknown"
        self._gates[provider_id].end(
            time.monotonic(), how, begun=permitted.granted_at, retry_after=metadata.retry_after, reason=reason
        )

    def unusable(self, opened: OpenedRun, name: str, reason: str) -> None:
        """A producer cannot even begin to ask this provider."""
        if provider := opened.providers.get(name):
            self._unusable[opened.run_id, provider.row.pk] = reason
            # For people, too, and when the run is over: it is not ready, although it has refused nothing.
            self._gates[provider.row.pk].out = reason

    def settle(self, committed: Committed) -> None:
        """A request is committed: its real cost takes the place of its worst."""
        self._watch_the_date()
        arrival = committed.arrival
        metadata = arrival.batch.metadata
        key = arrival.producer_id, metadata.ask_id
        known = self._permitted.pop(key, None)
        if metadata.outcome == "complete":
            slowest = self._slowest.get(arrival.run_id, 0.0)
            self._slowest[arrival.run_id] = max(slowest, metadata.response_time_ms / 1000)
        if known is not None and known.durable and committed.resent:
            self._release(key)  # nothing was stored, and so nothing released, with it
        if known is not None and not metadata.tokens_estimated:
            self._token_sizes[arrival.provider_id].learn(known.bytes_in - FRAME_BYTES, metadata.tokens_in)
            named = len(arrival.keyed) + arrival.keyed.rejected + metadata.rejected
            self._entry_sizes[arrival.provider_id].learn(metadata.tokens_out, named)
        if known is not None or not committed.resent:
            cost, lost = arrival.cost_usd or Decimal(0), Decimal(0) if committed.resent else arrival.lost_usd
            self._caps.settle(key, arrival.run_id, arrival.provider_id, cost, lost)

    def _release(self, key: Key) -> None:
        self._to_release.append(key)
        self._due.set()

    def unused(self, producer_id: int, ask_id: str) -> None:
        """A permit came too late; nothing was asked."""
        if permitted := self._permitted.pop((producer_id, ask_id), None):
            self._gates[permitted.reserved.provider_id].end(time.monotonic(), "unknown", begun=permitted.granted_at)
            self._give_back(permitted)

    def _give_back(self, permitted: Permitted) -> None:
        self._caps.give_back(permitted.key)
        if permitted.durable:
            self._release(permitted.key)

    def write_off(self, producer_id: int, arrived: Collection[str]) -> None:
        """The producer died: of its requests, those whose answers have not arrived are lost."""
        for key in [key for key in self._permitted if key[0] == producer_id and key[1] not in arrived]:
            self._lose(key)

    def broke(self, opened: OpenedRun) -> dict[str, str]:
        """The providers to which no request can be paid for any more, also not when all has been settled; and why."""
        self._watch_the_date()
        run_id, found = opened.run_id, {}
        for name, provider in opened.providers.items():
            provider_id = provider.row.pk
            bytes_in = self._too_dear.get((run_id, provider_id))
            if bytes_in is None:
                continue
            demand = self._demand(provider_id, bytes_in, opened.topic.request_size)
            if self._caps.terms_later(run_id, provider_id, provider.rates, demand) is None:
                found[name] = self._caps.shortage(run_id, provider_id)
        return found

    def out(self, opened: OpenedRun) -> dict[str, str]:
        """The providers that the run does not ask any more, and why."""
        reasons = {name: self._why_out(opened, provider) for name, provider in opened.providers.items()}
        return {name: reason for name, reason in reasons.items() if reason}

    def _why_out(self, opened: OpenedRun, provider: OpenedProvider) -> str:
        provider_id = provider.row.pk
        if provider_id in self.disabled:
            return DISABLED
        if provider.rates is None and self._caps.hold(opened.run_id, provider_id):
            return UNPRICED
        return self._gates[provider_id].out or self._unusable.get((opened.run_id, provider_id), "")

    def told_to_wait(self, opened: OpenedRun) -> list[str]:
        """The providers whose vendor itself ordered the pause that they are in."""
        now = time.monotonic()
        return [name for name, each in opened.providers.items() if self._gates[each.row.pk].told_until > now]

    def warning(self, opened: OpenedRun) -> str:
        """A sentence when four fifths under a cap are spent, or nothing."""
        return self._caps.warning(opened.run_id, [each.row.pk for each in opened.providers.values()])

    def lost(self, run_id: int) -> Decimal:
        """The worst of the requests of a run that nobody will hear of."""
        return self._caps.lost(run_id)

    def _lose(self, key: Key) -> None:
        permitted = self._permitted.pop(key)
        self._gates[permitted.reserved.provider_id].end(time.monotonic(), "unknown", begun=permitted.granted_at)
        if not permitted.sent:
            self._give_back(permitted)
        elif permitted.durable:
            self._caps.lose(key, permitted.reserved.run_id)
            self._to_lose.append(key)
            self._due.set()

    def reserved_usd(self, producer_id: int, ask_id: str) -> Decimal | None:
        """What the database holds in reserve for the request; None: no reservation."""
        permitted = self._permitted.get((producer_id, ask_id))
        return permitted.reserved.worst_usd if permitted is not None and permitted.durable else None

    def _send(self, permitted: Permitted) -> None:
        permitted.sent = True
        permitted.port.post(permitted.permit)

    def _watch_the_date(self) -> None:
        today = timezone.now().date()
        if today != self._day:
            self._day = today
            self._caps.begin_day()


def _gate_limits(limits: ProviderLimits) -> GateLimits:
    return GateLimits(limits.concurrency, limits.requests_per_minute, limits.tokens_per_minute)


def _about(ask: Ask) -> int:
    return ask.bytes_in // BYTES_PER_TOKEN + ask.request_size * TOKENS_PER_ENTRY


def _refused(ask: Ask, seconds: float | None, reason: str, *, busy: bool = False) -> Refusal:
    words = f"{ask.provider}: {reason}"[:300]
    return Refusal(ask_id=ask.ask_id, provider=ask.provider, seconds=seconds, reason=words, busy=busy)

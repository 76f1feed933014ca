"""One run under way: its producers, its counts, and what it tells each producer. On the event loop, no database."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from typing import TypeAlias
from unicodedata import unidata_version

import msgspec
from django.conf import settings
from django.utils import timezone

from orchestration.arrivals import Arrival, Committed, filter_effects_of
from orchestration.logic import patience
from orchestration.logic.estimates import as_data
from orchestration.logic.figures import RunFigures
from orchestration.logic.lifecycle import Progress, Stop, StopReason, stop_decision
from orchestration.logic.pricing import cost_of
from orchestration.logic.report import ProducerView, RunFacts, RunView
from orchestration.logic.statistics import RequestEvent
from orchestration.logic.stopwatch import Stopwatch
from orchestration.opening import OpenedRun
from orchestration.runtime.briefing import start_message
from orchestration.runtime.filter_feed import FilterFeed
from orchestration.runtime.helm import Helm
from orchestration.runtime.link_server import TRY_AGAIN, LinkServer, Port
from orchestration.runtime.new_lives import NewLives, word_to_stop
from orchestration.runtime.permits import Permits
from orchestration.runtime.slots import Slot
from orchestration.runtime.supervisor import ChildState, Command, Supervised
from producers.link import messages
from producers.link.keys import joined
from producers.models import Producer
from producers.worker.configuration import WorkerConfig
from producers.worker.routing import wanted

HEARTBEAT_SECONDS = 3.0
MISSED_HEARTBEATS = 3
BOOT_SECONDS = 20.0
LATE_SECONDS = 4.0

Ingest: TypeAlias = Callable[[Arrival], Awaitable[None]]


class Exploration:
    """Drives the producers of one run.

    `ingest` takes an arrival and returns when there is room for the next. Batches wait here meanwhile, without
    keeping heartbeats from being read; the producers wait for their acknowledgements and stop asking. Everything
    observed is handed to the engine; nothing is written here.
    """

    def __init__(self, opened: OpenedRun, link: LinkServer, ingest: Ingest, permits: Permits) -> None:
        self.opened = opened
        self._topic_budget = opened.topic.budget_usd
        self.statistics = opened.statistics
        self.list_pending = opened.list_pending
        self.paused = False
        self._over = ""
        self._stopwatch = Stopwatch(time.monotonic())
        self._link = link
        self._ingest = ingest
        self._permits = permits
        self.feed = FilterFeed(opened.keys)
        self._patience = self._chosen_patience()
        self._watched_at = time.monotonic()
        self.stop_decision = Stop(StopReason.NONE)
        self._tasks: list[asyncio.Task[None]] = []
        self._passing: list[asyncio.Task[None]] = []
        self.slots = [self._slot(row) for row in opened.producers]
        self.helm = Helm(opened, self.slots, permits)
        self.new_lives = NewLives(self.slots, self._tasks)

    @property
    def entries(self) -> int:
        """The length of the list as far as it is this run's to speak of, without what people have rejected."""
        return self.opened.keys.entries

    @property
    def found(self) -> int:
        """The same, with what people have rejected of it."""
        return len(self.opened.keys.known)

    @property
    def active_seconds(self) -> float:
        return self.opened.active_seconds + self._stopwatch.seconds(time.monotonic())

    @property
    def state(self) -> str:
        """As the run's row has it."""
        if self._over or self.paused:
            return self._over or "paused"
        return "checking" if self.list_pending else "running"

    def _now(self) -> float:
        """The run's own time: what is measured in it does not notice a pause."""
        return self._stopwatch.time(time.monotonic())

    def pause(self) -> None:
        """Ask nothing new; what is under way comes to its end. The run's time stands still, and nothing is judged."""
        self.paused = self.helm.paused = True
        self._stopwatch.stand(time.monotonic())
        self._permits.pause(self.opened.run_id)

    def go_on(self) -> None:
        """After a pause, as if there had been none."""
        self.paused = self.helm.paused = False
        self._stopwatch.go_on(time.monotonic())
        self._permits.go_on(self.opened.run_id)

    def start(self) -> None:
        """Start the producers' processes."""
        self._tasks += [asyncio.create_task(slot.process.run()) for slot in self.slots]
        self._passing = [asyncio.create_task(self._pass_on(slot)) for slot in self.slots]

    async def stop(self) -> None:
        """End every producer, in 8 s at most; what they hand over meanwhile is still taken."""
        await asyncio.gather(*(self._stop(slot) for slot in self.slots))
        await self.new_lives.settled()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for slot in self.slots:
            self._link.close_port(slot.port)

    async def _stop(self, slot: Slot) -> None:
        await slot.process.stop(word_to_stop(slot))

    async def passed_on(self) -> None:
        """Return when every batch that arrived has been handed to `ingest`; after `stop`, once."""
        await asyncio.gather(*(slot.waiting.join() for slot in self.slots))
        for task in self._passing:
            task.cancel()

    def begin_list(self) -> None:
        """The providers have been found usable; the list is this run's own from here on."""
        self.helm.begin_list()
        self.feed.renew()
        self.list_pending = False

    def finish(self, stop: Stop) -> None:
        """The run is over; its time stands still."""
        self._stopwatch.stand(time.monotonic())
        self.stop_decision = stop
        self._over = "failed" if stop.reason.is_failure else "ended"

    def suspend(self) -> None:
        """The engine goes; the next one will go on with this run."""
        self._stopwatch.stand(time.monotonic())
        self._over = "paused" if self.paused else "waiting"

    def decide(self) -> Stop | None:
        """Whether the run should end now; one that is paused does not end by itself."""
        if self.paused:
            return None
        progress = Progress(
            now=self._now(),
            entries=0 if self.list_pending else self.entries,
            active_seconds=self.active_seconds,
            producers={slot.row.slot: slot.outcome for slot in self.slots},
            refusals={slot.row.slot: slot.process.detail for slot in self.slots if slot.status == "out"},
            lost_usd=self._permits.lost(self.opened.run_id),
            broke=self._permits.broke(self.opened),
            unusable=self._permits.out(self.opened),
            told_to_wait=self._permits.told_to_wait(self.opened),
            outlook=self.opened.estimates.outlook,
        )
        return stop_decision(self.opened.limits, progress, self.statistics, self._wanted())

    def asked_providers(self) -> set[str]:
        """The providers that are asked now."""
        return self._wanted() - self.unusable_providers()

    def unusable_providers(self) -> set[str]:
        """The providers that cannot be asked now."""
        return set(self._permits.out(self.opened))

    def _wanted(self) -> set[str]:
        """The providers that any producer asks at all."""
        names = self.opened.providers.keys()
        return {name for weights in self.opened.weights.values() for name in wanted(names, weights)}

    def kill_hung(self) -> None:
        """End the lives of producers that have missed three heartbeats, or never came up.

        When this watch itself comes late, the machine slept or was overloaded: then everybody gets a new chance.
        """
        now = time.monotonic()
        late, self._watched_at = now - self._watched_at > LATE_SECONDS, now
        if late:
            for slot in self.slots:
                slot.port.last_heard = now
        for slot in self.slots:
            if slot.process.pid is None:
                self._life_ended(slot)
            self._hand_in(slot)
            limit = HEARTBEAT_SECONDS * MISSED_HEARTBEATS if slot.connected_in_this_life else BOOT_SECONDS
            heard = max(slot.port.last_heard, slot.process.started_at)
            if slot.process.pid is not None and now - heard > limit:
                slot.process.kill(f"not heard of for {now - heard:.0f} s")

    def _life_ended(self, slot: Slot) -> None:
        self._permits.write_off(slot.row.pk, slot.uncommitted)
        slot.asked_back.life_ended(slot.uncommitted)
        self.helm.guidance.life_ended(slot.row.slot)

    def _hand_in(self, slot: Slot) -> None:
        for batch in slot.asked_back.hopeless():
            if not slot.waiting.full():
                slot.asked_back.arrived(batch.batch_id)
                slot.waiting.put_nowait(batch)

    async def hand_in_the_rest(self) -> None:
        """Hand to `ingest` what still waits for texts; after `passed_on`, when no producer is left."""
        for slot in self.slots:
            slot.asked_back.life_ended(slot.uncommitted)
            for batch in slot.asked_back.hopeless():
                slot.asked_back.arrived(batch.batch_id)
                if (arrival := self._arrival(slot, batch)) is not None:
                    await self._ingest(arrival)

    def ports(self) -> list[Port]:
        """The producers' ends of the link that are connected."""
        return [slot.port for slot in self.slots if slot.port.connected]

    def send_patience(self) -> None:
        """Tell the producers after how many repeats an answer is to be cut, if that has changed."""
        chosen = self._chosen_patience()
        if chosen != self._patience:
            self._patience = chosen
            for slot in self.slots:
                slot.port.post(messages.UpdateConfiguration(patience=chosen))

    def _chosen_patience(self) -> dict[str, int]:
        statistics, providers = self.statistics, self.opened.providers
        # What a model has thought is billed, and not reported when its answer is cut.
        rates = {name: each.rates for name, each in providers.items() if not each.row.thinking_tokens}
        return patience.by_provider(statistics.recent(self._now()), statistics.by_provider, rates)

    def take_budget(self, budget: Decimal | None) -> bool:
        """Whether the topic's budget is another one than before: then it is that of this run from now on."""
        if budget == self._topic_budget:
            return False
        self._topic_budget = budget
        self.opened = replace(self.opened, limits=replace(self.opened.limits, budget_usd=budget))
        self._permits.limit_run(self.opened.run_id, budget)
        return True

    def acknowledge(self, committed: Committed) -> None:
        """Tell the producer that its batch is committed."""
        arrival = committed.arrival
        slot = self.slots[arrival.slot]
        slot.uncommitted.discard(arrival.batch.batch_id)
        slot.asked_back.committed(arrival.batch.batch_id)
        self._permits.settle(committed)
        slot.port.post(messages.Ack(batch_ids=(arrival.batch.batch_id,)))

    def ask_back(self, committed: Committed) -> None:
        """The batch was not stored: ask its producer for the texts behind the keys that are not known."""
        batch = committed.arrival.batch
        slot = self.slots[committed.arrival.slot]
        slot.asked_back.wait(batch)
        slot.port.post(messages.TextsWanted(batch_id=batch.batch_id, keys=joined(committed.unknown)))

    def record(self, committed: Committed) -> None:
        """Count a committed batch."""
        arrival = committed.arrival
        if committed.resent:
            return
        self.helm.record(committed)
        metadata = arrival.batch.metadata
        self.statistics.record(
            RequestEvent(
                at=self._now(),
                provider=metadata.provider,
                slot=arrival.slot,
                totals=committed.totals,
                error=metadata.error or metadata.error_kind,
                error_kind=metadata.error_kind,
                terminal=metadata.terminal,
                partition=metadata.partition,
                prompt=arrival.prompt_hash,
                style=metadata.style,
                response_ms=metadata.response_time_ms,
                coherence=metadata.partition_coherence,
                probe=metadata.probe,
                effects=filter_effects_of(arrival),
            )
        )

    @property
    def waiting_for(self) -> str:
        """Why no producer asks anything just now, or nothing."""
        states = [slot.status for slot in self.slots if slot.process.state == ChildState.RUNNING]
        paused = [slot.process.detail for slot in self.slots if slot.status == "paused"]
        return paused[0] if paused and set(states) == {"paused"} else ""

    def rows(self) -> list[Producer]:
        """The producers' rows, brought up to date."""
        return [self._current_row(slot) for slot in self.slots]

    def facts(self) -> RunFacts:
        """What reports say of the run now."""
        opened = self.opened
        return RunFacts(
            topic=opened.topic.name,
            folder=opened.topic.folder,
            prompt=opened.topic.prompt,
            run=opened.number,
            state=self.state,
            started_at=opened.started_at.strftime("%Y-%m-%d %H:%M:%S"),
            producer_count=len(self.slots),
            active_producers=sum(slot.process.state == ChildState.RUNNING for slot in self.slots),
            weights=self._mean_weights(),
            simulated=opened.simulated,
            entries=0 if self.list_pending else self.entries,
            active_seconds=self.active_seconds,
            stop_reason=self.stop_decision.reason.value,
            stop_detail=self.stop_decision.detail,
            lost_usd=self._permits.lost(self.opened.run_id),
            warning=self._permits.warning(self.opened),
            reviews=opened.keys.reviews.number,
            estimates=as_data(self.opened.estimates),
        )

    def _mean_weights(self) -> dict[str, float]:
        weights = self.opened.weights.values()
        return {
            name: round(sum(shares.get(name, 0.0) for shares in weights) / max(len(weights), 1), 4)
            for name in self.opened.providers
        }

    def figures(self) -> RunFigures:
        """The run in figures now."""
        return self.statistics.figures(self._now(), self.active_seconds)

    def view(self, trouble: str) -> RunView:
        """What the terminal shows of the run now."""
        return RunView(
            facts=self.facts(),
            totals=self.statistics.total,
            recent=self.statistics.recent(self._now()),
            producers=[
                ProducerView(
                    slot=slot.row.slot,
                    state=slot.status if slot.process.state == ChildState.RUNNING else slot.process.state.value,
                    detail=slot.process.detail,
                    partition=slot.row.partition,
                    totals=self.statistics.by_slot[slot.row.slot],
                )
                for slot in self.slots
            ],
            trouble=trouble,
        )

    def _slot(self, row: Producer) -> Slot:
        port = self._link.open_port(lambda _, message: self._receive(row.slot, message))
        name = f"producer {row.slot} of {self.opened.topic.folder}"
        process = Supervised(name, lambda: self._command(row.slot))
        return Slot(row, port, process)

    def _command(self, number: int) -> Command:
        slot = self.slots[number]
        slot.port.renew()
        self._life_ended(slot)
        slot.status, slot.connected_in_this_life = "", False
        config = WorkerConfig(
            link_url=self._link.url,
            token=slot.port.token,
            heartbeat_seconds=HEARTBEAT_SECONDS,
            parent_pid=os.getpid(),
        )
        return Command(
            arguments=(sys.executable, "-m", "producers.worker"),
            first_input=msgspec.json.encode(config) + b"\n",
            directory=str(settings.BASE_DIR),
        )

    async def _receive(self, number: int, message: messages.ToEngine) -> None:
        slot = self.slots[number]
        match message:
            case messages.Hello():
                self._welcome(slot, message)
            case messages.AttributeBatch():
                self._keep(slot, message)
            case messages.Ask():
                self._permits.ask(self.opened, slot.row.pk, slot.port, message)
            case messages.Unusable():
                self._permits.unusable(self.opened, message.provider, message.reason)
            case messages.Unused():
                self._permits.unused(slot.row.pk, message.ask_id)
            case messages.Status():
                slot.status = message.state
                slot.process.detail = message.detail
            case messages.FilterWanted():
                self.feed.send_whole(slot.port)
            case messages.Heartbeat():
                pass  # that it was heard is all there is to it

    def _keep(self, slot: Slot, batch: messages.AttributeBatch) -> None:
        again = batch.batch_id in slot.asked_back
        if batch.batch_id in slot.uncommitted and not again:
            return  # sent again after a reconnect, while the first one still waits
        try:
            slot.waiting.put_nowait(batch)
            slot.uncommitted.add(batch.batch_id)
            slot.asked_back.arrived(batch.batch_id)
            if again:
                return  # the answer itself has ended before
            if provider := self.opened.providers.get(batch.metadata.provider):
                self._permits.ended(slot.row.pk, self.opened.run_id, provider.row.pk, batch.metadata)
        except asyncio.QueueFull:
            slot.port.drop(TRY_AGAIN, "more batches than a producer may keep unacknowledged")

    async def _pass_on(self, slot: Slot) -> None:
        while True:
            batch = await slot.waiting.get()
            if (arrival := self._arrival(slot, batch)) is not None:
                await self._ingest(arrival)
            slot.waiting.task_done()

    def _welcome(self, slot: Slot, hello: messages.Hello) -> None:
        slot.connected_in_this_life = True
        slot.same_keys = hello.unicode == unidata_version
        slot.process.mark_running()
        if not hello.started:
            made = self.statistics.by_slot[slot.row.slot].requests + len(slot.uncommitted)
            plans = self.helm.guidance.all_plans(slot.row.slot)
            slot.port.post(start_message(self.opened, slot.row, made, plans, self._patience))
        else:
            # What either side said while the connection was down is lost; hearing this, it says its state again.
            weights = self.opened.weights[slot.row.slot]
            slot.port.post(
                messages.UpdateConfiguration(
                    plans=self.helm.guidance.all_plans(slot.row.slot),
                    provider_weights=weights,
                    patience=self._patience,
                )
            )
        self.feed.welcome(slot.port, started=hello.started)

    def _arrival(self, slot: Slot, batch: messages.AttributeBatch) -> Arrival | None:
        provider = self.opened.providers.get(batch.metadata.provider)
        if provider is None:
            return None  # no provider of this run: nothing that an honest producer sends
        metadata = batch.metadata
        arrival = Arrival(
            run_id=self.opened.run_id,
            producer_id=slot.row.pk,
            provider_id=provider.row.pk,
            slot=slot.row.slot,
            keys=self.opened.keys,
            batch=batch,
            prompt_hash=self.helm.guidance.hash_of(metadata),
            finished_at=timezone.now(),
            cost_usd=cost_of(provider.rates, metadata.tokens_in, metadata.tokens_out, metadata.tokens_cached),
            rates=provider.rates,
            reserved_usd=self._permits.reserved_usd(slot.row.pk, metadata.ask_id),
            last=slot.asked_back.is_last(batch.batch_id),
            same_keys=slot.same_keys,
        )
        return self.helm.guidance.looked_at(arrival)

    def _current_row(self, slot: Slot) -> Producer:
        row, process = slot.row, slot.process
        done = slot.status == "done" and process.state == ChildState.RUNNING
        row.state = Producer.State.DONE if done else Producer.State(process.state.value)
        row.detail = process.detail[:500]
        row.pid = process.pid
        row.restarts = process.restarts
        if slot.port.connected:
            row.last_seen_at = timezone.now()
        return row

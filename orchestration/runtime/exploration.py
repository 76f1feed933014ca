"""One run under way: its producers, its counts, and what it tells each producer. On the event loop, no database."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from unicodedata import unidata_version

from orchestration.arrivals import Committed
from orchestration.logic.figures import RunFigures
from orchestration.logic.lifecycle import Progress, Stop, StopReason, stop_decision
from orchestration.logic.report import RunFacts, RunView
from orchestration.logic.stopwatch import Stopwatch
from orchestration.opening import OpenedRun
from orchestration.runtime.briefing import chosen_patience, reminder, start_message
from orchestration.runtime.deliveries import Deliveries, Ingest, event_of
from orchestration.runtime.filter_feed import FilterFeed
from orchestration.runtime.helm import Helm
from orchestration.runtime.link_server import LinkServer, Port
from orchestration.runtime.new_lives import NewLives, word_to_stop
from orchestration.runtime.permits import Permits
from orchestration.runtime.producer_processes import Watch, producer_command
from orchestration.runtime.run_facts import current_row, producer_views, run_facts, waiting_for
from orchestration.runtime.slots import Slot
from orchestration.runtime.supervisor import Command, Supervised
from producers.link import messages
from producers.models import Producer
from producers.worker.routing import wanted


class Exploration:
    """Drives the producers of one run. Everything observed is handed to the engine, by `ingest` and when it asks;
    nothing is written here.
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
        self._permits = permits
        self.feed = FilterFeed(opened.keys)
        self._patience = chosen_patience(self.opened, self._now())
        self._watch = Watch(time.monotonic())
        self.stop_decision = Stop(StopReason.NONE)
        self._tasks: list[asyncio.Task[None]] = []
        self.slots = [self._slot(row) for row in opened.producers]
        self.helm = Helm(opened, self.slots, permits)
        self._deliveries = Deliveries(opened, self.slots, ingest, permits, self.helm.guidance)
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
    def keeps_earlier_list(self) -> bool:
        """Whether the list is an earlier one, which this run was to replace and has not begun to."""
        return self.list_pending and self.opened.has_earlier_list

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
        self._deliveries.start()

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
        await self._deliveries.passed_on()

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
            under_way=self._permits.under_way(self.opened.run_id),
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
        """End the lives of producers that have missed three heartbeats, or never came up."""
        now = time.monotonic()
        self._watch.begin(self.slots, now)
        for slot in self.slots:
            if slot.process.pid is None:
                self._life_ended(slot)
            self._deliveries.hand_in(slot)
            self._watch.kill_hung(slot, now)

    def _life_ended(self, slot: Slot) -> None:
        self._permits.write_off(slot.row.pk, slot.uncommitted)
        slot.asked_back.life_ended(slot.uncommitted)
        self.helm.guidance.life_ended(slot.row.slot)

    async def hand_in_the_rest(self) -> None:
        """Hand to `ingest` what still waits for texts; after `passed_on`, when no producer is left."""
        await self._deliveries.hand_in_the_rest()

    def ports(self) -> list[Port]:
        """The producers' ends of the link that are connected."""
        return [slot.port for slot in self.slots if slot.port.connected]

    def send_patience(self) -> None:
        """Tell the producers after how many repeats an answer is to be cut, if that has changed."""
        chosen = chosen_patience(self.opened, self._now())
        if chosen != self._patience:
            self._patience = chosen
            for slot in self.slots:
                slot.port.post(messages.UpdateConfiguration(patience=chosen))

    def take_budget(self, budget: Decimal | None) -> bool:
        """Whether the topic's budget is another one than before: then it is that of this run from now on."""
        if budget == self._topic_budget:
            return False
        self._topic_budget = budget
        self.opened = replace(self.opened, limits=replace(self.opened.limits, budget_usd=budget))
        self._permits.limit_run(self.opened.run_id, budget)
        return True

    def acknowledge(self, committed: Sequence[Committed]) -> None:
        """Tell the producers that these batches of theirs are committed."""
        self._deliveries.acknowledge(committed)

    def ask_back(self, committed: Sequence[Committed]) -> None:
        """The batches were not stored: ask their producers for the texts behind the keys that are not known."""
        self._deliveries.ask_back(committed)

    def record(self, committed: Committed) -> None:
        """Count a batch that was stored."""
        self.helm.record(committed)
        self.statistics.record(event_of(committed, self._now()))

    @property
    def waiting_for(self) -> str:
        """Why no producer asks anything just now, or nothing."""
        return waiting_for(self.slots)

    def rows(self) -> list[Producer]:
        """The producers' rows, brought up to date."""
        return [current_row(slot) for slot in self.slots]

    def facts(self) -> RunFacts:
        """What reports say of the run now."""
        return run_facts(
            self.opened,
            self.slots,
            self._permits,
            state=self.state,
            entries=self.opened.earlier_entries if self.list_pending else self.entries,
            active_seconds=self.active_seconds,
            stop=self.stop_decision,
        )

    def figures(self) -> RunFigures:
        """The run in figures now."""
        return self.statistics.figures(self._now(), self.active_seconds)

    def view(self, trouble: str) -> RunView:
        """What the terminal shows of the run now."""
        return RunView(
            facts=self.facts(),
            totals=self.statistics.total,
            recent=self.statistics.recent(self._now()),
            producers=producer_views(self.slots, self.statistics),
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
        return producer_command(self._link.url, slot.port)

    async def _receive(self, number: int, message: messages.ToEngine) -> None:
        slot = self.slots[number]
        match message:
            case messages.Hello():
                self._welcome(slot, message)
            case messages.AttributeBatch():
                self._deliveries.keep(slot, message)
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

    def _welcome(self, slot: Slot, hello: messages.Hello) -> None:
        slot.connected_in_this_life = True
        slot.same_keys = hello.unicode == unidata_version
        slot.process.mark_running()
        plans = self.helm.guidance.all_plans(slot.row.slot)
        if not hello.started:
            made = self.statistics.by_slot[slot.row.slot].requests + len(slot.uncommitted)
            slot.port.post(start_message(self.opened, slot.row, made, plans, self._patience))
        else:
            # What either side said while the connection was down is lost; hearing this, it says its state again.
            slot.port.post(reminder(self.opened, slot.row, plans, self._patience))
        self.feed.welcome(slot.port, started=hello.started)

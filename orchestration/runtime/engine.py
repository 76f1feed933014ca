"""The engine: reconciles what people want with what runs, and wires logic, store, link, processes and files.

Several loops, each with one duty; one that fails takes the engine down, visibly. Nothing here decides: stopping,
restarting and uniqueness are functions of `orchestration.logic`.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings

from orchestration import lease, opening
from orchestration.arrivals import Arrival, Committed
from orchestration.batch import BatchWish
from orchestration.logic import report
from orchestration.logic.lifecycle import Stop, StopReason, is_answer
from orchestration.logic.report import RunView
from orchestration.opening import Wanted
from orchestration.projections import projected
from orchestration.runtime.changes import Changes
from orchestration.runtime.database import Database
from orchestration.runtime.exploration import Exploration
from orchestration.runtime.folder import TopicFolder
from orchestration.runtime.guide import Guide
from orchestration.runtime.ingest import Ingest
from orchestration.runtime.jobs import Jobs
from orchestration.runtime.link_server import LinkServer
from orchestration.runtime.overview import mend_folder, topics_to_mend
from orchestration.runtime.permits import Permits
from orchestration.runtime.portal_process import portal_process
from orchestration.runtime.publishing import publish
from orchestration.runtime.recorder import Active, Recorder
from orchestration.runtime.reviewed import Reviewed
from orchestration.runtime.serial_thread import SerialThread
from orchestration.runtime.supervisor import Supervised
from orchestration.store import Store
from topics.models import DesiredState, Topic

logger = logging.getLogger(__name__)

RECONCILE_SECONDS = 0.5
STATUS_SECONDS = 1.0
GUIDE_SECONDS = 0.25
FILES_SECONDS = 3.0
REVIEWS_SECONDS = 1.0
BEAT_SECONDS = 3.0
FILTER_SECONDS = 0.25
# The supervisor kills after 8 s; with what follows, the process ends within 10 s of a signal.
SHUTDOWN_SECONDS = 8.7
RELEASE_SECONDS = 0.5
# The writer thread waits this long for the interpreter whenever the event loop is busy; 5 ms by default.
SWITCH_SECONDS = 0.0002
# Batches come as thousands of short-lived tuples, none of them in a cycle. With 700, 10 and 10, the default, looking
# for cycles among them takes an eighth of the event loop's time.
GARBAGE_THRESHOLDS = (20_000, 50, 50)

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Options:
    """How an engine is started. `port` 0: no portal.

    `batch`: batch mode. It is called once the database is this engine's, writes the one topic to explore, and
    returns the wish; the engine ends with that topic's run.
    """

    producers: int
    outputs: Path
    bind: str = "127.0.0.1"
    port: int = 0
    link_host: str = "127.0.0.1"
    link_port: int = 0
    batch: Callable[[], BatchWish] | None = None


class Engine:
    """One engine on one database. `run` returns after `stop`, or in batch mode when the run is over."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.active: dict[int, Active] = {}
        self.summary: dict[str, Any] | None = None
        self.list_kept = False  # the summary's list is an earlier one, which its run was to replace
        self.unfinished = ""
        self.link = LinkServer()
        self.database = Database()
        self.portal: Supervised | None = None
        self.jobs: Jobs | None = None
        self._wish: BatchWish | None = None
        self._epoch = 0
        self._mending = SerialThread("mending")
        self._files = SerialThread("files")
        self._stopping = asyncio.Event()
        self._store: Store
        self._ingest: Ingest
        self._permits: Permits
        self._recorder: Recorder
        self._reviewed: Reviewed
        self._changes: Changes
        self._guide: Guide

    def stop(self) -> None:
        """Begin to shut down; `run` returns within 10 s. Asking again changes nothing."""
        self._stopping.set()

    def views(self) -> list[RunView]:
        """Every run under way, for the terminal."""
        return [active.exploration.view(self._trouble_of(active)) for active in self.active.values()]

    def _trouble_of(self, active: Active) -> str:
        exploration = active.exploration
        warning = self._permits.warning(exploration.opened)
        troubles = (self.database.trouble, active.folder.trouble, warning, exploration.waiting_for)
        return "; ".join(filter(None, troubles))

    async def run(self) -> None:
        """Raises LeaseHeld at once when another engine owns the database, OSError when a port is taken."""
        sys.setswitchinterval(SWITCH_SECONDS)
        gc.set_threshold(*GARBAGE_THRESHOLDS)
        epoch = await self._unless_stopped(self.database.once(lease.acquire, lease.this_process()))
        if epoch is None:
            return
        try:
            if self.options.batch is not None:
                self._wish = await self._unless_stopped(self.database.once(self.options.batch))
            if not self._stopping.is_set():
                await self._serve(epoch)
        finally:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.database.persist(lease.release, epoch), RELEASE_SECONDS)

    async def _unless_stopped(self, work: Coroutine[Any, Any, Result]) -> Result | None:
        """What `work` returns, or None when a stop comes first: a database may take long to answer, or for ever."""
        working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        return working.result() if working.done() else None

    async def _serve(self, epoch: int) -> None:
        self._epoch = epoch
        self._store = await self.database.once(Store, epoch)
        self._permits = Permits(self.database, self._store, settings.DAILY_CAP_USD)
        self._permits.load(await self.database.persist(self._store.lose_all))
        self._ingest = Ingest(self.database, self._store, self._prepare, self._publish)
        self._guide = Guide(self.database, self._store)
        self._recorder = Recorder(
            self.database, self._store, self._files, self.options.outputs, self.active, self._permits, self._ingest
        )
        self._reviewed = Reviewed(self.database, self._recorder, self._mending, self.options.outputs, self.active)
        self._changes = Changes(self.database, self._store, self._permits, self._reviewed, self.active)
        await self.link.start(self.options.link_host, self.options.link_port)
        loops = [asyncio.create_task(loop) for loop in self._loops(epoch)]
        stopping = asyncio.create_task(self._stopping.wait())
        done, _ = await asyncio.wait([stopping, *loops], return_when=asyncio.FIRST_COMPLETED)
        self._stopping.set()
        failed = [task for task in done if task is not stopping]
        await self._shut_down(orderly=not failed)
        for task in (stopping, *loops):
            task.cancel()
        await asyncio.gather(stopping, *loops, return_exceptions=True)
        await self.link.stop()
        for task in failed:
            task.result()

    def _loops(self, epoch: int) -> list[Coroutine[Any, Any, None]]:
        loops = [
            self._mend_folders(),
            self._reviewed.run(),
            self._ingest.run(),
            self._permits.run(),
            _every(RECONCILE_SECONDS, self._reconcile),
            _every(STATUS_SECONDS, self._recorder.record_status),
            _every(STATUS_SECONDS, self._watch_producers),
            _every(GUIDE_SECONDS, self._guide_runs),
            _every(FILTER_SECONDS, self._feed_filters),
            _every(FILES_SECONDS, self._recorder.refresh_files),
            _every(BEAT_SECONDS, lambda: self.database.persist(lease.beat, epoch)),
        ]
        if self._wish is None:
            loops.append(_every(REVIEWS_SECONDS, self._reviewed.mend))
        if self.options.port:
            self.portal = portal_process(self.options.bind, self.options.port)
            loops.append(self._keep_portal(self.portal))
        if self.options.port and self._wish is None:
            self.jobs = Jobs(self.database, settings.JOBS_SILENCE_SECONDS)
            loops += [_for_ever(self.jobs.run()), _every(self.jobs.look_seconds, self.jobs.look)]
        return loops

    async def _mend_folders(self) -> None:
        """Once, at the start: files that were lost or altered while no engine ran are made again.

        In a thread of its own, topic by topic, so that nothing that runs waits for it.
        """
        if self._wish is None:
            # First, since a run that a crash left open is mended only if it is known to be over.
            await self.database.persist(opening.close_unwanted_runs, self._epoch, None, self._running_ids())
            for topic_id in await self._mending.call(topics_to_mend):
                await self._mending.call(mend_folder, self.options.outputs, topic_id)
        await asyncio.Event().wait()

    async def _keep_portal(self, portal: Supervised) -> None:
        await portal.run()
        if not self._stopping.is_set():
            logger.error("the portal %s; the exploring goes on without it", portal.detail)
        await asyncio.Event().wait()

    # What people want

    async def _reconcile(self) -> None:
        if self._stopping.is_set():
            return
        only = self._only_topic
        await self.database.persist(opening.close_unwanted_runs, self._epoch, only, self._running_ids())
        wanted = await self.database.read(opening.wanted_starts, only)
        for topic_id, active in list(self.active.items()):
            if stop := self._reason_to_stop(active, wanted.get(topic_id)):
                self._begin_to_end(topic_id, active, stop)
            elif active.ending is None:
                await self._changes.adjust(active, wanted[topic_id])
            if active.ending is not None and active.ending.done():
                active.ending.result()
        await self._changes.steer()
        await self._changes.limit()
        for topic_id, each in wanted.items():
            if topic_id not in self.active and not self._stopping.is_set():
                await self._begin(topic_id, each)

    @property
    def _only_topic(self) -> int | None:
        return None if self._wish is None else self._wish.topic_id

    def _running_ids(self) -> list[int]:
        return [active.exploration.opened.run_id for active in self.active.values()]

    def _begin_to_end(self, topic_id: int, active: Active, stop: Stop) -> None:
        if active.ending is None:
            active.ending = asyncio.create_task(self._end(topic_id, active, stop))

    def _reason_to_stop(self, active: Active, wanted: Wanted | None) -> Stop | None:
        exploration = active.exploration
        if wanted is None:
            return Stop(StopReason.STOPPED, "stopped by a person")
        if wanted.start != exploration.opened.number:
            return Stop(StopReason.SUPERSEDED, "started again by a person")
        return exploration.decide()

    async def _begin(self, topic_id: int, wanted: Wanted) -> None:
        limits = None if self._wish is None else self._wish.limits
        opened = await self.database.persist(
            opening.open_run, self._epoch, topic_id, wanted.start, self.options.producers, limits
        )
        if opened is None:
            return  # deleted meanwhile
        self._permits.open(opened)
        exploration = Exploration(opened, self.link, self._ingest.take, self._permits)
        if wanted.paused:
            exploration.pause()
        await self._guide.guide(exploration)  # prompts are kept before anyone asks with them
        folder = TopicFolder(self.options.outputs, opened.topic.folder, topic_id)
        if not opened.has_earlier_list:
            await self._files.call(folder.open, report.topic_text(exploration.facts()))
        if self._stopping.is_set():
            return  # nobody would stop what began now
        active = self.active[topic_id] = Active(exploration, folder)
        if opened.problem:
            self._begin_to_end(topic_id, active, Stop(StopReason.MISCONFIGURED, opened.problem))
            return
        exploration.start()
        verb, asked = "goes on" if opened.active_seconds else "begins", ", ".join(opened.providers)
        verb = "is paused" if exploration.paused else verb
        logger.info("run %s of %r %s, asking %s", opened.number, opened.topic.name, verb, asked)
        for line in projected(opened.topic, {name: each.rates for name, each in opened.providers.items()}):
            logger.info("%s", line)

    async def _end(self, topic_id: int, active: Active, stop: Stop) -> None:
        exploration = active.exploration
        await self._bring_in(exploration)
        await self._guide.conclude(exploration)
        exploration.finish(stop)
        run_id, seconds = exploration.opened.run_id, exploration.active_seconds
        failed = stop.reason.is_failure
        # The counts first: a kill between the two must not leave a run over and its repeats uncounted.
        await self.database.persist(self._store.write_times_seen, exploration.opened.keys)
        await self.database.persist(
            self._store.end_run, run_id, seconds, stop.reason.value, stop.detail, failed=failed
        )
        await self._recorder.record_last(active)
        facts = exploration.facts()
        logger.info(
            "run %s of %r ended: %s (%s), %s in %s",
            *(facts.run, facts.topic, facts.stop_reason, facts.stop_detail),
            report.list_words(facts.entries, kept=exploration.keeps_earlier_list),
            self.options.outputs / facts.folder,
        )
        if self._only_topic == topic_id:
            self.summary = self._summed_up(exploration)
            self.summary["files_trouble"] = active.folder.trouble
            self._stopping.set()
        del self.active[topic_id]

    async def _bring_in(self, exploration: Exploration) -> None:
        """Stop a run's producers and commit everything they handed over."""
        await exploration.stop()
        await exploration.passed_on()
        await self._ingest.settled()
        await exploration.hand_in_the_rest()
        await self._ingest.settled()
        await self._permits.close(exploration.opened)

    # What arrives

    async def _prepare(self, arrival: Arrival) -> Arrival:
        """A run's own list begins with the first real answer: its providers have been found usable.

        What little came before it is left out; it was no answer, and the earlier list still stands.
        """
        active = self._active(arrival)
        if active is None or not active.exploration.list_pending:
            return arrival
        if not is_answer(arrival.batch.metadata.outcome, len(arrival.keyed)):
            return arrival.without_candidates()
        exploration = active.exploration
        await self.database.persist(self._store.begin_list, arrival.run_id, arrival.keys)
        exploration.begin_list()
        self._write(active.folder, active.folder.replace, report.topic_text(exploration.facts()))
        return arrival

    def _write(self, folder: TopicFolder, write: Callable[..., None], *args: Any) -> None:
        """Have a file written, without waiting: a slow disk stops none of the exploring."""
        if not self._files.post(write, *args):
            folder.distrust()

    async def _publish(self, committed: Sequence[Committed]) -> None:
        await publish(committed, self._active, self._write)
        # At once, and not only with the next look: until then the producers would go on spending.
        for topic_id, active in list(self.active.items()):
            if not self._stopping.is_set() and (stop := active.exploration.decide()):
                self._begin_to_end(topic_id, active, stop)

    async def _feed_filters(self) -> None:
        for active in list(self.active.values()):
            await active.exploration.feed.feed(self.database, active.exploration.ports)

    async def _guide_runs(self) -> None:
        for active in list(self.active.values()):
            if active.ending is None:
                await self._guide.guide(active.exploration)

    def _active(self, arrival: Arrival) -> Active | None:
        """The run that the arrival belongs to, unless it is over."""
        active = self.active.get(arrival.keys.topic_id)
        return active if active and active.exploration.opened.run_id == arrival.run_id else None

    async def _watch_producers(self) -> None:
        for active in self.active.values():
            active.exploration.kill_hung()
            active.exploration.send_patience()

    # The end

    async def _shut_down(self, *, orderly: bool) -> None:
        """Stop every process, and bring everything to the database and the files, within ten seconds.

        When a loop has failed nothing more is written: another engine may own the database already.
        """
        leave = self._leave if orderly else self._abandon
        try:
            async with asyncio.timeout(SHUTDOWN_SECONDS):
                await asyncio.gather(self._stop_portal(), self._stop_jobs(), *map(leave, list(self.active.items())))
                if orderly and self._only_topic is not None:
                    # Last, as the database may keep it waiting: a later engine must not find it wanted.
                    await self.database.persist(_no_longer_wanted, self._only_topic)
                if orderly and self.jobs is not None:
                    await self.jobs.record_end()
                if orderly:
                    await self._recorder.write_overview(running=False)
        except TimeoutError:
            self.unfinished = "not everything could be brought to an end in time; the next start goes on from here"
            self._sum_up()

    async def _stop_portal(self) -> None:
        if self.portal is not None:
            await self.portal.stop()

    async def _stop_jobs(self) -> None:
        if self.jobs is not None:
            await self.jobs.stop()

    async def _leave(self, item: tuple[int, Active]) -> None:
        topic_id, active = item
        if active.ending is not None:
            await active.ending
        elif self._only_topic == topic_id:
            await self._end(topic_id, active, Stop(StopReason.SIGNAL, "stopped by a signal"))
        else:
            await self._suspend(active)

    def _sum_up(self) -> None:
        """Batch mode's summary from memory, where the database did not take the end of the run."""
        for topic_id, active in self.active.items():
            if topic_id == self._only_topic:
                active.exploration.finish(Stop(StopReason.SIGNAL, self.unfinished))
                self.summary = self._summed_up(active.exploration)

    def _summed_up(self, exploration: Exploration) -> dict[str, Any]:
        self.list_kept = exploration.keeps_earlier_list
        return report.summary(exploration.facts(), exploration.statistics)

    async def _abandon(self, item: tuple[int, Active]) -> None:
        await item[1].exploration.stop()

    async def _suspend(self, active: Active) -> None:
        """Leave a run for the next engine to go on with."""
        exploration = active.exploration
        await self._bring_in(exploration)
        exploration.suspend()
        await self._recorder.record_last(active)


async def _every(seconds: float, action: Callable[[], Awaitable[Any]]) -> None:
    while True:
        await action()
        await asyncio.sleep(seconds)


async def _for_ever(work: Coroutine[Any, Any, None]) -> None:
    """A loop that may come to its end before the engine does."""
    await work
    await asyncio.Event().wait()


def _no_longer_wanted(topic_id: int) -> None:
    Topic.objects.filter(pk=topic_id).update(desired_state=DesiredState.STOPPED)

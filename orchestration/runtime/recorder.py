"""What the engine writes from time to time, beside the commits: progress, producers, counts and files."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from django.utils import timezone

from orchestration.logic import report
from orchestration.logic.counting import counts_due
from orchestration.logic.figures import plain
from orchestration.models import ProviderHealth
from orchestration.runtime.database import Database
from orchestration.runtime.exploration import Exploration
from orchestration.runtime.folder import TopicFolder
from orchestration.runtime.health import Health
from orchestration.runtime.ingest import Ingest
from orchestration.runtime.overview import write_overview
from orchestration.runtime.permits import Permits
from orchestration.runtime.serial_thread import SerialThread
from orchestration.store import Store

logger = logging.getLogger(__name__)


@dataclass
class Active:
    """A run under way: its exploration, its folder, and the task that ends it once that has begun."""

    exploration: Exploration
    folder: TopicFolder
    ending: asyncio.Task[None] | None = None


class Recorder:
    """Writes what is observed of the active runs to the database and to their folders."""

    def __init__(
        self,
        database: Database,
        store: Store,
        files: SerialThread,
        outputs: Path,
        active: Mapping[int, Active],
        permits: Permits,
        ingest: Ingest,
    ) -> None:
        self._database = database
        self._store = store
        self._files = files
        self._outputs = outputs
        self._active = active
        self._permits = permits
        self._ingest = ingest
        self._healths: list[Health] = []
        self._warned: dict[int, str] = {}
        self._counted, self._counting_took = float("-inf"), 0.0
        self._trouble = ""

    async def record_status(self) -> None:
        """How far each run is, how its producers are, and now and then how often each attribute was seen."""
        for active in list(self._active.values()):
            await self._record_progress(active.exploration)
        await self._record_health()
        if counts_due(time.monotonic() - self._counted, self._counting_took, behind=self._ingest.behind):
            await self._write_counts()

    async def refresh_files(self) -> None:
        """Bring the figures and folders of active runs up to date, and the overview of all topics."""
        for active in list(self._active.values()):
            if active.ending is None:
                await self._refresh(active)
        await self.write_overview(running=True)

    async def refresh_distrusted(self) -> None:
        """The same at once for those runs whose files are not what they should be."""
        for active in list(self._active.values()):
            if active.ending is None and active.folder.distrusted:
                await self._refresh(active)

    async def record_last(self, active: Active) -> None:
        """Everything, for the last time: afterwards nobody writes for this run."""
        await self._record_progress(active.exploration)
        await self._record_health()
        await self._database.persist(self._store.write_times_seen, active.exploration.opened.keys)
        if await self._refresh(active):
            await self._files.call(active.folder.close)

    async def write_overview(self, *, running: bool) -> None:
        before, self._trouble = self._trouble, await self._files.call(write_overview, self._outputs, running=running)
        if self._trouble and self._trouble != before:
            logger.error("%s", self._trouble)

    async def _record_progress(self, exploration: Exploration) -> None:
        run_id, seconds = exploration.opened.run_id, exploration.active_seconds
        warning = self._permits.warning(exploration.opened)
        if warning and self._warned.get(run_id) != warning:
            logger.warning("run %s of %r: %s", exploration.opened.number, exploration.opened.topic.name, warning)
        self._warned[run_id] = warning
        await self._database.persist(self._store.record_progress, run_id, seconds, exploration.state, warning)
        await self._database.persist(self._store.record_producers, exploration.rows())

    async def _record_health(self) -> None:
        healths = self._permits.healths()
        if healths != self._healths:
            self._healths = healths
            rows = [ProviderHealth(**asdict(each), updated_at=timezone.now()) for each in healths]
            await self._database.persist(self._store.record_health, rows)

    async def _write_counts(self) -> None:
        began = time.monotonic()
        for active in list(self._active.values()):
            await self._database.persist(self._store.write_times_seen, active.exploration.opened.keys)
        self._counted = time.monotonic()
        self._counting_took = self._counted - began

    async def _refresh(self, active: Active) -> bool:
        exploration = active.exploration
        figures, facts = exploration.figures(), exploration.facts()
        data = {**plain(figures), "estimates": facts.estimates}
        await self._database.persist(self._store.record_figures, exploration.opened.run_id, data)
        if exploration.keeps_earlier_list:
            return False  # the files still tell of the earlier list
        metrics = report.metrics(facts, exploration.statistics, figures)
        await self._files.call(active.folder.refresh, metrics, report.state(facts, int(time.time())))
        return True

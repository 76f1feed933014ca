"""Has the names of runs clustered in a thread of its own, and brings the clusters to their minds."""

from __future__ import annotations

import asyncio
import logging
from typing import TypeAlias

from orchestration.clusters import examples_of_clusters, missing_for_clusters
from orchestration.logic.decisions import Decision
from orchestration.logic.steering import Steering
from orchestration.runtime.serial_thread import SerialThread

logger = logging.getLogger(__name__)

# Any: the same names are divided in the same way.
SEED = 1

Groups: TypeAlias = list[list[str]]


class Clustering:
    """Looks after the clusters of all runs. Nobody waits for the thread: the next look takes what is ready."""

    def __init__(self) -> None:
        self._thread = SerialThread("clusters")
        self._tasks: dict[int, asyncio.Task[Groups]] = {}

    def look(self, run_id: int, mind: Steering) -> list[Decision]:
        """What there is to decide of the clusters of a run, now; begins another clustering when it is time."""
        if not mind.clusters_wanted:
            return []
        if missing := missing_for_clusters():
            return [mind.without_clusters(missing)]
        if (task := self._tasks.get(run_id)) is None:
            self._begin(run_id, mind)
        elif task.done():
            del self._tasks[run_id]
            return self._conclude(run_id, task, mind)
        return []

    def forget(self, run_id: int) -> None:
        """The run is over."""
        if task := self._tasks.pop(run_id, None):
            task.cancel()

    def _begin(self, run_id: int, mind: Steering) -> None:
        if mind.clusters_due():
            self._tasks[run_id] = asyncio.create_task(self._thread.call(examples_of_clusters, mind.names, SEED))

    def _conclude(self, run_id: int, task: asyncio.Task[Groups], mind: Steering) -> list[Decision]:
        if (error := task.exception()) is not None:
            # Whatever is wrong with the extra: a run goes on without it.
            logger.error("run %s: clustering failed", run_id, exc_info=error)
            return [mind.without_clusters(f"semantic clusters failed: {error}"[:500])]
        return mind.cluster(task.result())

"""Lets each run's mind act: its decisions are written down, its producers told, its estimates worked out."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import IntegrityError

from orchestration import bulk
from orchestration.logic.decisions import Decision
from orchestration.logic.estimates import judge
from orchestration.runtime.clustering import Clustering
from orchestration.runtime.database import Database
from orchestration.runtime.exploration import Exploration
from orchestration.runtime.serial_thread import SerialThread
from orchestration.store import Store

logger = logging.getLogger(__name__)

# Estimates take some tenths of a second in which other threads hardly run.
JUDGING_SECONDS = 3.0


class Guide:
    """Looks after the minds of all runs, a few times a second."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store
        self._thread = SerialThread("estimates")
        self._clustering = Clustering()
        self._kept: dict[int, dict[str, str]] = {}
        self._judging: dict[int, asyncio.Task[None]] = {}
        self._judged_at: dict[int, float] = {}

    async def guide(self, exploration: Exploration) -> None:
        """One look at one run."""
        clusters = self._clustering.look(exploration.opened.run_id, exploration.opened.mind)
        await self._decide(exploration, [*exploration.helm.take_decisions(), *clusters])
        # A prompt is kept before anyone asks with it: its hash has to lead to its text.
        if prompts := exploration.helm.guidance.new_prompts():
            await self._database.persist(self._store.save_prompts, prompts)
            exploration.helm.guidance.prompts_kept(prompts)
        exploration.helm.send_plans()
        if nameless := exploration.helm.guidance.nameless():
            exploration.helm.guidance.name(await self._database.read(bulk.texts_of, nameless))
        self._look_at_estimates(exploration)

    async def conclude(self, exploration: Exploration) -> None:
        """The run is over: its last decisions are written down, and it is judged once more."""
        run_id = exploration.opened.run_id
        if decided := exploration.helm.take_decisions():
            await self._write(self._store.record_decisions, run_id, decided)
        self._kept.pop(run_id, None)
        self._judged_at.pop(run_id, None)
        self._clustering.forget(run_id)
        if judging := self._judging.pop(run_id, None):
            await judging
        if exploration.opened.estimates.due and not exploration.list_pending:
            await self._judge(exploration)

    async def _decide(self, exploration: Exploration, decided: Sequence[Decision]) -> None:
        """Take a step if it is time, and write down what it decided, with what was decided meanwhile."""
        helm, run_id = exploration.helm, exploration.opened.run_id
        steps = helm.step()
        if decisions := [*decided, *steps.decisions]:
            await self._write(self._store.record_decisions, run_id, decisions)
            for each in decisions:
                logger.debug("run %s: %s of %.80s: %.200s", run_id, each.kind, each.subject, each.reason)
        if pins := helm.take_pins():
            await self._write(self._store.pin_weights, run_id, pins)
        if steps.weights:
            left = helm.weights_left()
            # Before they are written: whoever reads them meanwhile must not take them for a person's.
            helm.weights_kept(steps.weights)
            await self._write(self._store.record_weights, run_id, steps.weights, left)
        if not exploration.list_pending:  # until then the parts that are kept are those of the earlier list
            await self._keep_parts(exploration)

    async def _keep_parts(self, exploration: Exploration) -> None:
        run_id, nodes = exploration.opened.run_id, exploration.helm.guidance.nodes()
        kept = {node.part.words: node.state.value for node in nodes}
        if kept != self._kept.get(run_id):
            await self._write(self._store.record_partitions, exploration.opened.topic.pk, nodes)
            self._kept[run_id] = kept

    async def _write(self, method: Callable[..., Any], *arguments: Any) -> None:
        try:
            await self._database.persist(method, *arguments)
        except IntegrityError as error:
            # The topic was deleted at this very moment; the run will find out.
            logger.warning("what was decided could not be kept: %.200s", error)

    def _look_at_estimates(self, exploration: Exploration) -> None:
        """Have the run judged anew, if there is new evidence; nobody waits for it."""
        run_id, now = exploration.opened.run_id, time.monotonic()
        if (judging := self._judging.get(run_id)) is not None:
            if not judging.done():
                return
            self._judging.pop(run_id).result()
        rested = now - self._judged_at.get(run_id, float("-inf")) >= JUDGING_SECONDS
        if rested and exploration.opened.estimates.due and not exploration.list_pending:
            self._judged_at[run_id] = now
            self._judging[run_id] = asyncio.create_task(self._judge(exploration))

    async def _judge(self, exploration: Exploration) -> None:
        estimates = exploration.opened.estimates
        judged = await self._thread.call(judge, estimates.evidence(exploration.found))
        hope = exploration.opened.mind.best_price(exploration.unusable_providers())
        estimates.conclude(judged, exploration.opened.limits.wish, exploration.asked_providers(), hope)

"""Lets each run's mind act: its decisions are written down, its producers told, its estimates worked out."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from orchestration import bulk
from orchestration.logic.decisions import Decision
from orchestration.logic.estimates import judge
from orchestration.runtime.database import Database
from orchestration.runtime.exploration import Exploration
from orchestration.runtime.serial_thread import SerialThread
from orchestration.store import Store

logger = logging.getLogger(__name__)


class Guide:
    """Looks after the minds of all runs, a few times a second."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store
        self._judging = SerialThread("estimates")
        self._kept: dict[int, dict[str, str]] = {}

    async def guide(self, exploration: Exploration) -> None:
        """One look at one run."""
        await self.decide(exploration, exploration.take_decisions())
        # A prompt is kept before anyone asks with it: its hash has to lead to its text.
        if prompts := exploration.guidance.new_prompts():
            await self._database.persist(self._store.save_prompts, prompts)
            exploration.guidance.prompts_kept(prompts)
        exploration.send_plans()
        if nameless := exploration.guidance.nameless():
            exploration.guidance.name(await self._database.persist(bulk.texts_of, nameless))
        await self._judge(exploration)

    async def decide(self, exploration: Exploration, decided: Sequence[Decision]) -> None:
        """Take a step if it is time, and write down what it decided, with what was decided meanwhile."""
        steps = exploration.step()
        run_id, topic_id = exploration.opened.run_id, exploration.opened.topic.pk
        decisions = [*decided, *steps.decisions]
        if decisions:
            await self._database.persist(self._store.record_decisions, run_id, decisions)
            for each in decisions:
                logger.debug("run %s: %s of %.80s: %.200s", run_id, each.kind, each.subject, each.reason)
        if steps.weights:
            await self._database.persist(self._store.record_weights, run_id, steps.weights)
        nodes = exploration.guidance.nodes()
        kept = {node.part.words: node.state.value for node in nodes}
        if kept != self._kept.get(run_id):
            await self._database.persist(self._store.record_partitions, topic_id, nodes)
            self._kept[run_id] = kept

    async def conclude(self, exploration: Exploration) -> None:
        """The run is over: its last decisions are written down, and it is judged once more."""
        if decided := exploration.take_decisions():
            await self._database.persist(self._store.record_decisions, exploration.opened.run_id, decided)
        self._kept.pop(exploration.opened.run_id, None)
        await self._judge(exploration)

    async def _judge(self, exploration: Exploration) -> None:
        estimates = exploration.opened.estimates
        if not estimates.due or exploration.list_pending:
            return
        evidence = estimates.evidence(exploration.entries)
        judged = await self._judging.call(judge, evidence)
        hope = exploration.opened.mind.best_price(exploration.unusable_providers())
        estimates.conclude(judged, exploration.opened.limits.wish, exploration.asked_providers(), hope)

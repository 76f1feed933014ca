"""What people change while runs are under way: looked up, and made to hold in them."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from orchestration.opening import Wanted
from orchestration.preferences import preferences
from orchestration.present_limits import present_limits
from orchestration.runtime.database import Database
from orchestration.runtime.permits import Permits
from orchestration.runtime.recorder import Active
from orchestration.runtime.reviewed import Reviewed
from orchestration.store import Store

logger = logging.getLogger(__name__)


class Changes:
    """`active`: the runs under way, by topic."""

    def __init__(
        self,
        database: Database,
        store: Store,
        permits: Permits,
        reviewed: Reviewed,
        active: Mapping[int, Active],
    ) -> None:
        self._database = database
        self._store = store
        self._permits = permits
        self._reviewed = reviewed
        self._active = active

    async def adjust(self, active: Active, wanted: Wanted) -> None:
        """Pause the run or let it go on, and let what people say of its entries hold."""
        exploration = active.exploration
        if wanted.paused != exploration.paused:
            act, words = (exploration.pause, "is paused") if wanted.paused else (exploration.go_on, "goes on")
            act()
            logger.info("run %s of %r %s", exploration.opened.number, exploration.opened.topic.name, words)
        await self._reviewed.take(active, wanted.reviews)

    async def steer(self) -> None:
        """Weights, pins, parts, providers that are out, and producers that are to begin anew."""
        if not self._active:
            return
        wanted = await self._database.read(preferences, self._running_ids())
        self._permits.disabled = wanted.disabled
        for active in self._active.values():
            run_id = active.exploration.opened.run_id
            active.exploration.helm.steer(
                wanted.weights.get(run_id, {}), wanted.pinned.get(run_id, {}), wanted.parts.get(run_id, [])
            )
            if active.ending is None:
                active.exploration.new_lives.give(wanted.restarts.get(run_id, {}))

    async def limit(self) -> None:
        """Caps, limits and budgets, from the next request on."""
        if not self._active:
            return
        present = await self._database.read(present_limits, self._running_ids())
        self._permits.limit(present.providers)
        for active in list(self._active.values()):
            run_id = active.exploration.opened.run_id
            if run_id in present.budgets and active.exploration.take_budget(present.budgets[run_id]):
                await self._database.persist(self._store.set_budget, run_id, present.budgets[run_id])

    def _running_ids(self) -> list[int]:
        return [active.exploration.opened.run_id for active in self._active.values()]

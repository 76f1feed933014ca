"""Lets what people say of entries hold: for the runs under way, and in the files of every topic."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from orchestration.reviewing import reviewed_topics, take_reviews
from orchestration.runtime.database import Database
from orchestration.runtime.overview import mend_reviewed
from orchestration.runtime.recorder import Active, Recorder
from orchestration.runtime.serial_thread import SerialThread


class Reviewed:
    """`active` are the runs under way, whose files the `recorder` has written; those of other topics are written in
    the thread `mending`, so that no run waits for them."""

    def __init__(
        self,
        database: Database,
        recorder: Recorder,
        mending: SerialThread,
        outputs: Path,
        active: Mapping[int, Active],
    ) -> None:
        self._database = database
        self._recorder = recorder
        self._mending = mending
        self._outputs = outputs
        self._active = active
        self._taken = asyncio.Event()
        self._mended: dict[int, int] = {}

    async def take(self, active: Active, reviews: int) -> None:
        """Let what people say hold for this run, if it has changed: `reviews` says how often it has by now."""
        keys = active.exploration.opened.keys
        if reviews != keys.reviews.number:
            active.exploration.feed.review(await self._database.persist(take_reviews, keys))
            active.folder.distrust()
            self._taken.set()

    async def run(self) -> None:
        """Have the files follow, for ever; a loop of its own, since a slow disk is to keep nobody waiting."""
        while True:
            await self._taken.wait()
            self._taken.clear()
            await self._recorder.refresh_distrusted()

    async def mend(self) -> None:
        """One look at the topics that do not run."""
        for topic_id, reviews in (await self._database.read(reviewed_topics)).items():
            if topic_id not in self._active and self._mended.get(topic_id) != reviews:
                await self._mending.call(mend_reviewed, self._outputs, topic_id, reviews)
                self._mended[topic_id] = reviews

"""What is committed, told to whom it concerns: first the producers, then the files, then what learns from it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from orchestration.arrivals import Arrival, Committed
from orchestration.runtime.files import Row
from orchestration.runtime.folder import TopicFolder
from orchestration.runtime.ingest import BATCHES_AT_A_TIME
from orchestration.runtime.recorder import Active

Write = Callable[[TopicFolder, Callable[[Sequence[Row]], None], Sequence[Row]], None]


async def publish(
    committed: Iterable[Committed], active_of: Callable[[Arrival], Active | None], write: Write
) -> None:
    """Ack, then files, then statistics; nothing of a run for which `active_of` has none any more.

    What is not stored, as texts are missing, is asked for.
    """
    runs = _by_run(committed, active_of)
    for active, theirs in runs:
        active.exploration.acknowledge([each for each in theirs if not each.unknown])
        active.exploration.ask_back([each for each in theirs if each.unknown])
    for active, theirs in runs:
        if rows := _new_rows(active, theirs):
            write(active.folder, active.folder.append, rows)
    for active, theirs in runs:
        stored = [each for each in theirs if each.stored]
        for start in range(0, len(stored), BATCHES_AT_A_TIME):
            _learn(active, stored[start : start + BATCHES_AT_A_TIME])
            await asyncio.sleep(0)


def _by_run(
    committed: Iterable[Committed], active_of: Callable[[Arrival], Active | None]
) -> list[tuple[Active, list[Committed]]]:
    by_topic: dict[int, tuple[Active, list[Committed]]] = {}
    for each in committed:
        if (active := active_of(each.arrival)) is not None:
            by_topic.setdefault(each.arrival.keys.topic_id, (active, []))[1].append(each)
    return list(by_topic.values())


def _new_rows(active: Active, committed: Iterable[Committed]) -> list[Row]:
    reviews = active.exploration.opened.keys.reviews
    new = [entry for each in committed for entry in each.sifted.new]
    if not reviews:
        return [(attribute_id, text) for _, text, attribute_id in new]
    return [(attribute_id, reviews.written(key, text)) for key, text, attribute_id in new]


def _learn(active: Active, stored: Iterable[Committed]) -> None:
    for each in stored:
        active.exploration.record(each)
        active.exploration.feed.add([key for key, _, _ in each.sifted.new])

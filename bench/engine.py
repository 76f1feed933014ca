"""`python -m bench.engine FOLDER`: the product's engine, whose producers are `bench.producer`.

Everything else is as in batch mode: link, uniqueness, store, files, statistics, counts and supervision.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import django
import msgspec

from bench.producer import Report

PRODUCERS = 5
Span = tuple[float, float]


class Observed(msgspec.Struct):
    """What one run of the engine took. `counting_seconds`: bringing times_seen up to date after the last ack.

    `engine_processor`: processor seconds from the first commit to the last; `producers_processor`: of all producers.
    `probable` repeats are those that the producers' filters recognised.
    """

    candidates: int
    unique: int
    pushing_seconds: float
    counting_seconds: float
    commits: int
    engine_processor: float
    producers_processor: float
    probable: int


def corpus_file(folder: Path, slot: int) -> Path:
    return folder / f"corpus-{slot}.json"


def report_file(folder: Path, slot: int) -> Path:
    return folder / f"report-{slot}.json"


def main(folder: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "igentai_site.settings")
    django.setup()
    engine, spans, processor = _engine(folder)
    asyncio.run(engine.run())
    assert engine.summary is not None, "the run did not come to its end"
    reports = [msgspec.json.decode(report_file(folder, slot).read_bytes(), type=Report) for slot in range(PRODUCERS)]
    first, last = min(each.first_sent for each in reports), max(each.last_acknowledged for each in reports)
    observed = Observed(
        candidates=engine.summary["candidates"],
        unique=engine.summary["new"],
        pushing_seconds=last - first,
        counting_seconds=sum(ended - began for began, ended in spans["write_times_seen"] if began > last),
        commits=len(spans["commit"]),
        engine_processor=processor[-1] - processor[0],
        producers_processor=sum(each.processor_seconds for each in reports),
        probable=sum(each.probable for each in reports),
    )
    sys.stdout.buffer.write(msgspec.json.encode(observed))


def _engine(folder: Path) -> tuple[Any, dict[str, list[Span]], list[float]]:
    """An engine with two changes: its producers are another program, and its transactions are timed by name.

    The processor time of the process is noted with each commit.
    """
    from bench.seed import TOPIC
    from orchestration.batch import BatchWish
    from orchestration.logic.lifecycle import Limits
    from orchestration.runtime import engine as module
    from orchestration.runtime import exploration
    from orchestration.runtime.database import Database
    from orchestration.runtime.supervisor import Command

    spans: dict[str, list[Span]] = defaultdict(list)
    processor: list[float] = []

    class Pushed(exploration.Exploration):
        def _command(self, number: int) -> Command:
            arguments = (sys.executable, "-m", "bench.producer", str(corpus_file(folder, number)))
            return replace(super()._command(number), arguments=arguments)

    class Timed(Database):
        async def persist(self, function: Any, *args: Any, **kwargs: Any) -> Any:
            def timed() -> Any:
                began = time.monotonic()
                try:
                    return function(*args, **kwargs)
                finally:
                    spans[function.__name__].append((began, time.monotonic()))
                    if function.__name__ == "commit":
                        processor.append(time.process_time())

            return await super().persist(timed)

    module.Exploration = Pushed  # type: ignore[attr-defined]
    options = module.Options(
        producers=PRODUCERS, outputs=folder / "outputs", batch=lambda: BatchWish(TOPIC, Limits())
    )
    engine = module.Engine(options)
    engine.database = Timed()
    return engine, spans, processor


if __name__ == "__main__":
    main(Path(sys.argv[1]))

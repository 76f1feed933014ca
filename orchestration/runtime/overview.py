"""Files about more than one topic, and folders of topics that no run is writing. In the engine's file thread."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path
from typing import Any

from django.db import DatabaseError, close_old_connections
from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from orchestration.list_lengths import lists_of
from orchestration.logic import report
from orchestration.models import EngineLease, Run
from orchestration.opening import recorded_facts
from orchestration.recounting import Moment, recounted
from orchestration.runtime.files import write_json
from orchestration.runtime.folder import TopicFolder

logger = logging.getLogger(__name__)


def write_overview(root: Path, *, running: bool) -> str:
    """Write `global_state.json`: the engine and whether it goes on, and every topic with its newest run.

    Returns what kept it from being written, or an empty text.
    """
    close_old_connections()
    try:
        write_json(root / "global_state.json", _overview(running=running))
    except (OSError, DatabaseError) as error:
        return f"cannot write global_state.json: {error}"
    return ""


def topics_to_mend() -> list[int]:
    """The topics that have files and are not running."""
    close_old_connections()
    try:
        return list(runs_on_file().values_list("topic_id", flat=True))
    except DatabaseError as error:
        logger.error("cannot mend the topics' folders: %s", error)
        return []


def mend_folder(root: Path, topic_id: int) -> None:
    """Make the files of a topic agree with the database, unless it runs by now and writes them itself."""
    close_old_connections()
    try:
        run = runs_on_file().filter(topic_id=topic_id).first()
        if run is not None:
            _mend(root, run)
    except DatabaseError as error:
        logger.error("cannot mend the folder of topic %s: %s", topic_id, error)


def mend_reviewed(root: Path, topic_id: int, reviews: int) -> None:
    """Let what people say of entries hold in the files of a topic that does not run, if it has a folder and its files
    are of other `reviews`."""
    close_old_connections()
    try:
        run = runs_on_file().filter(topic_id=topic_id).first()
        if run is not None and _reviews_on_file(root / run.topic.folder) not in (reviews, None):
            _mend(root, run)
    except DatabaseError as error:
        logger.error("cannot bring the folder of topic %s up to date: %s", topic_id, error)


def _reviews_on_file(folder: Path) -> int | None:
    """Which reviews the files are of; None: there is no folder."""
    try:
        state = json.loads((folder / "state.json").read_text())
    except (OSError, ValueError):
        return 0 if folder.is_dir() else None
    return int(state["reviews"]) if isinstance(state, dict) and "reviews" in state else 0


def _mend(root: Path, run: Run) -> None:
    # As of its end: its last minutes are those before it.
    end = Moment(time.monotonic(), run.ended_at or timezone.now())
    facts, statistics = recorded_facts(run), recounted(run, end)
    folder = TopicFolder(root, run.topic.folder, run.topic_id)
    folder.open(report.topic_text(facts))
    metrics = report.metrics(facts, statistics, statistics.figures(end.monotonic, facts.active_seconds))
    folder.refresh(metrics, report.state(facts, int(time.time())))
    folder.close()


def newest_runs() -> Any:
    """The newest run of each topic, with its topic."""
    return _first_of_each_topic("-number")


def runs_on_file() -> Any:
    """The run that each folder tells of, where none is under way: the newest that has the present list.

    A run that ended before its own list began leaves the files to the one before, as the list itself.
    """
    active = Run.objects.active().filter(topic=OuterRef("topic"))
    return _first_of_each_topic("-list_number", "-number").exclude(Exists(active))


def _first_of_each_topic(*order: str) -> Any:
    first = Run.objects.filter(topic=OuterRef("topic")).order_by(*order).values("pk")[:1]
    return Run.objects.filter(pk=Subquery(first)).select_related("topic").order_by("topic__name")


def _list_lengths() -> dict[int, int]:
    """How long each topic's list is: what the runs that share the present list number added to it, less what people
    have rejected of that."""
    return {each.topic_id: each.entries for each in lists_of(Run.objects.all())}


def _overview(*, running: bool) -> dict[str, Any]:
    lease, lengths = EngineLease.objects.get(), _list_lengths()
    return {
        "engine": {"host": lease.host, "pid": lease.pid, "epoch": lease.epoch, "running": running},
        "topics": [
            {
                "topic": run.topic.name,
                "folder": run.topic.folder,
                "run": run.number,
                "state": run.state,
                "stop_reason": run.stop_reason,
                "unique": lengths.get(run.topic_id, 0),  # a run may have begun since they were summed
                "candidates": run.candidates,
                "cost_usd": float(run.cost_usd),
            }
            for run in newest_runs()
        ],
        "last_updated": int(time.time()),
    }

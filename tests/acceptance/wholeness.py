"""What must hold after every run, however it ended: nothing is lost, and nothing counted twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, Sum

from orchestration.arrivals import unpacked_ids
from orchestration.models import Request, Run
from tests.acceptance.support import Igentai, newest_run, texts
from topics.models import Topic

COUNTERS = ("candidates", "unique", "rejected", "tokens_in", "tokens_out", "cost_usd")


def assert_whole(topic: Topic, igentai: Igentai) -> None:
    """Nothing is lost, nothing counted twice, and the files say what the database says."""
    assert igentai.lines(topic) == texts(topic)
    assert_counted_once(topic)
    state = igentai.read(topic, "state.json")
    assert state["total_unique_count"] == topic.attributes.count()
    run = newest_run(topic)
    assert run is not None
    metrics = igentai.read(topic, "metrics.json")
    assert (metrics["requests"], metrics["candidates"]) == (run.requests, run.candidates)
    figures = metrics["statistics"]["run"]["run"]
    assert (figures["requests"], figures["candidates"], figures["unique"]) == (
        run.requests,
        run.candidates,
        run.unique,
    )


def assert_counted_once(topic: Topic) -> None:
    run = topic.runs.exclude(list_number=0).order_by("-number").first()
    assert run is not None
    of_list = list(Request.objects.filter(run__topic=topic, run__list_number=run.list_number))
    rows = list(topic.attributes.values_list("id", "key", "times_seen"))
    assert len({bytes(key) for _, key, _ in rows}) == len(rows)
    assert len({(request.producer_id, request.batch_id) for request in of_list}) == len(of_list)
    assert sum(request.unique for request in of_list) == len(rows)
    seen = Counter(repeat for request in of_list for repeat in unpacked_ids(bytes(request.repeats)))
    assert {key: times for key, _, times in rows} == {key: 1 + seen[key] for key, _, _ in rows}
    assert sum(request.candidates for request in of_list) == len(rows) + seen.total()
    for each in topic.runs.all():
        assert_run_adds_up(each)


def assert_run_adds_up(run: Run) -> None:
    sums = run.request_set.aggregate(requests=Count("id"), **{name: Sum(name) for name in COUNTERS})
    # SQLite sums decimals as floating-point numbers, so amounts are compared to a billionth of a dollar.
    assert {name: round(value or 0, 9) for name, value in sums.items()} == {
        name: round(getattr(run, name), 9) for name in ("requests", *COUNTERS)
    }
    assert run.failed_requests == run.request_set.filter(outcome="failed").count()
    assert run.unpriced_requests == run.request_set.filter(cost_usd=None).count()


def every_stored_text() -> Iterator[str]:
    """Every row of every table, as text."""
    from django.apps import apps

    for model in apps.get_models():
        for row in model._default_manager.values_list():
            yield repr([bytes(value) if isinstance(value, memoryview) else value for value in row])

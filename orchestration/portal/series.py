"""A run over time, for charts: its requests, added up in the database by stretch of time and provider.

Requests are numbered in the order of commits. So what comes after an id is what is new, whenever it took place: a
page asks with the id up to which it knows all, and adds what it is told to what it has. The index on run and id
serves just that.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Count, F, FloatField, Func, IntegerField, Max, Q, Sum, Value
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from orchestration.models import Request, Run
from orchestration.portal.briefly import Briefly
from orchestration.portal.buckets import width_for
from orchestration.portal.sections import as_json
from producers.models import Provider

FRESH_SECONDS = 2.0
NOTHING = "\N{EN DASH}"
NO_RUN = as_json({"run": 0, "width": 1, "start": 0, "cursor": 0, "after": 0, "buckets": []})


class EpochSeconds(Func):
    """A moment in whole seconds since 1970."""

    output_field = BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "CAST(strftime('%%%%s', %(expressions)s) AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::bigint"
        return self.as_sql(compiler, connection, template=template, **extra)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page has already: the buckets of this width of this run, of its requests up to the id `after`."""

    run: int = 0
    width: int = 0
    after: int = 0


_recent: Briefly[tuple[int, Asked], str] = Briefly(FRESH_SECONDS)


def recent_series(topic_id: int, asked: Asked) -> str:
    """What is new for the page, as JSON; the same for all who ask within two seconds."""
    return _recent.get((topic_id, asked), time.monotonic(), lambda: read_series(topic_id, asked))


def read_series(topic_id: int, asked: Asked) -> str:
    """The buckets to be added to those that the page has, or all of them where `after` in the answer is 0.

    Each: number of the bucket, provider, requests, failed ones, unpriced ones, candidates, unique, USD.
    """
    run = (
        Run.objects.filter(topic=topic_id)
        .order_by("-number")
        .values("pk", "number", "started_at", "ended_at")
        .first()
    )
    if run is None:
        return NO_RUN
    start: datetime = run["started_at"]
    width = width_for(((run["ended_at"] or timezone.now()) - start).total_seconds())
    after = asked.after if (asked.run, asked.width) == (run["number"], width) else 0
    rows = Request.objects.filter(run=run["pk"])
    cursor = rows.aggregate(newest=Max("id"))["newest"] or 0
    epoch = int(start.timestamp())
    return as_json(
        {
            "run": run["number"],
            "width": width,
            "start": epoch,
            "cursor": cursor,
            "after": after,
            "buckets": _buckets(rows.filter(id__gt=after, id__lte=cursor), epoch, width) if cursor > after else [],
        }
    )


def _buckets(rows: Any, epoch: int, width: int) -> list[list[Any]]:
    seconds = EpochSeconds(F("finished_at")) - Value(epoch)
    bucket = Func(seconds, Value(width), template="(%(expressions)s)", arg_joiner=" / ", output_field=IntegerField())
    # Without a join, which could make the database go through the run once for each provider.
    grouped = rows.annotate(bucket=bucket).order_by().values("bucket", "provider")
    found = grouped.annotate(
        made=Count("id"),
        failed=Count("id", filter=Q(outcome=Request.Outcome.FAILED)),
        unpriced=Count("id", filter=Q(cost_usd=None)),
        named=Sum("candidates"),
        new=Sum("unique"),
        # As a float: SQLite adds decimals up as texts otherwise.
        usd=Coalesce(Sum(Cast("cost_usd", FloatField())), 0.0),
    ).values_list("bucket", "provider", "made", "failed", "unpriced", "named", "new", "usd")
    names = dict(Provider.objects.values_list("pk", "name"))
    return sorted(
        [max(0, bucket), names.get(provider, NOTHING), *counts, round(usd, 6)]
        for bucket, provider, *counts, usd in found
    )

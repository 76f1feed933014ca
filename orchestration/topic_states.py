"""Topics with their newest run and the length of their list: for lists of topics, in two queries more."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import F, OuterRef, Prefetch, QuerySet, Subquery, Sum

from orchestration.list_lengths import entries_of
from orchestration.models import Run
from orchestration.sentences import Headline, RunFacts, topic_headline
from topics.models import Topic


def with_newest_run(topics: QuerySet[Topic]) -> QuerySet[Topic]:
    """Each topic with `entries`, to sort by, and with its newest run, if any, as the list `newest_runs`.

    What people rejected counts among these `entries`, until `count_entries` has taken it away.
    """
    of_topic = Run.objects.filter(topic=OuterRef("pk")).order_by("-list_number").values("list_number")
    same_topic = Run.objects.filter(topic=OuterRef("topic")).order_by("-number").values("pk")[:1]
    newest = Run.objects.annotate(newest=Subquery(same_topic)).filter(pk=F("newest"))
    annotated: QuerySet[Any] = topics.annotate(entries=Subquery(of_topic.annotate(n=Sum("unique")).values("n")[:1]))
    return annotated.prefetch_related(Prefetch("runs", newest, to_attr="newest_runs"))


def count_entries(topics: Collection[Any]) -> None:
    """Let the `entries` of topics be those that count."""
    lengths = entries_of({topic.pk for topic in topics})
    for topic in topics:
        topic.entries = lengths.get(topic.pk, 0)


def newest_run_of(topic: Any) -> Run | None:
    """Of a topic that `with_newest_run` has read."""
    return next(iter(topic.newest_runs), None)


def state_of(topic: Topic) -> Headline:
    """How a topic that `with_newest_run` has read is now."""
    return topic_headline(topic.desired_state, topic.starts, facts_of(newest_run_of(topic)))


def facts_of(run: Run | None) -> RunFacts | None:
    if run is None:
        return None
    return RunFacts(run.number, run.state, run.stop_reason, run.stop_detail, run.warning)

"""Topics with their newest run and the length of their list: for lists of topics, in two queries more."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Case, CharField, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, Value, When

from orchestration.list_lengths import entries_of
from orchestration.models import Run
from orchestration.sentences import Headline, RunFacts, StateKind, topic_headline
from topics.models import DesiredState, Topic

# What `topic_headline` decides, as the database has to: the first that holds.
_ASKED = ~Q(desired_state=DesiredState.STOPPED) & (Q(newest_number=None) | Q(newest_number__lt=F("starts")))
_KINDS: tuple[tuple[Q, StateKind], ...] = (
    (_ASKED & Q(desired_state=DesiredState.PAUSED), StateKind.PAUSED),
    (_ASKED, StateKind.WAITING),
    (Q(newest_number=None), StateKind.IDLE),
    (Q(newest_state=Run.State.ENDED), StateKind.ENDED),
    (Q(newest_state=Run.State.FAILED), StateKind.FAILED),
    (Q(newest_state=Run.State.PAUSED, desired_state=DesiredState.PAUSED), StateKind.PAUSED),
    (Q(newest_state=Run.State.RUNNING, desired_state=DesiredState.RUNNING), StateKind.RUNNING),
)


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


def of_kind(topics: QuerySet[Topic], kind: StateKind) -> QuerySet[Topic]:
    """Those whose state, as `state_of` tells it, is of this kind."""
    newest = Run.objects.filter(topic=OuterRef("pk")).order_by("-number")
    with_run: QuerySet[Any] = topics.annotate(
        newest_number=Subquery(newest.values("number")[:1]), newest_state=Subquery(newest.values("state")[:1])
    )
    cases = [When(condition, then=Value(str(known))) for condition, known in _KINDS]
    kinds = Case(*cases, default=Value(str(StateKind.WAITING)), output_field=CharField())
    found: QuerySet[Topic] = with_run.annotate(state_kind=kinds).filter(state_kind=str(kind))
    return found


def facts_of(run: Run | None) -> RunFacts | None:
    if run is None:
        return None
    return RunFacts(run.number, run.state, run.stop_reason, run.stop_detail, run.warning)

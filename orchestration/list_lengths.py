"""How long the lists of topics are, many at once."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from orchestration.models import Run
from topics.rejected import PresentList, rejected_of_each


@dataclass(frozen=True, slots=True)
class ListLength:
    """What the runs that share a list have `found` for it, and how much of that people have rejected."""

    topic_id: int
    number: int
    found: int
    rejected: int = 0

    @property
    def entries(self) -> int:
        return max(self.found - self.rejected, 0)


def lists_of(runs: QuerySet[Run]) -> list[ListLength]:
    """The lists of the runs, a topic's present one last, in two queries at most.

    Only of the present one it is known what was rejected: the entries of those before are gone.
    """
    by_list = runs.order_by("topic", "list_number").values_list("topic", "list_number", "topic__reviews")
    rows = list(by_list.annotate(found=Sum("unique")))
    present = {topic_id: PresentList(topic_id, reviews, number) for topic_id, number, reviews, _ in rows}
    rejected = rejected_of_each(present.values())
    return [
        ListLength(topic_id, number, found, rejected[topic_id] if number == present[topic_id].number else 0)
        for topic_id, number, _, found in rows
    ]


def entries_of(topics: set[int]) -> dict[int, int]:
    """How long the present list of each is; without those that have had no run."""
    return {each.topic_id: each.entries for each in lists_of(Run.objects.filter(topic__in=topics))}

"""A second topic with the settings of the first: its providers and own categories too, but not its list."""

from __future__ import annotations

from django.db import transaction

from producers.models import TopicProvider
from topics.models import Topic, TopicPartition

# What belongs to this very topic: who it is, what people want of it now, and what was reviewed.
OWN = frozenset({"id", "name", "folder", "desired_state", "starts", "replace_list", "reviews", "created_at"})
LONGEST_NAME = 200


@transaction.atomic
def duplicate(topic: Topic) -> Topic:
    """The new topic, which was never started."""
    settings = {
        field.attname: getattr(topic, field.attname) for field in Topic._meta.concrete_fields if field.name not in OWN
    }
    copy = Topic.objects.create(name=free_name(topic.name), **settings)
    TopicProvider.objects.bulk_create(
        TopicProvider(topic=copy, provider_id=each.provider_id, weight=each.weight)
        for each in TopicProvider.objects.filter(topic=topic)
    )
    TopicPartition.objects.bulk_create(
        TopicPartition(topic=copy, words=part.words, data=part.data, by_person=True, left_out=part.left_out)
        for part in TopicPartition.objects.filter(topic=topic, by_person=True)
    )
    return copy


def free_name(name: str) -> str:
    """The name of a copy that no topic has."""
    number = 1
    while True:
        ending = " (copy)" if number == 1 else f" (copy {number})"
        candidate = name[: LONGEST_NAME - len(ending)] + ending
        if not Topic.objects.filter(name=candidate).exists():
            return candidate
        number += 1

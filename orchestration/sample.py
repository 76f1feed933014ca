"""The sample topic: something to look at before anything is configured. It costs nothing."""

from __future__ import annotations

from django.db import transaction

from orchestration.choosing import simulated_providers
from producers.models import TopicProvider
from topics.models import Topic

SAMPLE_TOPIC = "Regions of the world"


@transaction.atomic
def sample_topic() -> Topic:
    """The sample topic, made on first use."""
    topic, is_new = Topic.objects.get_or_create(name=SAMPLE_TOPIC)
    if is_new:
        # Simulated by choice, whatever keys the environment holds: a sample must cost nothing.
        TopicProvider.objects.bulk_create(
            TopicProvider(topic=topic, provider=provider, weight=provider.weight)
            for provider in simulated_providers()
        )
    return topic

"""What a producer is told at its start: values in, a message out."""

from __future__ import annotations

import hashlib

from orchestration.opening import OpenedRun
from orchestration.provider_facts import spec_of
from producers.link.messages import GenerationConfig, Plan, StartTopic
from producers.models import Producer


def start_message(
    opened: OpenedRun,
    producer: Producer,
    requests_made: int,
    plans: dict[str, Plan],
    patience: dict[str, int],
) -> StartTopic:
    """The assignment of one producer, which has made `requests_made` requests in this run already."""
    topic, iterations = opened.topic, opened.limits.iterations
    return StartTopic(
        topic=topic.name,
        prompt=opened.mind.blind_prompt(),
        providers=tuple(spec_of(provider.row) for provider in opened.providers.values()),
        provider_weights=opened.weights[producer.slot],
        plans=plans,
        patience=patience,
        generation=GenerationConfig(
            request_size=topic.request_size,
            in_flight=topic.in_flight,
            requests_left=None if iterations is None else max(iterations - requests_made, 0),
            routing=topic.routing,
            seed=_seed(topic.name, opened.number, producer.slot, requests_made),
        ),
    )


def _seed(*parts: object) -> int:
    """A seed that differs between producers and between the lives of one, and is the same in a repetition."""
    digest = hashlib.blake2b(repr(parts).encode(errors="replace"), digest_size=6).digest()
    return int.from_bytes(digest, "big")

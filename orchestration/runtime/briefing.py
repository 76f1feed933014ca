"""What a producer is told at its start, and when it is connected again: values in, a message out."""

from __future__ import annotations

import hashlib

from orchestration.logic.patience import by_provider
from orchestration.opening import OpenedRun
from orchestration.provider_facts import spec_of
from producers.link.messages import GenerationConfig, Plan, StartTopic, UpdateConfiguration
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


def reminder(
    opened: OpenedRun, producer: Producer, plans: dict[str, Plan], patience: dict[str, int]
) -> UpdateConfiguration:
    """What a producer is to know that went on while its connection was down."""
    return UpdateConfiguration(plans=plans, provider_weights=opened.weights[producer.slot], patience=patience)


def chosen_patience(opened: OpenedRun, now: float) -> dict[str, int]:
    """After how many repeats an answer is to be cut, by provider; `now` is the run's own time."""
    statistics, providers = opened.statistics, opened.providers
    # What a model has thought is billed, and not reported when its answer is cut.
    rates = {name: each.rates for name, each in providers.items() if not each.row.thinking_tokens}
    return by_provider(statistics.recent(now), statistics.by_provider, rates)


def _seed(*parts: object) -> int:
    """A seed that differs between producers and between the lives of one, and is the same in a repetition."""
    digest = hashlib.blake2b(repr(parts).encode(errors="replace"), digest_size=6).digest()
    return int.from_bytes(digest, "big")

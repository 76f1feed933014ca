"""The mind of a run as it begins or goes on: settings, parts, and what its list has taught so far. Engine only."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from random import Random
from typing import Protocol

from orchestration.logic import parts
from orchestration.logic.asking import KnownPart, Settings
from orchestration.logic.decisions import Decision
from orchestration.logic.effort import Rated
from orchestration.logic.estimates import Estimates
from orchestration.logic.pricing import MILLION, Rates
from orchestration.logic.steering import Steering
from orchestration.logic.tree import PartState
from orchestration.models import Run
from orchestration.replaying import replay
from producers.models import Provider
from producers.providers.vendors import takes_temperature
from topics.models import Routing, Topic, TopicPartition

# Of a provider whose price nobody knows: that of an inexpensive model, USD per million tokens.
UNKNOWN_RATES = Rates(Decimal(1), Decimal(4))


class Priced(Protocol):
    """A provider with its rates."""

    @property
    def row(self) -> Provider: ...
    @property
    def rates(self) -> Rates | None: ...


def make_mind(
    run: Run,
    topic: Topic,
    providers: Mapping[str, Priced],
    weights: Mapping[int, dict[str, float]],
    pinned: Mapping[int, dict[str, float]],
) -> tuple[Steering, Estimates, list[Decision]]:
    """The steering and the estimates of a run, as much as its list has taught, and what was decided at once."""
    steering, estimates = (
        Steering(
            settings=_settings(topic),
            providers={name: _rated(each) for name, each in providers.items()},
            slots=range(run.producer_count),
            # Not for secrets: the same run explores in the same way.
            rng=Random(f"{topic.name} {run.number}"),  # noqa: S311
            weights={slot: dict(shares) for slot, shares in weights.items()},
            pinned={slot: dict(shares) for slot, shares in pinned.items()},
        ),
        Estimates(),
    )
    # What the engine made of the topic belongs to the earlier list, which stands until this run's own begins.
    known = parts_of([run.pk])[run.pk]
    steering.restore([part for part in known if run.list_number or part.by_person or part.left_out])
    if run.list_number:
        replay(steering, estimates, topic.pk, run.list_number)
    return steering, estimates, steering.begin()


def parts_of(run_ids: Collection[int]) -> dict[int, list[KnownPart]]:
    """The parts of each run's topic."""
    topics = dict(Run.objects.filter(pk__in=run_ids).values_list("pk", "topic"))
    known: dict[int, list[KnownPart]] = {topic: [] for topic in topics.values()}
    for row in TopicPartition.objects.filter(topic__in=known).order_by("id"):
        known[row.topic_id].append(_known(row))
    return {run_id: known[topic] for run_id, topic in topics.items()}


def _known(row: TopicPartition) -> KnownPart:
    return KnownPart(
        parts.from_data(row.data), row.parent, PartState(row.state), by_person=row.by_person, left_out=row.left_out
    )


def _settings(topic: Topic) -> Settings:
    return Settings(
        topic=topic.name,
        prompt=topic.prompt,
        partition=topic.partition,
        optimise=topic.optimise,
        request_size=topic.request_size,
        interval=topic.optimise_interval,
        # The other routings go by an order of weights, which is people's.
        steers_weights=topic.routing == Routing.WEIGHTED,
    )


def _rated(provider: Priced) -> Rated:
    rates = provider.rates or UNKNOWN_RATES
    return Rated(
        provider.row.name,
        float(rates.tokens_in / MILLION),
        float(rates.tokens_out / MILLION),
        takes_temperature(provider.row.kind, provider.row.model),
    )

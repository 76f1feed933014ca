"""How a run begins or goes on: its rows, and everything that is rebuilt from the database. Engine only.

Like `store`, this writes observed rows, in the engine's writer thread.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from orchestration import bulk, lease
from orchestration.arrivals import unpacked_ids
from orchestration.choosing import Chosen, chosen_for
from orchestration.logic.decisions import Decision
from orchestration.logic.estimates import Estimates
from orchestration.logic.lifecycle import Limits, StopReason
from orchestration.logic.pricing import Rates
from orchestration.logic.prompts import producer_prompt
from orchestration.logic.report import RunFacts
from orchestration.logic.statistics import RunStatistics
from orchestration.logic.steering import Steering
from orchestration.logic.uniqueness import TopicKeys
from orchestration.minds import make_mind
from orchestration.models import Request, Run, RunFigures
from orchestration.prices import rates_of
from orchestration.recounting import Moment, recounted
from orchestration.reviewing import reviews_of_topic
from orchestration.weights import keep_weights, weights_of
from producers.models import Producer, Provider, ProviderWeight
from topics.models import DesiredState, Topic
from topics.rejected import count_rejected


@dataclass(frozen=True, slots=True)
class OpenedProvider:
    """A provider of a run, ready to be called and billed."""

    row: Provider
    weight: float
    rates: Rates | None


@dataclass(frozen=True, slots=True)
class OpenedRun:
    """A run with all that memory holds of it. `weights` are by slot and provider.

    `problem` says why it cannot be explored at all, or is empty. `list_pending`: its own list has not begun, and
    an earlier one, if there is one, stands until an answer comes, with its `earlier_entries`. `lost_usd`: what
    requests may have cost that a crash cut off.
    """

    run_id: int
    number: int
    topic: Topic
    limits: Limits
    providers: dict[str, OpenedProvider]
    producers: tuple[Producer, ...]
    weights: dict[int, dict[str, float]]
    keys: TopicKeys
    statistics: RunStatistics
    mind: Steering
    estimates: Estimates
    decisions: tuple[Decision, ...]
    active_seconds: float
    started_at: datetime
    list_pending: bool
    has_earlier_list: bool
    simulated: bool
    problem: str
    lost_usd: Decimal = Decimal(0)
    earlier_entries: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What people want of a topic: the run of this start, whether it is to be paused, and how many changes there were
    of what they say of its entries."""

    start: int
    paused: bool = False
    reviews: int = 0


def wanted_starts(only_topic: int | None) -> dict[int, Wanted]:
    """The topics that should have a run, at work or paused: those whose run has not ended by itself."""
    topics = Topic.objects.under_way()
    if only_topic is not None:
        topics = topics.filter(pk=only_topic)
    rows = topics.values_list("pk", "starts", "desired_state", "reviews")
    return {pk: Wanted(start, state == DesiredState.PAUSED, reviews) for pk, start, state, reviews in rows}


def close_unwanted_runs(epoch: int, only_topic: int | None, running: Collection[int]) -> None:
    """End the runs, other than those `running`, that a crash left open and that nobody wants any more."""
    wanted = ~Q(topic__desired_state=DesiredState.STOPPED) & Q(number=F("topic__starts"))
    left = Run.objects.active().exclude(wanted).exclude(pk__in=running)
    if only_topic is not None:
        left = left.filter(topic=only_topic)
    for run in left.select_related("topic"):
        superseded = run.number != run.topic.starts
        run.stop_reason = StopReason.SUPERSEDED if superseded else StopReason.STOPPED
        run.state, run.ended_at = Run.State.ENDED, timezone.now()
        with transaction.atomic():
            lease.fence(epoch)
            _count_seen(run)
            run.producers.update(state=Producer.State.STOPPED, pid=None)
            run.save(update_fields=["stop_reason", "state", "ended_at"])


def open_run(
    epoch: int, topic_id: int, start: int, default_producers: int, limits: Limits | None = None
) -> OpenedRun | None:
    """The run that answers the topic's start of this number, begun or gone on with; None: topic or run is over.

    `limits`, where given, take the place of the topic's own, and of those that an interrupted run had.
    Raises LeaseLost.
    """
    topic = Topic.objects.filter(pk=topic_id).first()
    if topic is None:
        return None
    chosen = chosen_for(topic)
    with transaction.atomic():
        lease.fence(epoch)
        run = _run(topic, start, topic.producer_count or default_producers, limits, chosen)
        if run.ended_at is not None:
            return None  # ended after somebody read that it is wanted
        producers = _producers(run, topic, chosen)
        # Here, so that figures are only ever changed: their run may be deleted at any moment.
        RunFigures.objects.get_or_create(run=run, defaults={"updated_at": timezone.now()})
    return _remembered(epoch, run, topic, producers, chosen)


def _remembered(
    epoch: int, run: Run, topic: Topic, producers: tuple[Producer, ...], chosen: Collection[Chosen]
) -> OpenedRun:
    """The run with all that the database knows of it, and its producers in the places that follow from that."""
    providers = {
        each.provider.name: OpenedProvider(each.provider, each.weight, rates_of(each.provider)) for each in chosen
    }
    pending = run.list_number == 0
    keys = _known_keys(run, topic)
    pinned = weights_of(run.pk, pinned=True)
    mind, estimates, decisions = make_mind(run, topic, providers, weights_of(run.pk), pinned)
    with transaction.atomic():
        lease.fence(epoch)
        _take_places(run, topic, producers, mind)
    return OpenedRun(
        run_id=run.pk,
        number=run.number,
        topic=topic,
        limits=Limits(run.target, run.budget_usd, run.minutes, run.iterations, run.coverage, run.price_usd),
        problem=_problem(run, providers),
        providers=providers,
        producers=producers,
        weights={slot: dict(shares) for slot, shares in mind.weights.items()},
        keys=keys,
        mind=mind,
        estimates=estimates,
        decisions=tuple(decisions),
        statistics=recounted(run, Moment(time.monotonic(), timezone.now())),
        active_seconds=run.active_seconds,
        started_at=run.started_at,
        list_pending=pending,
        has_earlier_list=pending and topic.attributes.exists(),
        simulated=run.simulated,
        lost_usd=run.lost_usd,
        earlier_entries=_listed(topic) if pending else 0,
    )


def _known_keys(run: Run, topic: Topic) -> TopicKeys:
    """The keys of the topic's list and what people say of them; of a list that has not begun, only the latter."""
    keys = TopicKeys(topic.pk)
    keys.review(reviews_of_topic(topic.pk))
    if run.list_number:
        bulk.load_keys(keys)
        _recover_seen(run, keys)
    return keys


def _take_places(run: Run, topic: Topic, producers: Collection[Producer], mind: Steering) -> None:
    """Write down whom each producer asks, and for what, to begin with."""
    keep_weights(run.pk, mind.weights)
    for producer in producers:
        producer.partition = mind.part_of(producer.slot).words
        producer.prompt = producer_prompt(topic.name, topic.prompt, producer.partition)
    Producer.objects.bulk_update(producers, ["partition", "prompt"])


def recorded_facts(run: Run) -> RunFacts:
    """What reports say of a run that is not under way, from the database alone."""
    weights = ProviderWeight.objects.filter(producer__run=run, producer__slot=0).select_related("provider")
    return RunFacts(
        topic=run.topic.name,
        folder=run.topic.folder,
        prompt=run.topic.prompt,
        run=run.number,
        state=run.state,
        started_at=run.started_at.strftime("%Y-%m-%d %H:%M:%S"),
        producer_count=run.producer_count,
        active_producers=0,
        weights={each.provider.name: each.weight for each in weights},
        simulated=run.simulated,
        entries=_listed(run.topic),
        reviews=run.topic.reviews,
        active_seconds=run.active_seconds,
        stop_reason=run.stop_reason,
        stop_detail=run.stop_detail,
        **_recorded_estimates(run),
    )


def _listed(topic: Topic) -> int:
    """The length of the topic's list, without what people have rejected."""
    return topic.attributes.count() - count_rejected(topic.pk)


def _recorded_estimates(run: Run) -> dict[str, Any]:
    figures = RunFigures.objects.filter(run=run).first()
    return {"estimates": figures.data["estimates"]} if figures and "estimates" in figures.data else {}


def _run(topic: Topic, start: int, producer_count: int, stated: Limits | None, chosen: list[Chosen]) -> Run:
    limits = stated or _limits_of(topic)
    previous = topic.runs.filter(number__lt=start).exclude(list_number=0).order_by("-number").first()
    continues = None if topic.replace_list else previous
    simulated = any(each.provider.is_simulated for each in chosen) or bool(continues and continues.simulated)
    run, _ = Run.objects.get_or_create(
        topic=topic,
        number=start,
        defaults={
            # 0: this run's own list has not begun; it will once a provider has been found usable.
            "list_number": continues.list_number if continues else 0,
            "producer_count": producer_count,
            **asdict(limits),
        },
    )
    if continues and not run.list_number:
        run.list_number = continues.list_number  # it was to replace that list, until people wanted it kept
    run.simulated = run.simulated or simulated
    if stated is not None:
        for name, limit in asdict(stated).items():
            setattr(run, name, limit)
    run.save(update_fields=["list_number", "simulated", *asdict(limits)])
    return run


def _producers(run: Run, topic: Topic, chosen: list[Chosen]) -> tuple[Producer, ...]:
    producers = []
    for slot in range(run.producer_count):
        producer, _ = Producer.objects.update_or_create(
            run=run, slot=slot, defaults={"state": Producer.State.STARTING, "detail": ""}
        )
        producers.append(producer)
    ProviderWeight.objects.filter(producer__run=run).exclude(provider__in=[each.provider for each in chosen]).delete()
    ProviderWeight.objects.bulk_create(
        [
            ProviderWeight(producer=producer, provider=each.provider, weight=each.weight)
            for producer in producers
            for each in chosen
        ],
        ignore_conflicts=True,
    )
    return tuple(producers)


def _problem(run: Run, providers: dict[str, OpenedProvider]) -> str:
    unpriced = [name for name, provider in providers.items() if provider.rates is None]
    if run.budget_usd is None or not unpriced:
        return ""
    return f"a budget needs a price for {', '.join(unpriced)}: state its rates with the provider"


def _limits_of(topic: Topic) -> Limits:
    return Limits(topic.target, topic.budget_usd, topic.minutes, topic.iterations, topic.coverage, topic.price_usd)


def _recover_seen(run: Run, keys: TopicKeys) -> None:
    """Count again the repeats that a crash kept from reaching the attributes' counts."""
    for each in Run.objects.filter(topic_id=keys.topic_id, list_number=run.list_number):
        requests = Request.objects.filter(run=each, id__gt=each.seen_through)
        for repeats in requests.values_list("repeats", flat=True).iterator():
            keys.seen.update(unpacked_ids(bytes(repeats)))


def _count_seen(run: Run) -> None:
    """Bring the attributes' counts up to date with the requests of a run that nobody goes on with."""
    keys = TopicKeys(run.topic_id)
    _recover_seen(run, keys)
    bulk.add_times_seen(sorted(keys.seen.items()))
    last = Request.objects.aggregate(last=Max("id"))["last"] or 0
    Run.objects.filter(topic_id=run.topic_id, list_number=run.list_number).update(seen_through=last)

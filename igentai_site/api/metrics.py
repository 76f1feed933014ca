"""Metrics for Prometheus, read from the database when it asks: a few questions, each bounded.

Of topics, those with the newest runs are told apart, of providers those that were asked most: a series for each of
thousands would be a burden to whoever stores them.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils import timezone
from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from orchestration.list_lengths import lists_of
from orchestration.models import Request, Run, RunFigures
from orchestration.portal import queries
from orchestration.portal.poller import pollers
from orchestration.reservations import LostSpending
from producers.models import Producer, Provider
from topics.models import Topic

MOST_TOPICS = 100
MOST_PROVIDERS = 100
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
ESTIMATES = {
    "coverage": ("igentai_coverage_ratio", "Estimated share of all entries that is found, 0 to 1."),
    "mass_coverage": ("igentai_mass_coverage_ratio", "Estimated share of what a blind answer names, 0 to 1."),
    "price_of_next_100_usd": ("igentai_price_of_next_100_usd", "Estimated price of the next 100 entries."),
}
COUNTED = ("candidates", "unique", "tokens_in", "tokens_out", "cost_usd")


@dataclass
class Totals:
    """What providers were asked and cost, summed up as requests are stored.

    Requests are numbered in the order of commits, so each look sums only what came since the look before; the first
    sums all. What a deleted topic has cost stays counted, as a counter should.
    """

    seen: int = 0
    outcomes: Counter[tuple[int, str]] = field(default_factory=Counter)
    sums: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def catch_up(self) -> None:
        with self._lock:
            newest = Request.objects.aggregate(newest=Max("id"))["newest"] or 0
            new = Request.objects.filter(id__gt=self.seen, id__lte=newest).order_by()
            amounts = {f"sum_{name}": Sum(name) for name in COUNTED}
            unpriced = Count("id", filter=Q(cost_usd__isnull=True))
            rows = list(new.values("provider_id", "outcome").annotate(many=Count("id"), unpriced=unpriced, **amounts))
            for row in rows:
                self._add(row)
            self.seen = newest

    def _add(self, row: Mapping[str, Any]) -> None:
        provider = row["provider_id"]
        self.outcomes[provider, row["outcome"]] += row["many"]
        self.sums["unpriced"][provider] += row["unpriced"]
        for name in COUNTED:
            self.sums[name][provider] += row[f"sum_{name}"] or 0


class Collector:
    """One scrape, as prometheus_client wants it: something that can be collected."""

    def __init__(self, totals: Totals) -> None:
        self._totals = totals

    def collect(self) -> Iterator[Metric]:
        yield from _installation()
        newest = list(_newest_runs())
        yield from _of_topics(newest)
        yield from _of_runs(newest)
        yield from _estimates(newest)
        yield _producers()
        self._totals.catch_up()
        yield from _of_providers(self._totals)


_totals = Totals()


def text() -> bytes:
    return generate_latest(Collector(_totals))


def _installation() -> Iterator[Metric]:
    up = queries.engine_is_running(timezone.now())
    yield _gauge("igentai_engine_up", "1 while the engine says that it is at work.", up)
    yield _gauge("igentai_topics", "Topics.", Topic.objects.count())
    lost = LostSpending.objects.aggregate(usd=Sum("worst_usd"))["usd"] or 0
    yield _gauge("igentai_lost_usd", "What requests may have cost beyond what is known.", lost)


def _newest_runs() -> QuerySet[Run]:
    """The newest run of each of the topics that were started last."""
    newest = Run.objects.order_by().values("topic").annotate(newest=Max("id")).order_by("-newest")[:MOST_TOPICS]
    ids = [row["newest"] for row in newest]
    return Run.objects.filter(pk__in=ids).select_related("topic").order_by("-id")


def _of_topics(newest: Iterable[Run]) -> Iterator[Metric]:
    names = {run.topic_id: run.topic.name for run in newest}
    found = CounterMetricFamily("igentai_entries", "Entries found, over all runs of the topic.", labels=["topic"])
    listed = GaugeMetricFamily(
        "igentai_list_entries", "Entries in the topic's present list, without rejected ones.", labels=["topic"]
    )
    all_found, present = Counter[int](), dict[int, int]()
    for each in lists_of(Run.objects.filter(topic__in=names)):
        all_found[each.topic_id] += each.found
        present[each.topic_id] = each.entries
    for topic_id, name in names.items():
        found.add_metric([name], all_found[topic_id])
        listed.add_metric([name], present.get(topic_id, 0))
    yield found
    yield listed
    viewers = GaugeMetricFamily("igentai_portal_viewers", "Open live pages of this web process.", labels=["topic"])
    for topic_id, name in names.items():
        viewers.add_metric([name], pollers.viewers(topic_id))
    yield viewers


def _of_runs(newest: Iterable[Run]) -> Iterator[Metric]:
    states = GaugeMetricFamily(
        "igentai_run_state", "1 for the state of the topic's newest run.", labels=["topic", "state"]
    )
    cost = GaugeMetricFamily("igentai_run_cost_usd", "Known cost of the topic's newest run.", labels=["topic"])
    asked = GaugeMetricFamily("igentai_run_candidates", "Candidates of the topic's newest run.", labels=["topic"])
    unique = GaugeMetricFamily("igentai_run_unique", "New entries of the topic's newest run.", labels=["topic"])
    for run in newest:
        for state in Run.State.values:
            states.add_metric([run.topic.name, state], run.state == state)
        cost.add_metric([run.topic.name], float(run.cost_usd))
        asked.add_metric([run.topic.name], run.candidates)
        unique.add_metric([run.topic.name], run.unique)
    yield from (states, cost, asked, unique)


def _estimates(newest: Iterable[Run]) -> Iterator[Metric]:
    names = {run.pk: run.topic.name for run in newest}
    # That part alone: the figures of a run may be a megabyte.
    rows = list(
        RunFigures.objects.filter(run__in=names).values_list(
            "run_id", *(f"data__estimates__{key}" for key in ESTIMATES)
        )
    )
    for place, (name, words) in enumerate(ESTIMATES.values(), start=1):
        family = GaugeMetricFamily(name, words + " Bounds at 90 %.", labels=["topic", "bound"])
        for row in rows:
            for bound, value in (row[place] or {}).items():
                if value is not None:
                    family.add_metric([names[row[0]], bound], value)
        yield family


def _producers() -> Metric:
    family = GaugeMetricFamily("igentai_producers", "Producers of runs under way, by state.", labels=["state"])
    rows = Producer.objects.filter(run__in=Run.objects.active()).order_by().values("state").annotate(many=Count("id"))
    counts = {row["state"]: row["many"] for row in rows}
    for state in Producer.State.values:
        family.add_metric([state], counts.get(state, 0))
    return family


def _of_providers(totals: Totals) -> Iterator[Metric]:
    asked = Counter[int]()
    for (provider, _), many in totals.outcomes.items():
        asked[provider] += many
    rows = Provider.objects.filter(pk__in=[provider for provider, _ in asked.most_common(MOST_PROVIDERS)])
    names = dict(rows.values_list("pk", "name"))
    requests = CounterMetricFamily("igentai_requests", "Requests, by how they went.", labels=["provider", "outcome"])
    for (provider, outcome), many in totals.outcomes.items():
        if provider in names:
            requests.add_metric([names[provider], outcome], many)
    yield requests
    yield _by_provider("igentai_cost_usd", "Known cost.", totals.sums["cost_usd"], names)
    yield _by_provider(
        "igentai_unpriced_requests", "Requests whose cost is not known.", totals.sums["unpriced"], names
    )
    yield _by_provider("igentai_candidates", "Candidates.", totals.sums["candidates"], names)
    yield _by_provider(
        "igentai_provider_entries", "Entries that it was the first to name.", totals.sums["unique"], names
    )
    tokens = CounterMetricFamily("igentai_tokens", "Tokens.", labels=["provider", "direction"])
    for direction in ("in", "out"):
        for provider, many in totals.sums[f"tokens_{direction}"].items():
            if provider in names:
                tokens.add_metric([names[provider], direction], many)
    yield tokens


def _by_provider(name: str, words: str, amounts: Mapping[int, Any], names: Mapping[int, str]) -> Metric:
    family = CounterMetricFamily(name, words, labels=["provider"])
    for provider, amount in amounts.items():
        if provider in names:
            family.add_metric([names[provider]], float(amount))
    return family


def _gauge(name: str, words: str, value: Any) -> Metric:
    return GaugeMetricFamily(name, words, value=float(value))

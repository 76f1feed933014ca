"""What people want of runs under way: whom each producer asks, for which parts. Engine only; nothing is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from orchestration.logic.asking import KnownPart
from orchestration.minds import parts_of
from producers.models import ProviderWeight


@dataclass(frozen=True, slots=True)
class Preferences:
    """Weights by run, slot and provider, all of them and those that people hold fast; who is disabled; the parts of
    each run's topic; how often a new life of a producer was asked for, by run and slot."""

    weights: dict[int, dict[int, dict[str, float]]]
    pinned: dict[int, dict[int, dict[str, float]]]
    disabled: frozenset[int]
    parts: dict[int, list[KnownPart]]
    restarts: dict[int, dict[int, int]]


def preferences(run_ids: Collection[int]) -> Preferences:
    """What holds for these runs from now on."""
    weights: dict[int, dict[int, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    pinned: dict[int, dict[int, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    restarts: dict[int, dict[int, int]] = defaultdict(dict)
    disabled = set()
    rows = ProviderWeight.objects.filter(producer__run__in=run_ids).order_by("provider__name")
    columns = ("provider", "provider__name", "provider__enabled", "weight", "pinned", "producer__restarts_asked")
    for run_id, slot, provider_id, name, enabled, weight, is_pinned, restarts_asked in rows.values_list(
        "producer__run", "producer__slot", *columns
    ):
        restarts[run_id][slot] = restarts_asked
        weights[run_id][slot][name] = weight
        if is_pinned:
            pinned[run_id][slot][name] = weight
        if not enabled:
            disabled.add(provider_id)
    return Preferences(weights, pinned, frozenset(disabled), parts_of(run_ids), restarts)

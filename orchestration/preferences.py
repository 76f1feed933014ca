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
    each run's topic."""

    weights: dict[int, dict[int, dict[str, float]]]
    pinned: dict[int, dict[int, dict[str, float]]]
    disabled: frozenset[int]
    parts: dict[int, list[KnownPart]]


def preferences(run_ids: Collection[int]) -> Preferences:
    """What holds for these runs from now on."""
    weights: dict[int, dict[int, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    pinned: dict[int, dict[int, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    disabled = set()
    rows = ProviderWeight.objects.filter(producer__run__in=run_ids).order_by("provider__name")
    for run_id, slot, provider_id, name, enabled, weight, is_pinned in rows.values_list(
        "producer__run", "producer__slot", "provider", "provider__name", "provider__enabled", "weight", "pinned"
    ):
        weights[run_id][slot][name] = weight
        if is_pinned:
            pinned[run_id][slot][name] = weight
        if not enabled:
            disabled.add(provider_id)
    return Preferences(weights, pinned, frozenset(disabled), parts_of(run_ids))

"""How often each producer asks each provider, as it stands in the database. Engine only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from producers.models import ProviderWeight


def weights_of(run_id: int, *, pinned: bool = False) -> dict[int, dict[str, float]]:
    """By slot and provider: all of them, or those that people hold fast."""
    weights: dict[int, dict[str, float]] = defaultdict(dict)
    rows = ProviderWeight.objects.filter(producer__run=run_id).order_by("provider__name")
    if pinned:
        rows = rows.filter(pinned=True)
    for slot, provider, weight in rows.values_list("producer__slot", "provider__name", "weight"):
        weights[slot][provider] = weight
    return weights


def keep_weights(run_id: int, weights: Mapping[int, Mapping[str, float]]) -> None:
    """Write the weights, by slot and provider; those that people hold fast stay as they are."""
    rows = list(
        ProviderWeight.objects.select_related("producer", "provider").filter(
            producer__run=run_id, producer__slot__in=weights, pinned=False
        )
    )
    for row in rows:
        row.weight = weights[row.producer.slot].get(row.provider.name, row.weight)
    # Pinned again: people may have done so since.
    ProviderWeight.objects.filter(pinned=False).bulk_update(rows, ["weight"])

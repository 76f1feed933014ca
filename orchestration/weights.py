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


def keep_weights(
    run_id: int,
    weights: Mapping[int, Mapping[str, float]],
    left: Mapping[tuple[int, str], float] | None = None,
) -> None:
    """Write the weights, by slot and provider. Those that people hold fast stay as they are, and so do those that are
    others now than what was `left` there, by slot and name: people have changed them."""
    rows = ProviderWeight.objects.select_related("producer", "provider").filter(
        producer__run=run_id, producer__slot__in=weights, pinned=False
    )
    changed = []
    for row in rows.select_for_update(of=("self",)):
        key = row.producer.slot, row.provider.name
        if left is not None and row.weight != left.get(key, row.weight):
            continue
        row.weight = weights[row.producer.slot].get(row.provider.name, row.weight)
        changed.append(row)
    ProviderWeight.objects.bulk_update(changed, ["weight"])

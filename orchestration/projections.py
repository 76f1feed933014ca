"""What a topic will probably cost, before a start: about so much for 1,000 candidates, by provider."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from orchestration.logic.pricing import Rates, projected_cost
from orchestration.logic.prompts import producer_prompt
from topics.models import Topic


def projected(topic: Topic, rates: Mapping[str, Rates | None]) -> list[str]:
    """A line for each provider, by name."""
    size = len(producer_prompt(topic.name, topic.prompt, "").encode(errors="replace"))
    costs = ((name, projected_cost(rate, size, topic.request_size)) for name, rate in rates.items())
    return list(_lines(costs))


def _lines(costs: Iterable[tuple[str, Decimal | None]]) -> Iterable[str]:
    for name, cost in costs:
        words = "price unknown" if cost is None else f"about {cost:.4f} USD" if cost else "free"
        yield f"{name}: {words} for 1,000 candidates"

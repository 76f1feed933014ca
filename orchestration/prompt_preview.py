"""What a model would be asked about a topic, and what that would cost, from the values of a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestration.choosing import usual_choice
from orchestration.logic.pricing import Rates
from orchestration.logic.prompts import division_prompt, producer_prompt
from orchestration.prices import rates_of
from orchestration.projections import projected
from producers.models import Provider
from topics.models import Partition, Topic

EXAMPLES: Mapping[str, str] = {
    Partition.AUTO: "entries whose name begins with A to D",
    Partition.ALPHABET: "entries whose name begins with A to D",
    Partition.CATEGORY: "entries of the category (one that the models named before)",
    Partition.SEMANTIC: "entries like (some that were found before)",
}


@dataclass(frozen=True, slots=True)
class Preview:
    """Headings with the words that are sent, and a line on the cost for each provider."""

    prompts: tuple[tuple[str, str], ...]
    costs: tuple[str, ...]


def preview(topic: Topic, provider_ids: Sequence[int]) -> Preview:
    """The topic need not be saved; `provider_ids`: those that the form has chosen."""
    return Preview(tuple(_prompts(topic)), tuple(projected(topic, _rates(provider_ids))))


def _prompts(topic: Topic) -> list[tuple[str, str]]:
    ending = (
        f"{{entries that are known already, to be left out}}\n\n{{so many entries: at first {topic.request_size}}}"
    )
    whole = producer_prompt(topic.name, topic.prompt, "")
    prompts = [("Asked for the whole topic", f"{whole}\n\n{ending}")]
    if example := EXAMPLES.get(topic.partition):
        of_part = producer_prompt(topic.name, topic.prompt, example)
        prompts.append(("Asked for a part of it, for example", f"{of_part}\n\n{ending}"))
    if topic.partition in (Partition.AUTO, Partition.CATEGORY):
        prompts.append(("Asked once or twice, to divide the topic", division_prompt(topic.name, topic.prompt)))
    return prompts


def _rates(provider_ids: Sequence[int]) -> dict[str, Rates | None]:
    chosen = list(Provider.objects.filter(pk__in=provider_ids, enabled=True).order_by("name"))
    providers = chosen or [each.provider for each in usual_choice()]
    return {provider.name: rates_of(provider) for provider in providers}

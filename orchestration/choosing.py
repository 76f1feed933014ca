"""Which providers a topic's run uses, and what `--provider` and `--rate` on the command line mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.db import transaction

from orchestration.logic.pricing import Rates
from producers.models import Provider, TopicProvider
from producers.providers.personalities import PERSONALITIES
from topics.models import Topic

LONGEST_NAME = 100  # what the columns of Provider hold
HIGHEST_RATE = 1_000_000
SPEC = re.compile(r"(?P<name>.+?)(?:=(?P<weight>[^=]*))?")


class BadSpec(ValueError):
    """A `--provider` or `--rate` that cannot be understood; the message says what would be right."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A provider of a run and the weight it begins with."""

    provider: Provider
    weight: float


def simulated_providers() -> list[Provider]:
    """The built-in simulated providers, created on first use."""
    return [
        Provider.objects.get_or_create(
            name=f"simulated-{model}", defaults={"kind": Provider.Kind.SIMULATED, "model": model}
        )[0]
        for model in PERSONALITIES
    ]


def chosen_for(topic: Topic) -> list[Chosen]:
    """The topic's own choice, else every enabled real provider that is for all, else the simulated ones.

    A choice of which nothing is enabled is empty: others than the chosen ones might cost money.
    """
    own = TopicProvider.objects.filter(topic=topic).select_related("provider").order_by("provider__name")
    if own:
        return [Chosen(each.provider, each.weight) for each in own if each.provider.enabled]
    return usual_choice()


def usual_choice() -> list[Chosen]:
    """What a topic without a choice of its own uses: every enabled real provider that is for all topics, else
    the simulated ones."""
    real = Provider.objects.filter(enabled=True, for_all=True).exclude(kind=Provider.Kind.SIMULATED)
    simulated = [provider for provider in simulated_providers() if provider.enabled]
    return [Chosen(provider, provider.weight) for provider in real or simulated]


@transaction.atomic
def choose(topic: Topic, specs: Sequence[str], rates: Iterable[str]) -> None:
    """Make the specs the topic's own choice; with none, leave the choice as it is. Raises BadSpec."""
    stated = dict(parse_rate(rate) for rate in rates)
    chosen = [_chosen(spec) for spec in specs]
    if chosen:
        TopicProvider.objects.filter(topic=topic).delete()
    TopicProvider.objects.bulk_create(
        TopicProvider(topic=topic, provider=each.provider, weight=each.weight)
        for each in {each.provider.pk: each for each in chosen}.values()
    )
    for spec, rate in stated.items():
        _state_rate(spec, rate)


def parse_spec(spec: str) -> tuple[str, float | None]:
    """The name or `kind:model` of a spec, and its weight. Raises BadSpec."""
    match = SPEC.fullmatch(spec.strip())
    if match is None:
        raise BadSpec("a provider is given by its name, or as KIND:MODEL or KIND:MODEL=WEIGHT")
    weight = match["weight"]
    if weight is None:
        return match["name"], None
    try:
        share = float(weight)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise BadSpec(f"{spec!r}: a weight is a number from 0 to 1")
    return match["name"], share


def parse_rate(text: str) -> tuple[str, Rates]:
    """`kind:model=IN/OUT` as the spec and its rates. Raises BadSpec."""
    spec, _, amounts = text.rpartition("=")
    try:
        tokens_in, tokens_out = (_amount(amount) for amount in amounts.split("/"))
    except (ValueError, InvalidOperation):
        spec = ""
    if not spec:
        raise BadSpec(f"{text!r}: a rate is given as KIND:MODEL=IN/OUT, in USD per million tokens")
    return spec, Rates(tokens_in, tokens_out)


def _amount(text: str) -> Decimal:
    amount = Decimal(text)
    if not (amount.is_finite() and 0 <= amount < HIGHEST_RATE):
        raise ValueError(text)
    return amount


def _chosen(spec: str) -> Chosen:
    name, weight = parse_spec(spec)
    provider = _provider(name)
    if not provider.enabled:
        raise BadSpec(f"the provider {name!r} is disabled; enable it in the portal or choose another")
    return Chosen(provider, provider.weight if weight is None else weight)


def _provider(name: str) -> Provider:
    simulated_providers()
    if provider := Provider.objects.filter(name=name).first():
        return provider
    kind, separator, model = name.partition(":")
    if not separator or not model or kind not in Provider.Kind.values:
        kinds = ", ".join(Provider.Kind.values)
        raise BadSpec(f"there is no provider {name!r}; give the name of a configured one or KIND:MODEL ({kinds})")
    if kind == Provider.Kind.SIMULATED and model not in PERSONALITIES:
        raise BadSpec(f"there is no simulated model {model!r}; there are: {', '.join(PERSONALITIES)}")
    if len(name) > LONGEST_NAME:
        raise BadSpec(f"{name[:40]!r}…: a provider's name has at most {LONGEST_NAME} characters")
    # Not for all: other topics would ask it, and somebody would pay, because it was tried once.
    return Provider.objects.create(name=name, kind=kind, model=model, for_all=False)


def _state_rate(spec: str, rates: Rates) -> None:
    kind, _, model = spec.partition(":")
    found = Provider.objects.filter(name=spec) | Provider.objects.filter(kind=kind, model=model)
    if not found.update(input_rate=rates.tokens_in, output_rate=rates.tokens_out):
        raise BadSpec(f"--rate names {spec!r}, which is none of the providers")

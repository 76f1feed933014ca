"""The first steps of somebody new, and which of them are taken. The database says so; nothing is remembered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType

from orchestration.models import Request, Run
from orchestration.sample import SAMPLE_TOPIC
from producers.models import Provider
from producers.providers.vendors import VENDORS
from topics.models import Attribute, Topic

TESTED = "Tested: it works."
MOST_PROVIDERS = 100


@dataclass(frozen=True, slots=True)
class StepFacts:
    """What of the first steps has happened. `own_provider` is the newest, to test it."""

    started: bool
    entries: bool
    own_provider: Provider | None
    provider_works: bool
    own_topic: bool


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    title: str
    is_done: bool
    is_next: bool


def step_facts() -> StepFacts:
    """A few short questions, none of which reads more than a row, or the few lines of the log on providers."""
    asked = {
        "started": Topic.objects.filter(starts__gt=0),
        "entries": Attribute.objects.all(),
        "own_topic": Run.objects.exclude(topic__name=SAMPLE_TOPIC).filter(unique__gt=0),
    }
    found = {name: queryset.exists() for name, queryset in asked.items()}
    own = list(Provider.objects.exclude(kind=Provider.Kind.SIMULATED).order_by("-pk")[:MOST_PROVIDERS])
    works = bool(own) and _works([each.pk for each in own])
    return StepFacts(**found, own_provider=own[0] if own else None, provider_works=works)


def _works(providers: list[int]) -> bool:
    """Whether one of them has answered, or passed its test, which is asked last: the log has it among all else."""
    if Request.objects.filter(provider__in=providers, outcome=Request.Outcome.COMPLETE).exists():
        return True
    # By the number of the content type, which leads to the few lines on providers without a look at the others.
    kind = ContentType.objects.get_for_model(Provider).pk
    tests = LogEntry.objects.filter(content_type=kind, object_id__in=map(str, providers), change_message=TESTED)
    return tests.exists()


def steps(facts: StepFacts) -> list[Step]:
    """In order; the first that is not done is the next."""
    done = (
        ("sample", "Explore the sample topic", facts.started),
        ("entries", "Watch the first entries come", facts.entries),
        ("provider", "Add a provider of your own", facts.own_provider is not None and facts.provider_works),
        ("own", "Explore a topic of your own", facts.own_topic),
    )
    following = next((name for name, _, is_done in done if not is_done), "")
    return [Step(name, title, is_done, name == following) for name, title, is_done in done]


def all_done(taken: Iterable[Step]) -> bool:
    return all(step.is_done for step in taken)


def key_variables() -> list[str]:
    """The variables that vendors' keys are read from."""
    return [vendor.key_variable for vendor in VENDORS.values()]

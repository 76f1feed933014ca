"""What a producer process is told at its start, and the state that messages change afterwards."""

from __future__ import annotations

import msgspec

from producers.link.messages import (
    BLIND,
    DIVISION_COUNT,
    PLAIN,
    GenerationConfig,
    Plan,
    ProviderSpec,
    StartTopic,
    UpdateConfiguration,
)
from producers.providers.base import Question


class WorkerConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The line of JSON on standard input. It holds the token, which is why it is not on the command line.

    `parent_pid` is the engine's process when it is on this machine: the producer dies with it.
    """

    link_url: str
    token: str
    heartbeat_seconds: float = 3.0
    parent_pid: int | None = None


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be explored, and how: what StartTopic said, with every UpdateConfiguration since."""

    topic: str
    prompt: str
    providers: tuple[ProviderSpec, ...]
    provider_weights: dict[str, float]
    exclusions: tuple[str, ...]
    plans: dict[str, Plan]
    patience: dict[str, int]
    generation: GenerationConfig


def assignment_of(message: StartTopic) -> Assignment:
    return Assignment(
        topic=message.topic,
        prompt=message.prompt,
        providers=message.providers,
        provider_weights=message.provider_weights,
        exclusions=message.exclusions,
        plans=message.plans,
        patience=message.patience,
        generation=message.generation,
    )


def updated(assignment: Assignment, message: UpdateConfiguration) -> Assignment:
    """`assignment` with whatever `message` gives; plans of providers that it does not name stay."""
    changes = {name: value for name in message.__struct_fields__ if (value := getattr(message, name)) is not None}
    if message.plans is not None:
        changes["plans"] = {**assignment.plans, **message.plans}
    return msgspec.structs.replace(assignment, **changes)


def question_for(assignment: Assignment, provider: str, *, blind: bool = False) -> Question:
    """The next question to `provider`: by its plan; `blind`, or without a plan, in the producer's own words.

    What is asked in plain words for the whole topic, without exclusions, is a blind probe, meant as one or not.
    """
    generation = assignment.generation
    plan = assignment.plans.get(provider)
    if blind or plan is None:
        plan = Plan(
            prompt=assignment.prompt,
            partition=generation.partition,
            style=BLIND if blind else PLAIN,
            exclusions=() if blind else assignment.exclusions,
            request_size=generation.request_size,
        )
    unguided = not plan.partition and not plan.exclusions and plan.temperature is None
    return Question(
        topic=assignment.topic,
        prompt=plan.prompt,
        count=plan.request_size,
        exclusions=plan.exclusions,
        partition=plan.partition,
        seed=generation.seed,
        probe=unguided and plan.style in (PLAIN, BLIND),
        style=plan.style,
        temperature=plan.temperature,
    )


def division_for(assignment: Assignment, prompt: str) -> Question:
    """The question for a division of the topic."""
    seed = assignment.generation.seed
    return Question(topic=assignment.topic, prompt=prompt, count=DIVISION_COUNT, seed=seed, purpose="division")

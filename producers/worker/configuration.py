"""What a producer process is told at its start, and the state that messages change afterwards."""

from __future__ import annotations

import msgspec

from producers.link.messages import GenerationConfig, ProviderSpec, StartTopic, UpdateConfiguration


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
    patience: dict[str, int]
    generation: GenerationConfig


def assignment_of(message: StartTopic) -> Assignment:
    return Assignment(
        topic=message.topic,
        prompt=message.prompt,
        providers=message.providers,
        provider_weights=message.provider_weights,
        exclusions=message.exclusions,
        patience=message.patience,
        generation=message.generation,
    )


def updated(assignment: Assignment, message: UpdateConfiguration) -> Assignment:
    """`assignment` with whatever `message` gives."""
    changes = {name: value for name in message.__struct_fields__ if (value := getattr(message, name)) is not None}
    return msgspec.structs.replace(assignment, **changes)

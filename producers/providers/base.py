"""What every provider adapter offers: one method that streams an answer, and close."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from producers.link.messages import PLAIN, Purpose


@dataclass(frozen=True, slots=True)
class Question:
    """One request in the provider-neutral form.

    `prompt` is the producer's standing instruction (task, rules, partition); `exclusions` are entries not to be
    named again; `count` is how many entries are wanted. `text` renders the three for a model to read; a simulated
    provider obeys the parts directly. `max_tokens_out` bounds the answer, and so its cost. `temperature` is how
    freely the model is to choose its words (None: as it is used to); not every model takes one, and a provider's own
    option wins. `seed` and `ordinal` make a simulated answer repeatable. `probe`: asked blindly, to measure; its
    answer is always heard to the end. `style` names the way that the prompt asks in. With `purpose` division the
    prompt is all there is to say.
    """

    topic: str
    prompt: str
    count: int
    exclusions: tuple[str, ...] = ()
    partition: str = ""
    seed: int = 0
    ordinal: int = 0
    max_tokens_out: int | None = None
    probe: bool = False
    style: str = PLAIN
    temperature: float | None = None
    purpose: Purpose = "entries"

    @property
    def text(self) -> str:
        """The whole question in words: the stable part first, so that a vendor's prompt cache can serve it."""
        if self.purpose == "division":
            return self.prompt
        parts = [self.prompt]
        if self.exclusions:
            known = "\n".join(self.exclusions)
            parts.append(f"These are known already; do not list them or variants of them:\n{known}")
        parts.append(f"List {self.count} more entries, one per line, only the name of each, without numbers.")
        return "\n\n".join(parts)


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer, as it arrived."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider reported them. `tokens_cached` of the `tokens_in` came from its prompt cache."""

    tokens_in: int
    tokens_out: int
    tokens_cached: int = 0


@dataclass(frozen=True, slots=True)
class Finished:
    """The provider's own word that the answer ended. `complete` is False where it was cut, as by a length limit.

    A stream that ends without a Finished was cut by the wire.
    """

    reason: str
    complete: bool


Event = TextDelta | Usage | Finished


class Provider(Protocol):
    """A configured model behind an API."""

    def stream(self, question: Question) -> AsyncGenerator[Event, None]:
        """Ask, and yield what comes back as it arrives. Raises ProviderError and nothing else."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...

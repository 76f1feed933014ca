"""What tells one vendor from another, as data and pure functions; and what an answer is, whoever gives it.

An adapter's file describes its wire format with a `Dialect`. `HTTPProvider` in `http_provider` does the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from producers.providers.base import Event, Finished, Question, Usage
from producers.providers.error_bodies import ErrorObject
from producers.providers.errors import BadAnswer, ContentRefused, EmptyAnswer, Misconfigured
from producers.providers.vendors import Vendor

SAMPLING: Mapping[str, float] = {"temperature": 2.0, "top_p": 1.0}
SYSTEM_MESSAGE = "You compile exhaustive lists. Answer with the entries only: no introduction, no comments."
MAX_REASON = 40

Wire = TypeVar("Wire")


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the model is to choose its words. None is not sent: some models refuse what others need."""

    temperature: float | None = None
    top_p: float | None = None


def read_sampling(options: Mapping[str, object], allowed: Mapping[str, float]) -> Sampling:
    """A provider's options, checked: `allowed` has the largest value of each. Raises Misconfigured."""
    return Sampling(**{name: _number(name, value, allowed) for name, value in options.items()})


def _number(name: str, value: object, allowed: Mapping[str, float]) -> float:
    if name not in allowed:
        known = ", ".join(allowed) or "none"
        raise Misconfigured(f"there is no option {name!r} for this kind of provider; options: {known}")
    # A bool is an int to Python.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= allowed[name]:
        raise Misconfigured(f"the option {name} must be a number from 0 to {allowed[name]:g}")
    return float(value)


def unless_none(value: Wire | None) -> Wire | msgspec.UnsetType:
    """`value` for a field that is left out of a request when there is none."""
    return msgspec.UNSET if value is None else value


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens as one piece of an answer counts them, each from the beginning of the answer on."""

    tokens_in: int = 0
    tokens_out: int = 0
    cached: int = 0

    def joined(self, other: Tokens) -> Tokens:
        """The later count of each: some vendors tell them in several pieces, and counts only grow."""
        return Tokens(
            max(self.tokens_in, other.tokens_in),
            max(self.tokens_out, other.tokens_out),
            max(self.cached, other.cached),
        )


UNCOUNTED = Tokens()


class Said(msgspec.Struct, frozen=True):
    """One piece of an answer, in no vendor's words. `blocked` refuses the question; `last`: no more will come.

    A struct, since there is one for every token: a frozen dataclass takes five times as long to make.
    """

    text: str = ""
    reason: str = ""
    tokens: Tokens = UNCOUNTED
    error: ErrorObject | str | None = None
    blocked: str = ""
    last: bool = False


@dataclass(frozen=True, slots=True)
class Reasons:
    """A vendor's reasons to end. With any other the answer was cut.

    `refused` is the content filter; `filtered` is one that counts as such only if it let no text through.
    """

    complete: frozenset[str]
    refused: frozenset[str] = frozenset()
    filtered: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Asking:
    """What a request is made from. `avoided` are parameters that this server is not to be sent.

    `thinking_tokens` are those of the answer that the model needs beside its entries.
    """

    model: str
    question: Question
    sampling: Sampling = Sampling()
    avoided: frozenset[str] = frozenset()
    thinking_tokens: int = 0


def temperature_of(asking: Asking) -> float | msgspec.UnsetType:
    """The provider's own, else the one that the question wants unless this server is known to refuse it."""
    if asking.sampling.temperature is not None:
        return asking.sampling.temperature
    return unless_none(None if "temperature" in asking.avoided else asking.question.temperature)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One vendor's wire format.

    `options` are those of a provider that it takes, each with its largest value.
    `substitutes` names parameters that some servers refuse, each with what is sent instead (empty: nothing);
    `avoided` names those that the vendor of a host is known to refuse.
    """

    vendor: Vendor
    reasons: Reasons
    path: Callable[[str], str]
    headers: Callable[[str], Mapping[str, str]]
    compose: Callable[[Asking], msgspec.Struct]
    read: Callable[[str | bytes], Iterable[Said]]
    options: Mapping[str, float] = field(default_factory=dict)
    substitutes: Mapping[str, str] = field(default_factory=dict)
    avoided: Mapping[str, frozenset[str]] = field(default_factory=dict)


def decoded(decoder: msgspec.json.Decoder[Wire], payload: str | bytes) -> Wire:
    """`payload` in its typed form. Raises BadAnswer."""
    try:
        return decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadAnswer("the server sent something that is not in the format of this kind of provider") from error


class Answer:
    """What one answer has said so far. Text goes out at once; tokens and the end are kept for `ending`."""

    def __init__(self, reasons: Reasons) -> None:
        self.over = False
        self._reasons = reasons
        self._tokens = UNCOUNTED
        self._reason = ""
        self._blocked = ""
        self._has_text = False

    def take(self, said: Said) -> str:
        """The text in `said`."""
        if said.tokens is not UNCOUNTED:
            self._tokens = self._tokens.joined(said.tokens)
        self._reason = said.reason or self._reason
        self._blocked = said.blocked or self._blocked
        self._has_text = self._has_text or bool(said.text.strip())
        self.over = self.over or said.last
        return said.text

    def ending(self) -> Iterator[Event]:
        """What is to be said after the last text: no Finished unless the server gave a reason to end.

        A usage of nothing at all is a server that does not count; saying so would make the request free. What a
        refusal cost is said before it is raised.
        """
        tokens = self._tokens
        if tokens.tokens_in or tokens.tokens_out:
            yield Usage(tokens.tokens_in, tokens.tokens_out, min(tokens.cached, tokens.tokens_in))
        complete = self._reason in self._reasons.complete
        refusal = self._blocked or (self._is_refused and self._reason)
        if refusal:
            words = f"the provider refuses to answer this question ({refusal[:MAX_REASON]})"
            raise ContentRefused(words, may_be_billed=True)
        if complete and not self._has_text:
            raise EmptyAnswer("the answer holds no text")
        if self._reason:
            yield Finished(self._reason[:MAX_REASON], complete=complete)

    @property
    def _is_refused(self) -> bool:
        return self._reason in self._reasons.refused or (
            self._reason in self._reasons.filtered and not self._has_text
        )

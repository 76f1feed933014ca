"""The values that pass between the mind of a run and who asks: settings, plans, parts, and what came of a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from orchestration.logic.parts import Part
from orchestration.logic.prompts import PLAIN
from orchestration.logic.tree import PartState

BLIND = "blind"
# How many entries to ask for, where people have not chosen.
USUAL_SIZE = 60


@dataclass(frozen=True, slots=True)
class Settings:
    """How people want a run to be steered. `interval`: seconds between two steps, at the most."""

    topic: str
    prompt: str = ""
    partition: str = "auto"
    optimise: str = "cost"
    request_size: int = USUAL_SIZE
    interval: float = 15.0
    steers_weights: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """How a producer asks one provider next. `excluded`: the ids of the exclusions."""

    prompt: str
    part: str = ""
    style: str = PLAIN
    exclusions: tuple[str, ...] = ()
    excluded: tuple[int, ...] = ()
    request_size: int = USUAL_SIZE
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class KnownPart:
    """A part as it is kept; `left_out`: people do not want it asked for."""

    part: Part
    parent: str = ""
    state: PartState = PartState.OPEN
    by_person: bool = False
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """One request and what came of it. `new` and `repeats` are ids and texts; `cost` is USD.

    `part` and `style` are those of its plan. `probe`: it was asked blindly; with the style BLIND on purpose.
    """

    slot: int
    provider: str
    part: str
    style: str
    asked: int
    new: Sequence[tuple[int, str]]
    repeats: Sequence[tuple[int, str]]
    cost: float
    seconds: float
    temperature: float | None = None
    probe: bool = False

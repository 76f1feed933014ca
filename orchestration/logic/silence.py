"""Whether a process that is silent is stuck. Pure: signs of life are counted, so that no other clock matters."""

from __future__ import annotations

from dataclasses import dataclass

# A process that has just been started needs some time before it can be heard of at all.
START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Silence:
    """What was heard in this life of the process. `sign` is the number of the last sign, None before the first look;
    `seconds` is how long there has been none since; `heard`: there has been one in this life."""

    sign: int | None = None
    seconds: float = 0.0
    heard: bool = False


def listened(silence: Silence, sign: int, elapsed: float) -> Silence:
    """After another look, `elapsed` seconds after the last one, that found this sign.

    The first look in a life only learns where the count stands.
    """
    if silence.sign is None:
        return Silence(sign)
    if sign != silence.sign:
        return Silence(sign, heard=True)
    return Silence(sign, silence.seconds + elapsed, silence.heard)


def is_stuck(silence: Silence, limit: float, busy_seconds: float = 0.0) -> bool:
    """Whether the silence is longer than `limit`, and than `busy_seconds` more, which the process asked for."""
    patience = limit + busy_seconds + (0.0 if silence.heard else START_SECONDS)
    return silence.seconds > patience

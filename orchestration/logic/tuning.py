"""The settings of one provider's requests that are tried beside each other. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from orchestration.logic.asking import Outcome
from orchestration.logic.effort import Rated
from orchestration.logic.knobs import Knob

TEMPERATURES = (None, 1.2, 0.8)
HOPES_OF_STYLES = (1.0, 1.08, 0.97, 0.97, 0.97)


@dataclass
class Tuning:
    """One provider's knobs."""

    styles: Knob[str]
    temperatures: Knob[float | None]

    def record(self, outcome: Outcome, expected: float) -> None:
        """A request brought what it brought, where `expected` new entries were."""
        self.styles.record(outcome.style, len(outcome.new), expected)
        self.temperatures.record(outcome.temperature, len(outcome.new), expected)


def tuning_of(rated: Rated, styles: Mapping[str, str]) -> Tuning:
    """Nothing tried yet; temperatures only where the provider takes them."""
    return Tuning(
        styles=Knob(tuple(styles), HOPES_OF_STYLES),
        temperatures=Knob(TEMPERATURES if rated.takes_temperature else (None,)),
    )

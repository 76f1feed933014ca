"""The simulated models: what each knows, how it behaves, what it costs. Data only, and light to import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from producers.providers.errors import ModelUnknown

Mishap = Literal["none", "rate_limited", "server_fault", "cut", "rubbish"]


@dataclass(frozen=True, slots=True)
class Personality:
    """One simulated model. Shares and rates are probabilities from 0 to 1; times are seconds, prices USD.

    `obeys_exclusions` is how likely it heeds each excluded entry, `obeys_partition` which share of an answer
    keeps to the partition, `repeats` how often it names again what the same answer has named, `bare_list` how
    often it answers with nothing but lines, `heeds_styles` how far it goes along with a way of asking.
    """

    name: str
    knows: float
    zipf: float
    obeys_exclusions: float
    obeys_partition: float
    respells: float
    off_topic: float
    repeats: float
    bare_list: float
    heeds_styles: float
    first_token: float
    per_entry: float
    price_in: float
    price_out: float
    rate_limited: float = 0.0
    server_fault: float = 0.0
    cut: float = 0.0
    rubbish: float = 0.0

    def mishap(self, lot: float, errors: float) -> Mishap:
        """What goes wrong when `lot`, from 0 to 1, is drawn and `errors` multiplies all error rates."""
        chances: tuple[tuple[Mishap, float], ...] = (
            ("rate_limited", self.rate_limited),
            ("server_fault", self.server_fault),
            ("cut", self.cut),
            ("rubbish", self.rubbish),
        )
        for name, rate in chances:
            lot -= rate * errors
            if lot < 0:
                return name
        return "none"


_STRONG = Personality(
    name="strong",
    knows=0.90,
    zipf=0.8,
    obeys_exclusions=0.97,
    obeys_partition=0.97,
    respells=0.02,
    off_topic=0.003,
    repeats=0.003,
    bare_list=0.8,
    heeds_styles=1.0,
    first_token=0.8,
    per_entry=0.03,
    price_in=2.50,
    price_out=10.00,
)

_CHEAP = Personality(
    name="cheap",
    knows=0.45,
    zipf=1.1,
    obeys_exclusions=0.88,
    obeys_partition=0.85,
    respells=0.06,
    off_topic=0.015,
    repeats=0.03,
    bare_list=0.5,
    heeds_styles=0.6,
    first_token=0.25,
    per_entry=0.008,
    price_in=0.15,
    price_out=0.60,
)

_FLAKY = Personality(
    name="flaky",
    knows=0.65,
    zipf=0.95,
    obeys_exclusions=0.93,
    obeys_partition=0.90,
    respells=0.05,
    off_topic=0.02,
    repeats=0.015,
    bare_list=0.3,
    heeds_styles=0.8,
    first_token=0.5,
    per_entry=0.015,
    price_in=0.50,
    price_out=2.00,
    rate_limited=0.06,
    server_fault=0.04,
    cut=0.05,
    rubbish=0.03,
)

PERSONALITIES: Mapping[str, Personality] = {each.name: each for each in (_STRONG, _CHEAP, _FLAKY)}
PRICES: Mapping[str, tuple[float, float]] = {
    each.name: (each.price_in, each.price_out) for each in PERSONALITIES.values()
}


def personality(model: str) -> Personality:
    """The personality behind `model`. Raises ModelUnknown, which names those there are."""
    try:
        return PERSONALITIES[model]
    except KeyError:
        known = ", ".join(PERSONALITIES)
        raise ModelUnknown(f"there is no simulated model {model!r}; models: {known}") from None


def rates(model: str) -> tuple[float, float]:
    """What `model` pretends to cost: USD per million tokens in, and out. Raises ModelUnknown."""
    known = personality(model)
    return known.price_in, known.price_out

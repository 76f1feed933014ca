"""What the filter of known keys did for a run: the seed's bloom_stats, summed. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FilterEffects:
    """Sums over requests. `probable` of the `checked` candidates were taken for repeats, `asked_back` wrongly.

    `tokens_saved` is an estimate of what the `aborted` answers would still have taken.
    """

    checked: int = 0
    probable: int = 0
    asked_back: int = 0
    aborted: int = 0
    tokens_saved: int = 0

    def __add__(self, other: FilterEffects) -> FilterEffects:
        return FilterEffects(
            self.checked + other.checked,
            self.probable + other.probable,
            self.asked_back + other.asked_back,
            self.aborted + other.aborted,
            self.tokens_saved + other.tokens_saved,
        )


NO_EFFECTS = FilterEffects()


def reported(effects: FilterEffects) -> dict[str, int]:
    """As the summary and metrics.json have it. `sent_as_hashes`: the text never had to travel."""
    return {
        "checked": effects.checked,
        "probable_repeats": effects.probable,
        "sent_as_hashes": effects.probable - effects.asked_back,
        "asked_back": effects.asked_back,
        "answers_aborted": effects.aborted,
        "tokens_saved": effects.tokens_saved,
    }

"""How a simulated model answers to other ways of asking: styles, and the question for a division. Pure.

Styles have modest effects, as they have with real models, and no personality heeds one wholly; a style that is not
named here changes nothing. What they do is set by hand, not measured: simulated yields say nothing about which style
is best.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from producers.providers.worlds import SUFFIX, folded, stable_random, stable_share

# By how much the exponent of its popularity falls where a style is wholly heeded: a flatter choice.
FLATTENED: Mapping[str, float] = {"lesser_known": 0.2, "verbalized": 0.08}
# Up to what factor, up or down, the popularity of an entry is another one: other things come to mind first.
RESHUFFLED: Mapping[str, float] = {"anchors": 2.0, "languages": 2.0}

FEWEST_CATEGORIES, MOST_CATEGORIES = 9, 12
_CATEGORIES = (
    "Best-known examples",
    "Everyday kinds",
    "Historic examples",
    "Modern examples",
    "Recent additions",
    "Regional varieties",
    "Small and local",
    "Large and famous",
    "Rare and unusual",
    "Seasonal kinds",
    "For children",
    "For experts",
    "In the north",
    "In the south",
    "In the east",
    "In the west",
    "In the centre",
    "In the countryside",
    "By the water",
    "Of religious origin",
    "Of scientific interest",
    "Of artistic interest",
    "Traditional kinds",
    "Experimental kinds",
    "Named after people",
    "Named after places",
    "Mixed forms",
    "Almost forgotten",
)


def styled(
    rarity: Sequence[float], entries: Sequence[str], *, style: str, heeds: float, seed: int
) -> tuple[float, ...]:
    """The rarity of each of `entries` to whom is asked in that style. `heeds`, 0 to 1: how far it goes along."""
    if (flattened := FLATTENED.get(style)) is not None:
        return tuple(each ** (1 - heeds * flattened) for each in rarity)
    if (factor := RESHUFFLED.get(style)) is not None:
        return tuple(
            each * factor ** (heeds * (2 * stable_share(style, seed, entry) - 1))
            for each, entry in zip(rarity, entries, strict=True)
        )
    return tuple(rarity)


def categories(topic: str, seed: int) -> tuple[str, ...]:
    """Nine to twelve made-up categories of `topic`, each of which says that it is made up."""
    rng = stable_random("categories", seed, folded(topic))
    names = rng.sample(_CATEGORIES, rng.randint(FEWEST_CATEGORIES, MOST_CATEGORIES))
    return tuple(name + SUFFIX for name in names)

"""What a run is believed to have found and to cost, for people; and why a figure is not known. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orchestration.logic.coverage import LEAST_PROBES
from orchestration.logic.money import known_cost, usd
from orchestration.portal.queries import RunState

NOTHING = "\N{EN DASH}"
UNKNOWN = "not known yet"
LATELY_SECONDS = 300.0

Interval = Mapping[str, float | None]


def estimate_values(run: RunState | None, figures: Mapping[str, Any]) -> dict[str, str]:
    """The estimates in words, each with a note: its interval, or why there is none."""
    per_thousand = thousand_words(run)
    if run is None:
        return {"items": NOTHING, "items_note": "", "mass": NOTHING, "mass_note": "", "price": NOTHING} | {
            "price_note": "",
            "thousand": per_thousand,
            "lately": "",
            "unseen": "",
        }
    known = figures.get("estimates") or {}
    items, items_note = coverage_words(known, "coverage")
    mass, mass_note = coverage_words(known, "mass_coverage")
    price, price_note = price_words(known.get("price_of_next_100_usd"))
    return {
        "items": items,
        "items_note": items_note,
        "mass": mass,
        "mass_note": mass_note,
        "price": price,
        "price_note": price_note,
        "thousand": per_thousand,
        "lately": lately_words(figures, run.active_seconds),
        "unseen": known.get("unseen") or "",
    }


def coverage_words(known: Mapping[str, Any], name: str) -> tuple[str, str]:
    """A share with its 90 % interval, or why it is not known."""
    if not known:
        return UNKNOWN, "the run has no figures so far"
    whole = known.get(name) or {}
    if whole.get("estimate") is not None:
        return percent(whole["estimate"]), range_words(whole, percent)
    probed = known.get("coverage_of_probed") or {}
    never = ", ".join(probed.get("unprobed") or ())
    if name == "coverage" and never and probed.get("estimate") is not None:
        names = ", ".join(probed.get("providers") or ())
        note = f"{range_words(probed, percent)} of what {names} would name; never probed: {never}"
        return percent(probed["estimate"]), note
    return UNKNOWN, why_unknown(int(known.get("probes") or 0), never)


def why_unknown(probes: int, never: str) -> str:
    if probes == 0:
        return "no blind probe so far"
    if probes < LEAST_PROBES:
        return f"too few blind probes: {probes}"
    if never:
        return f"never probed: {never}"
    return f"{probes} blind probes tell too little"


def price_words(price: Interval | None) -> tuple[str, str]:
    """The price of the next 100 entries; an end that nobody knows is open."""
    if not price or price["low"] is None:
        return UNKNOWN, "too few requests that cost something"
    if price["estimate"] is None:
        return f"over {usd(price['low'])}", "nothing so far tells how much more"
    return usd(price["estimate"]), range_words(price, usd)


def percent(share: float) -> str:
    return f"{share:.0%}"


def range_words(interval: Interval, words: Callable[[float], str]) -> str:
    low, high = (NOTHING if end is None else words(end) for end in (interval["low"], interval["high"]))
    return f"{low} to {'no end' if interval['high'] is None else high}"


def thousand_words(run: RunState | None) -> str:
    """What a thousand new entries have cost."""
    if run is None or not run.unique:
        return NOTHING
    return known_cost(run.cost_usd / run.unique * 1000, run.unpriced_requests)


def lately_words(figures: Mapping[str, Any], active_seconds: float) -> str:
    """The novelty rate of the last five minutes, and where it is going; nothing before a run is as old."""
    if active_seconds < LATELY_SECONDS:
        return ""
    recent = (figures.get("run") or {}).get("last_5_minutes") or {}
    if recent.get("novelty_rate") is None:
        return ""
    direction = (recent.get("trend") or {}).get("direction", "")
    words = f"{recent['novelty_rate']:.1%} in the last 5 minutes"
    return f"{words}, {direction}" if direction in ("rising", "steady", "falling") else words

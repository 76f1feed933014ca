"""Providers and decisions as a live page shows them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestration.logic.money import cost_words
from orchestration.portal.panels import DecisionState, ProviderState
from orchestration.portal.times import exact

NOTHING = "\N{EN DASH}"
LONGEST = 240


def provider_values(provider: ProviderState) -> dict[str, Any]:
    """Who it is, how it is, and how often each producer asks it; a weight is [producer, per cent, pinned]."""
    return {
        "id": provider.id,
        "name": provider.name,
        "model": provider.model,
        "simulated": provider.simulated,
        "health": health_kind(provider),
        "words": health_words(provider),
        "until": exact(provider.paused_until) if health_kind(provider) == "paused" else "",
        "weights": [[each.slot, round(each.weight * 100, 1), int(each.pinned)] for each in provider.weights],
    }


def health_kind(provider: ProviderState) -> str:
    return provider.health or "unknown" if provider.enabled else "disabled"


def health_words(provider: ProviderState) -> str:
    if not provider.enabled:
        return "Disabled"
    match provider.health:
        case "":
            return "Not asked yet"
        case "ready":
            # What was wrong before is no news once it works again.
            return "Ready"
        case "paused":
            return _with_reason("Paused", provider.detail)
        case _:
            return _with_reason("Out of use", provider.detail)


def _with_reason(words: str, reason: str) -> str:
    return f"{words}: {reason}" if reason else words


def yield_values(name: str, figures: Mapping[str, Any]) -> dict[str, str]:
    """What a provider has brought in this run, in words."""
    run = ((figures.get("providers") or {}).get(name) or {}).get("run")
    if run is None:
        return dict.fromkeys(("requests", "unique", "novelty", "cost", "per_dollar", "alone"), NOTHING) | {
            "errors": ""
        }
    alone = ((figures.get("estimates") or {}).get("contributions") or {}).get(name, {}).get("alone")
    return {
        "requests": f"{run['requests']:,}",
        "unique": f"{run['unique']:,}",
        "novelty": NOTHING if run["novelty_rate"] is None else f"{run['novelty_rate']:.1%}",
        "cost": cost_words(run["cost_usd"], run["unpriced_requests"]),
        "per_dollar": NOTHING if run["unique_per_dollar"] is None else f"{run['unique_per_dollar']:,.0f}",
        "alone": NOTHING if alone is None else f"{alone:,}",
        "errors": error_words(run["errors"]),
    }


def error_words(errors: Mapping[str, int]) -> str:
    """How often what went wrong."""
    most_first = sorted(errors.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(f"{kind.replace('_', ' ')} ({count:,})" for kind, count in most_first)


def decision_values(decision: DecisionState) -> dict[str, Any]:
    return {
        "id": decision.id,
        "at": exact(decision.at),
        "kind": decision.kind,
        "subject": decision.subject,
        "before": shortened(decision.before) or "nothing",
        "after": shortened(decision.after) or "nothing",
        "reason": shortened(decision.reason),
    }


def shortened(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"

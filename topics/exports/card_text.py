"""A data card to read: Markdown from its values. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

NOTHING = "\N{EN DASH}"
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|!~])")
ESTIMATES = {
    "items": "of all entries that the probed providers know, on the list",
    "items_of_probed": "of all entries that those providers know which were probed, on the list",
    "mass": "chance that the next blind candidate is on the list",
}


def as_markdown(card: Mapping[str, Any]) -> str:
    blocks = (
        f"# {plain(card['topic'])}",
        *_warning(card),
        _lines(
            f"Entries: {card['entries']:,}",
            f"Made: {card['made_at']} by {card['made_by']}",
            f"Selection: {'; '.join(map(plain, card['filter']['words'])) or 'the whole list'}",
            f"Rejected entries: {card['filter']['rejected_entries']}",
        ),
        "## What was asked for",
        "\n".join(f"> {plain(line)}" for line in card["prompt"].splitlines() or [""]),
        "## Who found the entries",
        _providers(card["providers"]),
        "## What it cost",
        _cost(card["cost"]),
        "## How much is found",
        _coverage(card["coverage"]),
        "## Runs",
        _runs(card["runs"]),
        "## The file",
        _file(card),
    )
    return "\n\n".join(blocks) + "\n"


def plain(text: str) -> str:
    """Text of people and models as text: whatever looks like markup is none."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _warning(card: Mapping[str, Any]) -> Iterable[str]:
    if card["simulated_entries"]:
        yield (
            f"**Simulated:** {card['simulated_entries']:,} of these entries come from simulated providers, a "
            "built-in world of data. They say nothing of language models."
        )


def _lines(*lines: str) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(head)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *rows))


def _providers(providers: Iterable[Mapping[str, Any]]) -> str:
    rows = [
        (
            plain(each["provider"]) + (" (simulated)" if each["simulated"] else ""),
            plain(each["model"]),
            f"{each['entries']:,}",
            f"{each['share']:.1%}",
            f"{each['requests']:,}",
            f"${each['cost_usd']:,.4f}",
        )
        for each in providers
    ]
    return _table(("Provider", "Model", "Entries", "Share", "Requests", "Cost"), rows) if rows else "Nobody."


def _cost(cost: Mapping[str, Any]) -> str:
    lines = [f"${cost['total_usd']:,.4f} for {cost['requests']:,} requests: {cost['of']}."]
    if cost["unpriced_requests"]:
        lines.append(f"{cost['unpriced_requests']:,} of them have no known price and are not in it.")
    if cost["perhaps_also_usd"]:
        lines.append(f"Up to ${cost['perhaps_also_usd']:,.4f} more: the bill of cut requests is not known.")
    return _lines(*lines)


def _coverage(coverage: Mapping[str, Any]) -> str:
    # The two are the same where every provider in use was probed.
    wanted = ("items", "mass") if (coverage.get("items") or {}).get("estimate") is not None else tuple(ESTIMATES)
    known = [
        f"{_percent(each['estimate'])} ({_percent(each['low'])} to {_percent(each['high'])}, "
        f"{coverage['interval']} interval) {ESTIMATES[name]}"
        for name in wanted
        if (each := coverage.get(name)) and each["estimate"] is not None
    ]
    if known:
        known.append(f"As of {coverage['as_of']}.")
    else:
        known.append("Not known: too few blind probes.")
    if coverage["providers_not_probed"]:
        known.append(f"Never probed: {', '.join(map(plain, coverage['providers_not_probed']))}.")
    return f"{_lines(*known)}\n\nWhat this cannot see:\n\n{_lines(*coverage['cannot_see'])}"


def _percent(share: float | None) -> str:
    return NOTHING if share is None else f"{share:.1%}"


def _runs(runs: Iterable[Mapping[str, Any]]) -> str:
    rows = [
        (
            str(run["number"]),
            run["state"],
            run["started_at"],
            run["ended_at"] or NOTHING,
            plain(run["stop_reason"].replace("_", " ")) or NOTHING,
        )
        for run in runs
    ]
    return _table(("Run", "State", "Started", "Ended", "Stopped by"), rows) if rows else "None."


def _file(card: Mapping[str, Any]) -> str:
    file = [f"SHA-256: `{card['sha256']}`"] if "sha256" in card else []
    notes = _lines(*file, *card["format"]["notes"])
    columns = [(f"`{name}`", meaning) for name, meaning in card["format"]["columns"].items()]
    return f"{notes}\n\n{_table(('Column', 'Meaning'), columns)}"

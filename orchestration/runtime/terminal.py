"""A run in the terminal: a live table where there is one, plain lines where there is not, and the closing words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from orchestration.logic.money import cost_words, known_cost, usd
from orchestration.logic.report import RunView, list_words
from orchestration.logic.statistics import Totals, uam

LIVE_SECONDS = 0.5
LINE_SECONDS = 5.0
WIDE = 110
LINES_AROUND = 9  # of a table: title, head, borders, totals, caption


async def show(console: Console, views: Callable[[], Iterable[RunView]]) -> None:
    """Show progress until cancelled; the last state stays on the screen."""
    if not console.is_terminal:
        await _show_lines(console, views)
        return
    with Live(console=console, auto_refresh=False, transient=False) as live:
        try:
            while True:
                live.update(_tables(views(), console), refresh=True)
                await asyncio.sleep(LIVE_SECONDS)
        finally:
            live.update(_tables(views(), console), refresh=True)


def progress_line(view: RunView) -> str:
    """The run in one plain line."""
    facts, totals = view.facts, view.totals
    parts = [
        f"{facts.topic}: {facts.state}",
        f"{facts.entries:,} entries; this run: {totals.unique:,} new of {totals.candidates:,} candidates",
        f"novelty {_percent(view.recent.novelty_rate)}",
        f"{uam(totals.unique, facts.active_seconds):.0f} per minute",
        known_cost(totals.cost_usd, totals.unpriced),
        f"{totals.requests} requests ({totals.failed_requests} failed)",
    ]
    return plain(", ".join([*parts, *([view.trouble] if view.trouble else [])]))


async def _show_lines(console: Console, views: Callable[[], Iterable[RunView]]) -> None:
    while True:
        await asyncio.sleep(LINE_SECONDS)
        for view in views():
            console.print(Text(progress_line(view)), soft_wrap=True)


def _tables(views: Iterable[RunView], console: Console) -> Table:
    """Every run as a table, or as a line each where the screen has no room for tables."""
    shown = list(views)
    stack = Table.grid(padding=(0, 0, 1, 0))
    rows = sum(len(view.producers) + LINES_AROUND for view in shown)
    for view in shown:
        stack.add_row(
            _table(view, wide=console.width >= WIDE) if rows <= console.height else Text(progress_line(view))
        )
    if not shown:
        stack.add_row("No topic is running. Start one in the portal.")
    return stack


def _table(view: RunView, *, wide: bool) -> Table:
    facts, totals = view.facts, view.totals
    title = Text(plain(f"{facts.topic} · {facts.state}"), style="bold")
    if facts.simulated:
        title.append("  simulated", style="yellow")
    table = Table(title=title, title_justify="left", caption=_caption(view), caption_justify="left")
    columns = (
        "producer",
        "state",
        "candidates",
        "unique",
        "novelty",
        "UAM",
        "cost",
        *(("asks for",) if wide else ()),
    )
    for column in columns:
        table.add_column(column, justify="left" if column in ("producer", "state", "asks for") else "right")
    for producer in view.producers:
        part = producer.partition or "the whole topic"
        table.add_row(
            *_row(str(producer.slot), producer.state, producer.totals, facts.active_seconds, part)[: len(columns)]
        )
    table.add_section()
    table.add_row(*_row("all", "", totals, facts.active_seconds, "")[: len(columns)], style="bold")
    return table


def _row(name: str, state: str, totals: Totals, seconds: float, last: str) -> tuple[Text, ...]:
    cells = (
        name,
        state,
        f"{totals.candidates:,}",
        f"{totals.unique:,}",
        _percent(totals.novelty_rate),
        f"{uam(totals.unique, seconds):,.0f}",
        known_cost(totals.cost_usd, totals.unpriced),
        last[:40],
    )
    return tuple(Text(plain(cell)) for cell in cells)


def _caption(view: RunView) -> Text:
    facts, totals = view.facts, view.totals
    caption = Text(
        f"{facts.entries:,} in the list · lately {_percent(view.recent.novelty_rate)} new · "
        f"{totals.requests:,} requests, {totals.failed_requests:,} failed · "
        f"coverage {plain(coverage_words(facts.estimates))}"
    )
    if view.trouble:
        caption.append(f"\n{plain(view.trouble)}", style="red")
    return caption


def closing_words(summary: dict[str, Any], outputs: Path, *, list_kept: bool = False) -> str:
    """The closing summary for a person. `list_kept`: its list is an earlier one, which the run was to replace."""
    cost = cost_words(summary["cost_usd"], summary["unpriced_requests"], simulated=summary["simulated"])
    lines = [
        f"{summary['topic']}: {list_words(summary['unique'], kept=list_kept)}"
        + (" (simulated)" if summary["simulated"] and not list_kept else ""),
        f"  stopped       {summary['stop_reason']}: {summary['stop_detail']}",
        f"  candidates    {summary['candidates']:,}, {summary['new']:,} of them new",
        f"  requests      {summary['requests']}, {summary['failed_requests']} of them failed",
        f"  cost          {cost} for {summary['tokens_in']} tokens in, {summary['tokens_out']} out",
        f"  time          {summary['seconds']:.0f} s, {summary['uam']:.0f} unique per minute",
        *_estimate_lines(summary),
        *(line for name, each in summary["providers"].items() for line in _provider_lines(name, each)),
        f"  files         {outputs / summary['folder']} {summary['files_trouble']}",
    ]
    return "\n".join(map(plain, lines))


def _estimate_lines(summary: dict[str, Any]) -> list[str]:
    price, more = summary["price_of_next_100_usd"], summary["going_on"]
    lines = [
        f"  coverage      {coverage_words(summary)}",
        f"  next 100      {price_words(price)}",
    ]
    if more["entries"]["estimate"] is not None:
        entries = more["entries"]
        lines.append(
            f"  going on      {usd(more['usd'])} more would bring about {entries['estimate']:,.0f} entries "
            f"({entries['low']:,.0f} to {_open(entries['high'], '{:,.0f}')})"
        )
    if summary["unseen"]:
        lines.append(f"  unseen        {summary['unseen']}")
    return lines


def coverage_words(estimates: Mapping[str, Any]) -> str:
    """How much is found: of the entries and of what a blind answer names, or of what the probed providers know."""
    probed = estimates["coverage_of_probed"]
    if probed["unprobed"] and probed["estimate"] is not None:
        names, others = ", ".join(probed["providers"]), ", ".join(probed["unprobed"])
        return f"{share_words(probed)} of what {names} would name; never probed: {others}"
    items, mass = estimates["coverage"], estimates["mass_coverage"]
    if mass["estimate"] is None:
        return share_words(items)
    return f"{share_words(items)} of the entries, {share_words(mass)} of what a blind answer names"


def share_words(interval: Mapping[str, float | None]) -> str:
    """An estimated share with its 90 % interval."""
    if interval["estimate"] is None:
        return "not known yet"
    return f"{interval['estimate']:.0%} ({_open(interval['low'], '{:.0%}')} to {_open(interval['high'], '{:.0%}')})"


def price_words(interval: Mapping[str, float | None]) -> str:
    """An estimated price in USD with its 90 % interval; an end that nobody knows is open."""
    if interval["low"] is None:
        return "not known yet"
    if interval["estimate"] is None:
        return f"more than {usd(interval['low'])}"
    high = "no end" if interval["high"] is None else usd(interval["high"])
    return f"{usd(interval['estimate'])} ({usd(interval['low'])} to {high})"


def _open(end: float | None, words: str) -> str:
    return "no end" if end is None else words.format(end)


def _provider_lines(name: str, of: dict[str, Any]) -> list[str]:
    rates = [
        (of["novelty_rate"], "{:.0%} new"),
        (of["success_rate"], "{:.0%} succeeded"),
        (of["unique_per_dollar"], "{:,.0f} unique per dollar"),
        (of["latency_p50_ms"], "p50 {:,} ms"),
        (of["latency_p95_ms"], "p95 {:,} ms"),
        (of.get("alone"), "{:,} that nobody else named"),
    ]
    known = ", ".join(words.format(rate) for rate, words in rates if rate is not None)
    counts = f"{of['unique']} unique of {of['candidates']}, {of['requests']} requests, {usd(of['cost_usd'])}"
    return [f"  {name:<13} {counts}", *([f"  {'':<13} {known}"] if known else [])]


def plain(text: str) -> str:
    """Without what would steer the terminal or break the line."""
    return "".join(character if character.isprintable() else " " for character in text)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"

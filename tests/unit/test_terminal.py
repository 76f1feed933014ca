"""Progress in the terminal: plain where there is none, and inert whatever a topic is called."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from rich.console import Console

from orchestration.logic import report
from orchestration.logic.report import ProducerView, RunFacts, RunView
from orchestration.logic.statistics import RequestEvent, RunStatistics, Totals
from orchestration.runtime import terminal
from orchestration.runtime.terminal import closing_words, progress_line, show

FACTS = RunFacts(
    topic="Museums", folder="museums", prompt="", run=1, state="running", started_at="", producer_count=1,
    active_producers=1, weights={}, simulated=False, entries=1_240, active_seconds=60.0,
)  # fmt: skip
TOTALS = Totals(
    requests=30,
    failed_requests=2,
    candidates=2_000,
    unique=1_200,
    tokens_in=9,
    tokens_out=9,
    cost_usd=Decimal("0.1234567"),
)
VIEW = RunView(
    facts=FACTS,
    totals=TOTALS,
    recent=Totals(candidates=4, unique=1),
    producers=[ProducerView(0, "asking", "", "names beginning with the letters A to M", TOTALS)],
)
HOSTILE = "[red]x[/red] [link=http://evil]y[/] \x1b]0;title\x07 \x1b[2J\u202e end"


def console(*, is_terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=is_terminal, width=160, height=50, color_system=None)


async def shown(*views: RunView, is_terminal: bool, monkeypatch) -> str:
    """What is on the screen after three rounds."""
    rounds = asyncio.Event()
    seen = 0
    there = console(is_terminal=is_terminal)

    def current() -> tuple[RunView, ...]:
        nonlocal seen
        seen += 1
        if seen == 3:
            rounds.set()
        return views

    monkeypatch.setattr(terminal, "LIVE_SECONDS", 0.0)
    monkeypatch.setattr(terminal, "LINE_SECONDS", 0.0)
    task = asyncio.create_task(show(there, current))
    async with asyncio.timeout(5):
        await rounds.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    output = there.file
    assert isinstance(output, io.StringIO)
    return output.getvalue()


def test_a_run_in_one_line():
    assert progress_line(VIEW) == (
        "Museums: running, 1,240 entries; this run: 1,200 new of 2,000 candidates, novelty 25%, 1200 per minute, "
        "$0.1235, 30 requests (2 failed)"
    )


def closing(**changes) -> str:
    statistics = RunStatistics()
    statistics.record(RequestEvent(0.0, "alpha", 0, TOTALS))
    return closing_words(report.summary(replace(FACTS, **changes), statistics), Path("outputs"))


def test_the_closing_words_tell_the_list_and_what_the_run_added_to_it_apart():
    words = closing(entries=19_923)
    assert "Museums: 19,923 entries\n" in words
    assert "2,000, 1,200 of them new" in words


def test_the_closing_words_say_that_an_earlier_list_was_kept_and_how_long_it_is():
    told = report.summary(replace(FACTS, entries=3_812, simulated=True), RunStatistics())
    words = closing_words(told, Path("outputs"), list_kept=True)
    assert words.startswith("Museums: the earlier list was kept, with its 3,812 entries\n")


def test_the_line_ends_with_what_is_wrong():
    assert progress_line(replace(VIEW, trouble="no space left")).endswith(", no space left")


def test_what_is_not_known_is_not_made_up():
    line = progress_line(replace(VIEW, totals=Totals(requests=1, unpriced=1), recent=Totals()))
    assert "novelty -" in line
    assert "price unknown" in line


def test_a_line_is_one_line_whatever_is_wrong():
    line = progress_line(replace(VIEW, trouble="one\ntwo\r\nthree\x1b[2J", facts=replace(FACTS, topic=HOSTILE)))
    assert line.isprintable()
    assert "[red]x[/red]" in line


async def test_where_there_is_no_terminal_lines_are_printed(monkeypatch):
    text = await shown(VIEW, is_terminal=False, monkeypatch=monkeypatch)
    assert set(text.splitlines()) == {progress_line(VIEW)}
    assert len(text.splitlines()) >= 2


async def test_a_line_is_not_wrapped_and_has_no_colours(monkeypatch):
    long = replace(VIEW, facts=replace(FACTS, topic="x" * 190))
    text = await shown(long, is_terminal=False, monkeypatch=monkeypatch)
    assert set(text.splitlines()) == {progress_line(long)}
    assert "\x1b" not in text


async def test_a_terminal_shows_a_table_with_each_producer(monkeypatch):
    text = await shown(VIEW, is_terminal=True, monkeypatch=monkeypatch)
    for words in ("Museums · running", "asking", "1,200", "$0.1235", "names beginning with the letters A to M"[:40]):
        assert words in text
    assert "1,240 in the list" in text


async def test_without_a_run_the_terminal_says_what_to_do(monkeypatch):
    text = await shown(is_terminal=True, monkeypatch=monkeypatch)
    assert "No topic is running" in text


async def test_what_is_simulated_says_so(monkeypatch):
    simulated = replace(VIEW, facts=replace(FACTS, simulated=True))
    assert "simulated" in await shown(simulated, is_terminal=True, monkeypatch=monkeypatch)
    assert "simulated" not in await shown(VIEW, is_terminal=True, monkeypatch=monkeypatch)


@pytest.mark.parametrize("is_terminal", [True, False])
async def test_hostile_text_stays_inert(monkeypatch, is_terminal):
    producer = ProducerView(0, HOSTILE[:20], HOSTILE, HOSTILE, TOTALS)
    hostile = RunView(replace(FACTS, topic=HOSTILE), TOTALS, Totals(), [producer], trouble=HOSTILE)
    text = await shown(hostile, is_terminal=is_terminal, monkeypatch=monkeypatch)
    assert "[red]x[/red]" in text
    assert "[link=http://evil]y[/]" in text
    for steering in ("\x1b]0;", "\x1b[2J", "\x07", "\u202e", "\x1b]8;"):
        assert steering not in text

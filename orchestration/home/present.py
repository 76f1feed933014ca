"""The words of the home page, from facts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.safestring import SafeString

from orchestration.home.facts import Asked, Over, Running, Today
from orchestration.logic.money import cost_words, usd
from orchestration.sentences import Headline, RunFacts, ending, run_state, topic_headline
from orchestration.when import span_words, when
from producers.models import Provider

NOTHING = "\N{EN DASH}"
NEAR = Decimal("0.8")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far something is towards a limit, for a bar and in words."""

    words: str
    value: float
    most: float


@dataclass(frozen=True, slots=True)
class AskedRow:
    topic_id: int
    topic: str
    headline: Headline


@dataclass(frozen=True, slots=True)
class RunningRow:
    topic_id: int
    topic: str
    headline: Headline
    simulated: bool
    entries: str
    per_minute: str
    spent: str
    active: str
    producers: int
    progress: tuple[Progress, ...]


@dataclass(frozen=True, slots=True)
class OverRow:
    id: int
    topic_id: int
    topic: str
    state: Headline
    why: str
    simulated: bool
    ended: SafeString | str
    took: str
    new: str
    cost: str


@dataclass(frozen=True, slots=True)
class Cap:
    """What is spent of a daily cap; `is_near` from four fifths on."""

    name: str
    words: str
    value: float
    most: float
    is_near: bool


@dataclass(frozen=True, slots=True)
class TodayWords:
    found: str
    candidates: str
    requests: str
    spent: str
    simulated: str
    caps: tuple[Cap, ...]


def asked_row(asked: Asked) -> AskedRow:
    return AskedRow(asked.topic_id, asked.topic, topic_headline(asked.desired, asked.starts, None))


def running_row(run: Running) -> RunningRow:
    facts = RunFacts(run.number, run.state, warning=run.warning)
    return RunningRow(
        topic_id=run.topic_id,
        topic=run.topic,
        headline=topic_headline(run.desired, run.starts, facts),
        simulated=run.simulated,
        entries=NOTHING if run.entries is None else f"{run.entries:,}",
        per_minute=f"{run.unique * 60 / run.active_seconds:,.1f}" if run.active_seconds else NOTHING,
        spent=cost_words(run.cost_usd, run.unpriced, run.lost_usd),
        active=span_words(run.active_seconds),
        producers=run.producers,
        progress=tuple(_progress(run)),
    )


def _progress(run: Running) -> Iterable[Progress]:
    if run.target:
        yield Progress(f"of {run.target:,} entries wanted", min(run.entries or 0, run.target), run.target)
    if run.budget_usd:
        spent = run.cost_usd + run.lost_usd
        yield Progress(f"of {usd(run.budget_usd)} budget", float(min(spent, run.budget_usd)), float(run.budget_usd))


def over_row(run: Over, now: datetime) -> OverRow:
    return OverRow(
        id=run.id,
        topic_id=run.topic_id,
        topic=run.topic,
        state=run_state(run.state),
        why=ending(run.stop_reason, run.stop_detail),
        simulated=run.simulated,
        ended=when(run.ended_at, now),
        took=span_words(run.active_seconds),
        new=f"{run.unique:,}",
        cost=cost_words(run.cost_usd, run.unpriced, run.lost_usd),
    )


def today_words(today: Today, providers: Sequence[Provider], cap: Decimal | None) -> TodayWords:
    """The day against the caps; the money of simulated providers is told apart, as no cap of the whole counts it."""
    simulated_ids = {provider.pk for provider in providers if provider.is_simulated}
    real, simulated = split_money(today.by_provider, simulated_ids)
    caps = [_cap("All providers together", real, cap)] if cap is not None else []
    for provider in providers:
        if provider.daily_cap_usd is not None:
            spent = today.by_provider.get(provider.pk, Decimal(0))
            caps.append(_cap(provider.name, spent, provider.daily_cap_usd))
    return TodayWords(
        found=f"{today.unique:,}",
        candidates=f"{today.candidates:,}",
        requests=f"{today.requests:,}",
        spent=cost_words(real, today.unpriced, Decimal(0)),
        simulated=usd(simulated) if simulated else "",
        caps=tuple(caps),
    )


def split_money(by_provider: Mapping[int, Decimal], simulated: set[int]) -> tuple[Decimal, Decimal]:
    """Real and simulated money."""
    real = sum((amount for key, amount in by_provider.items() if key not in simulated), Decimal(0))
    return real, sum(by_provider.values(), Decimal(0)) - real


def _cap(name: str, spent: Decimal, cap: Decimal) -> Cap:
    return Cap(
        name=name,
        words=f"{usd(spent)} of {usd(cap)}",
        value=float(min(spent, cap)),
        most=float(cap) or 1.0,
        is_near=spent >= cap * NEAR,
    )

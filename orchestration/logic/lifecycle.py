"""When a run stops, and when a process is started again. Pure: observations in, a decision out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from orchestration.logic.outlook import Outlook, Wish, enough, too_dear
from orchestration.logic.statistics import RunStatistics, Streak

SHORT_LIFE_SECONDS = 10.0
LONG_LIFE_SECONDS = 300.0
MOST_SHORT_LIVES = 5
LONGEST_DELAY = 60.0
JITTER = 0.2

# Exhausted, judged by the rule of three: after n dry candidates the novelty rate is below 3/n with 95 % confidence.
DRY_CANDIDATES = 1_500
DRY_REQUESTS = 25
# What one provider does not know another may: each has to have answered in vain as often.
DRY_OF_EACH = 2
# Answers may hold few or no candidates at all; then their number decides.
MANY_DRY_REQUESTS = 100
# A provider may hardly be asked; quick answers must not outrun the weights that would turn to it.
ENDLESS_DRY_REQUESTS = 500

ENTRIES_OF_AN_ANSWER = 5

# A provider that has never answered is given up sooner than one that has.
FAILURES_BEFORE_USE, SECONDS_BEFORE_USE = 5, 12.0
FAILURES_IN_USE, SECONDS_IN_USE = 6, 120.0
LONGEST_WAIT = 1_800.0


class StopReason(StrEnum):
    """Why a run stopped; the value is what the summary says."""

    NONE = ""
    TARGET = "target"
    BUDGET = "budget"
    MINUTES = "minutes"
    ITERATIONS = "iterations"
    COVERAGE = "coverage"
    PRICE = "price"
    EXHAUSTED = "exhausted"
    STOPPED = "stopped"
    SIGNAL = "signal"
    SUPERSEDED = "superseded"
    NO_PROVIDER = "no_usable_provider"
    NO_PRODUCER = "no_producer"
    MISCONFIGURED = "misconfigured"

    @property
    def is_failure(self) -> bool:
        return self in (StopReason.NO_PROVIDER, StopReason.NO_PRODUCER, StopReason.MISCONFIGURED)


@dataclass(frozen=True, slots=True)
class Stop:
    """The decision to end a run, with a sentence for people."""

    reason: StopReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a user allows a run; None: no limit.

    `coverage`: the share of items, 0 to 1, that is enough; `price_usd`: the most that the next 100 entries may cost.
    """

    target: int | None = None
    budget_usd: Decimal | None = None
    minutes: float | None = None
    iterations: int | None = None
    coverage: float | None = None
    price_usd: Decimal | None = None

    @property
    def wish(self) -> Wish:
        """The limits that estimates are held against."""
        return Wish(self.coverage, self.price_usd)


@dataclass(frozen=True, slots=True)
class Progress:
    """A run as far as stopping is concerned.

    `entries` is the length of the list, `active_seconds` the time under way, `now` monotonic time.
    `producers` maps each slot to done (True: its requests are spent), failed (False) or at work (None);
    `refusals` says of those that failed for want of a provider which reason they gave. `lost_usd` counts as spent.
    By provider: `broke` says why no request to it can be paid for any more, `unusable` why it is never asked again;
    `under_way`: how many requests were permitted and are still to be heard of.
    `told_to_wait` are those that the vendor itself has paused. `outlook`: what estimates say.
    """

    now: float
    entries: int
    active_seconds: float
    producers: Mapping[int, bool | None]
    refusals: Mapping[int, str] = field(default_factory=dict)
    lost_usd: Decimal = Decimal(0)
    broke: Mapping[str, str] = field(default_factory=dict)
    unusable: Mapping[str, str] = field(default_factory=dict)
    told_to_wait: Collection[str] = ()
    under_way: int = 0
    outlook: Outlook = field(default_factory=Outlook)


def stop_decision(
    limits: Limits, progress: Progress, statistics: RunStatistics, providers: Collection[str]
) -> Stop | None:
    """Whether the run should stop now, and why; the first reason in the order of the seed's limits counts."""
    if limits.target is not None and progress.entries >= limits.target:
        return Stop(StopReason.TARGET, f"the list has the {limits.target} entries that were asked for")
    if limits.budget_usd is not None and statistics.total.cost_usd + progress.lost_usd >= limits.budget_usd:
        return Stop(StopReason.BUDGET, f"the budget of {limits.budget_usd.normalize():f} USD is spent")
    if limits.minutes is not None and progress.active_seconds >= limits.minutes * 60:
        return _never_worked(statistics) or Stop(StopReason.MINUTES, f"{progress.active_seconds / 60:.1f} minutes")
    return (
        _spent_or_failed(progress, statistics)
        or _enough(limits, progress)
        or providers_over(statistics, providers, progress)
        or exhausted(statistics, set(providers).difference(progress.broke, progress.unusable))
    )


def is_answer(outcome: str, entries: int) -> bool:
    """Whether a request shows that its provider can be used: one stray line of a broken answer does not."""
    return entries >= ENTRIES_OF_AN_ANSWER or (entries > 0 and outcome == "complete")


def exhausted(statistics: RunStatistics, providers: Collection[str] = ()) -> Stop | None:
    """Whether nothing new is to be expected: a long dry stretch of all `providers`, never one dry answer."""
    requests, candidates = statistics.dry_requests, statistics.dry_candidates
    if requests >= DRY_REQUESTS and not statistics.total.candidates:
        return Stop(StopReason.NO_PROVIDER, f"{requests} answers, and not one entry in any of them")
    answering = [name for name in providers if statistics.failures_of(name) < FAILURES_BEFORE_USE]
    all_dry = all(statistics.dry_by_provider.get(name, 0) >= DRY_OF_EACH for name in answering)
    long = (requests >= DRY_REQUESTS and candidates >= DRY_CANDIDATES) or requests >= MANY_DRY_REQUESTS
    if (long and all_dry) or requests >= ENDLESS_DRY_REQUESTS:
        return Stop(StopReason.EXHAUSTED, f"nothing new in {requests} requests and {candidates} candidates")
    return None


def providers_over(statistics: RunStatistics, providers: Collection[str], progress: Progress) -> Stop | None:
    """Whether no provider can be asked any more: for want of money, or because all have failed.

    One that was refused for good is out at once. The others are given up after a few failures in a row while
    nothing has worked yet, and with more patience once something has: an outage may pass. A pause that the vendor
    ordered is waited for, half an hour at most.
    """
    for name in providers:
        if name in progress.broke or name in progress.unusable:
            continue
        streak = statistics.failing.get(name, Streak())
        if not _given_up(streak, statistics, progress.now, told_to_wait=name in progress.told_to_wait):
            return None
    if progress.broke and progress.under_way:
        return None  # what is under way is paid for, and may leave money
    if progress.broke:
        reasons = "; ".join(dict.fromkeys(progress.broke.values()))
        return Stop(StopReason.BUDGET, f"{reasons}, which does not pay for another request"[:500])
    reasons = "; ".join(f"{name}: {reason}" for name, reason in sorted(progress.unusable.items()))
    failed = _errors(statistics, [name for name in providers if name not in progress.unusable])
    words = "; ".join(filter(None, (reasons, failed)))[:500]
    return Stop(StopReason.NO_PROVIDER, words or "none of the chosen providers is enabled")


def _enough(limits: Limits, progress: Progress) -> Stop | None:
    if words := enough(progress.outlook, limits.wish):
        return Stop(StopReason.COVERAGE, words)
    if words := too_dear(progress.outlook, limits.wish):
        return Stop(StopReason.PRICE, words)
    return None


def _never_worked(statistics: RunStatistics) -> Stop | None:
    """A run that met nothing but failures has failed, even when its time or its requests are what ended it."""
    total = statistics.total
    if not total.requests or total.failed_requests < total.requests:
        return None
    return Stop(StopReason.NO_PROVIDER, _errors(statistics, statistics.failing) or "no request succeeded")


def _errors(statistics: RunStatistics, providers: Collection[str]) -> str:
    return "; ".join(
        f"{name}: {statistics.failing[name].error}" for name in sorted(providers) if name in statistics.failing
    )[:500]


def _given_up(streak: Streak, statistics: RunStatistics, now: float, *, told_to_wait: bool) -> bool:
    if streak.terminal:
        return True
    if told_to_wait and now - streak.since < LONGEST_WAIT:
        return False
    # A provider that says "too many requests" is there, and will answer.
    unknown = statistics.last_success_at is None and not streak.rate_limited
    failures, seconds = (FAILURES_BEFORE_USE, SECONDS_BEFORE_USE) if unknown else (FAILURES_IN_USE, SECONDS_IN_USE)
    return streak.failures >= failures and now - streak.since >= seconds


def _spent_or_failed(progress: Progress, statistics: RunStatistics) -> Stop | None:
    states = progress.producers.values()
    if not states or None in states:
        return None
    if True in states:
        return _never_worked(statistics) or Stop(StopReason.ITERATIONS, "every producer has made its requests")
    if progress.refusals:
        return Stop(StopReason.NO_PROVIDER, "; ".join(sorted(set(progress.refusals.values())))[:500])
    return Stop(StopReason.NO_PRODUCER, "every producer failed")


@dataclass(frozen=True, slots=True)
class Lives:
    """A process's past: how often it was restarted in a row, and how many of its last lives were short."""

    restarts: int = 0
    short: int = 0

    @property
    def failed(self) -> bool:
        """No further start: it has died young too often."""
        return self.short >= MOST_SHORT_LIVES


# After a long good life, and when people ask for a new one.
REDEEMED = Lives(restarts=1)


def after_life(lives: Lives, seconds: float) -> Lives:
    """The past with one more life of `seconds`; a long good one redeems all."""
    if seconds >= LONG_LIFE_SECONDS:
        return REDEEMED
    short = lives.short + 1 if seconds < SHORT_LIFE_SECONDS else 0
    return replace(lives, restarts=lives.restarts + 1, short=short)


def restart_delay(lives: Lives, draw: float) -> float:
    """Seconds before the next start: 1, 2, 4 … 60, give or take a fifth by `draw` in [0, 1)."""
    doublings = min(max(lives.restarts - 1, 0), 10)  # a power of many restarts would overflow
    base = min(2.0**doublings, LONGEST_DELAY)
    return base * (1 - JITTER + 2 * JITTER * draw)

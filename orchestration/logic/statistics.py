"""Counts of a run, by provider and producer, kept up to date request by request. Pure: the time is an argument."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field, fields
from decimal import Decimal

from orchestration.logic.effects import NO_EFFECTS, FilterEffects

WINDOW_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over requests. `unpriced` counts requests whose cost is unknown; `cost_usd` leaves them out."""

    requests: int = 0
    failed_requests: int = 0
    candidates: int = 0
    unique: int = 0
    rejected: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: Decimal = Decimal(0)
    unpriced: int = 0

    def __add__(self, other: Totals) -> Totals:
        # Written out, as every request is added to five sums: a loop over the fields takes four times as long.
        return Totals(
            self.requests + other.requests,
            self.failed_requests + other.failed_requests,
            self.candidates + other.candidates,
            self.unique + other.unique,
            self.rejected + other.rejected,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.cost_usd + other.cost_usd,
            self.unpriced + other.unpriced,
        )

    @property
    def novelty_rate(self) -> float | None:
        """Accepted / candidates, or None before the first candidate."""
        return self.unique / self.candidates if self.candidates else None


@dataclass(frozen=True, slots=True)
class RequestEvent:
    """One request as statistics see it; `at` is monotonic time in seconds."""

    at: float
    provider: str
    slot: int
    totals: Totals
    error: str = ""
    error_kind: str = ""
    terminal: bool = False
    effects: FilterEffects | None = None


@dataclass(frozen=True, slots=True)
class Streak:
    """A provider's failed requests since its last success: how many, since when, and what the last one was."""

    failures: int = 0
    since: float = 0.0
    terminal: bool = False
    rate_limited: bool = False
    error: str = ""

    def longer(self, event: RequestEvent) -> Streak:
        """The streak with one more failure."""
        return Streak(
            failures=self.failures + 1,
            since=self.since if self.failures else event.at,
            terminal=event.terminal,
            rate_limited=self.rate_limited or event.error_kind == "rate_limited",
            error=event.error,
        )


@dataclass
class RunStatistics:
    """The counts of one run. Feed it each request once, in the order of commits.

    `dry_requests` and `dry_candidates` count what came since the last new entry.
    """

    total: Totals = Totals()
    effects: FilterEffects = NO_EFFECTS
    by_provider: dict[str, Totals] = field(default_factory=lambda: defaultdict(Totals))
    by_slot: dict[int, Totals] = field(default_factory=lambda: defaultdict(Totals))
    failing: dict[str, Streak] = field(default_factory=lambda: defaultdict(Streak))
    dry_requests: int = 0
    dry_candidates: int = 0
    last_success_at: float | None = None
    _window: deque[RequestEvent] = field(default_factory=deque)
    _in_window: Totals = Totals()

    def record(self, event: RequestEvent) -> None:
        self.total += event.totals
        if event.effects is not None:
            self.effects += event.effects
        self.by_provider[event.provider] += event.totals
        self.by_slot[event.slot] += event.totals
        self._follow_streaks(event)
        self._window.append(event)
        self._in_window += event.totals

    def recent(self, now: float) -> Totals:
        """The sums over the last five minutes."""
        while self._window and self._window[0].at < now - WINDOW_SECONDS:
            self._in_window = _difference(self._in_window, self._window.popleft().totals)
        return self._in_window

    def _follow_streaks(self, event: RequestEvent) -> None:
        if event.totals.failed_requests:
            self.failing[event.provider] = self.failing[event.provider].longer(event)
            return
        self.failing[event.provider] = Streak()
        self.last_success_at = event.at
        if event.totals.unique:
            self.dry_requests = self.dry_candidates = 0
        else:
            self.dry_requests += 1
            self.dry_candidates += event.totals.candidates


def uam(unique: int, seconds: float) -> float:
    """Unique attributes per minute over `seconds`; over less than a second, as if it were one."""
    return unique * 60 / max(seconds, 1.0)


def _difference(sums: Totals, less: Totals) -> Totals:
    return Totals(*(getattr(sums, each.name) - getattr(less, each.name) for each in fields(sums)))

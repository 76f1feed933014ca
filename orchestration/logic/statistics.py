"""A run's counts, streaks and windows, kept up to date request by request. Pure: the time is an argument."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from orchestration.logic.counts import RequestEvent, Totals, uam
from orchestration.logic.effects import NO_EFFECTS, FilterEffects
from orchestration.logic.figures import Figures, RunFigures, figures_of, run_figures
from orchestration.logic.sums import Sums
from orchestration.logic.windows import WHOLE, Cell, Windows

__all__ = ["RequestEvent", "RunStatistics", "Streak", "Totals", "uam"]


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

    `dry_requests` and `dry_candidates` count what came since the last new entry, `dry_by_provider` the requests of
    each provider. `began` is the monotonic time at
    which the run began; where it is not stated, that of its first request.
    """

    total: Totals = field(default_factory=Totals)
    effects: FilterEffects = NO_EFFECTS
    by_provider: dict[str, Totals] = field(default_factory=lambda: defaultdict(Totals))
    by_slot: dict[int, Totals] = field(default_factory=lambda: defaultdict(Totals))
    failing: dict[str, Streak] = field(default_factory=lambda: defaultdict(Streak))
    dry_requests: int = 0
    dry_candidates: int = 0
    dry_by_provider: dict[str, int] = field(default_factory=dict)
    last_success_at: float | None = None
    began: float | None = None
    _windows: Windows = field(default_factory=Windows)

    def record(self, event: RequestEvent) -> None:
        self.total += event.totals
        if event.effects is not None:
            self.effects += event.effects
        self.by_provider[event.provider] += event.totals
        self.by_slot[event.slot] += event.totals
        self._follow_streaks(event)
        self._follow_windows(event)

    def restore(self, recent: Iterable[RequestEvent], cells: Mapping[Cell, Sums]) -> None:
        """Begin where another engine left off: with the last half hour's requests, and the sums over the run.

        Those are by what requests have in common, the ones that were made last at the end. Streaks begin anew.
        """
        for event in recent:
            self._follow_windows(event)
        self._windows.load_run(cells)
        for (provider, slot, *_), sums in cells.items():
            self.total += sums.totals
            self.by_provider[provider] += sums.totals
            self.by_slot[slot] += sums.totals

    def failures_of(self, provider: str) -> int:
        """Its failed requests since its last success."""
        return self.failing[provider].failures if provider in self.failing else 0

    def recent(self, now: float) -> Totals:
        """The sums over the last five minutes, to a block of ten seconds."""
        self._windows.settle(now)
        found = self._windows.short.groups.get(WHOLE)
        return found.totals if found else Totals()

    def figures(self, now: float, active_seconds: float | None = None) -> RunFigures:
        """The run in figures; `active_seconds` is the time under way, where that is not its age."""
        self._windows.settle(now)
        age = 0.0 if self.began is None else now - self.began
        return run_figures(self._windows, now, age, age if active_seconds is None else active_seconds)

    def provider_figures(self, active_seconds: float) -> dict[str, Figures]:
        """Each provider over the run."""
        self._windows.spread()
        groups = sorted(self._windows.run.items())
        return {key: figures_of(sums, active_seconds) for (of, key), sums in groups if of == "provider"}

    def _follow_windows(self, event: RequestEvent) -> None:
        if self.began is None:
            self.began = event.at
        self._windows.record(event)

    def _follow_streaks(self, event: RequestEvent) -> None:
        if event.totals.failed_requests:
            self.failing[event.provider] = self.failing[event.provider].longer(event)
            return
        self.failing[event.provider] = Streak()
        self.last_success_at = event.at
        if event.totals.unique:
            self.dry_requests = self.dry_candidates = 0
            self.dry_by_provider = {}
        else:
            self.dry_requests += 1
            self.dry_by_provider[event.provider] = self.dry_by_provider.get(event.provider, 0) + 1
            self.dry_candidates += event.totals.candidates

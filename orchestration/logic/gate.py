"""Whether a provider may be asked now, for all producers together. Pure: the time, in seconds, is an argument.

pause      as long as the vendor says (Retry-After), or a short back-off after a failure, which an answer ends
breaker    five failures in a row: nobody asks for 30 s, then one request tries; 60 s, … 5 min. Those of requests that
           were under way together are one
window     adapts to what the vendor takes: one more per round trip, half after a 429
budget     requests and tokens per minute, as the contract with the vendor says
out        a refusal that no retry can help, or nothing to ask it with, until a run begins anew
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

FIRST_WINDOW = 2.0
FAILURES_TO_OPEN = 5
FIRST_OPEN, LONGEST_OPEN = 30.0, 300.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
MINUTE = 60.0
BUSY_SECONDS = 0.2
PROBE_SECONDS = 1.0

End: TypeAlias = Literal["answered", "rate_limited", "failed", "refused", "unknown"]
# Whose pause it is: the vendor's; ours after a 429 that says nothing of it; ours after failures.
Cause: TypeAlias = Literal["told", "slowed", "failed"]


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now: ask again in `seconds`; None: not in this run. `busy`: nothing is wrong with it."""

    seconds: float | None
    reason: str
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """Nobody asks until then."""

    until: float = float("-inf")
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GateLimits:
    """What a provider is configured for; None: no limit."""

    concurrency: int = 16
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


@dataclass
class Gate:
    """One provider's door. `window` is how many requests may be under way at a time; `careful`: there was trouble."""

    limits: GateLimits = GateLimits()
    window: float = FIRST_WINDOW
    in_flight: int = 0
    failures: int = 0
    refusals: int = 0
    openings: int = 0
    out: str = ""
    careful: bool = False
    _failed_at: float = float("-inf")  # the last failure that counted
    _pauses: dict[Cause, Pause] = field(default_factory=dict)
    _recent: deque[tuple[float, int]] = field(default_factory=deque)

    @property
    def limit(self) -> int:
        """The most requests under way now."""
        return max(min(int(self.window), self.limits.concurrency), 1)

    @property
    def paused_until(self) -> float:
        return self._pause.until

    @property
    def reason(self) -> str:
        """Why it is paused, or was last."""
        return self._pause.reason

    @property
    def told_until(self) -> float:
        """The end of the pause that the vendor itself ordered."""
        return self._pauses.get("told", Pause()).until

    @property
    def _pause(self) -> Pause:
        """Of several pauses the longest."""
        return max(self._pauses.values(), key=lambda each: each.until, default=Pause())

    def wait(self, now: float, tokens: int) -> Wait | None:
        """What stands against a request of about so many tokens; None: nothing."""
        if self.out:
            return Wait(None, self.out)
        if now < self.paused_until:
            return Wait(self.paused_until - now, self.reason)
        if self.failures >= FAILURES_TO_OPEN and self.in_flight:
            return Wait(PROBE_SECONDS, "one request tries whether it works again")
        if self.in_flight >= self.limit:
            return Wait(BUSY_SECONDS, f"{self.in_flight} requests are under way", busy=True)
        return self._rate_wait(now, tokens)

    def begin(self, now: float, tokens: int) -> None:
        """A request is permitted."""
        self.in_flight += 1
        self._recent.append((now, tokens))

    def end(self, now: float, how: End, *, begun: float, retry_after: float | None = None, reason: str = "") -> None:
        """A request, begun at `begun`, is over. Of several pauses the longest wins; no Retry-After is cut short."""
        self.in_flight = max(self.in_flight - 1, 0)
        match how:
            case "answered":
                self.failures = self.refusals = self.openings = 0
                self._pauses.pop("failed", None)  # it was under way, and shows that the provider works
                more = 1 / self.window if self.careful else 1.0
                self.window = min(self.window + more, float(self.limits.concurrency))
            case "rate_limited":
                self._slow_down(now, retry_after, reason)
            case "failed":
                self._count_failure(now, begun, retry_after, reason)
            case "refused":
                self.out = reason or "the provider refuses every request"
            case "unknown":
                pass

    def relimit(self, limits: GateLimits) -> None:
        """The limits are others from now on; what is under way goes on."""
        self.limits = limits
        self.window = min(self.window, float(limits.concurrency))

    def reopen(self, limits: GateLimits) -> None:
        """A run begins: whatever was wrong for good may have been mended, and the limits changed."""
        self.out = ""
        if not self.in_flight:  # what the vendor ordered still holds; what we made of failures may be mended
            self.failures = self.openings = self.refusals = 0
            self._pauses = {cause: pause for cause, pause in self._pauses.items() if cause == "told"}
        self.relimit(limits)

    def _slow_down(self, now: float, retry_after: float | None, reason: str) -> None:
        self.careful = True
        if now >= self.paused_until:  # those that were under way together are one sign, not many
            self.window = max(self.window / 2, 1.0)
            self.refusals += 1
        if retry_after and retry_after >= FIRST_PAUSE:
            self._hold("told", now + retry_after, reason)
        else:
            own = min(2.0 * FIRST_PAUSE * 2 ** min(self.refusals - 1, 10), LONGEST_PAUSE)
            self._hold("slowed", now + own, reason)

    def _count_failure(self, now: float, begun: float, retry_after: float | None, reason: str) -> None:
        self.careful = True
        if retry_after:
            self._hold("told", now + retry_after, reason)
        if begun < self._failed_at:  # those that were under way together are one failure, not many
            return
        self._failed_at = now
        self.failures += 1
        if self.failures < FAILURES_TO_OPEN:
            pause = FIRST_PAUSE * 2 ** (self.failures - 1)
        else:
            pause = min(FIRST_OPEN * 2 ** min(self.openings, 10), LONGEST_OPEN)
            self.openings += 1
        self._hold("failed", now + pause, reason)

    def _hold(self, cause: Cause, until: float, reason: str) -> None:
        if until > self._pauses.get(cause, Pause()).until:
            self._pauses[cause] = Pause(until, reason)

    def _rate_wait(self, now: float, tokens: int) -> Wait | None:
        while self._recent and self._recent[0][0] <= now - MINUTE:
            self._recent.popleft()
        most, most_tokens = self.limits.requests_per_minute, self.limits.tokens_per_minute
        if most is not None and len(self._recent) >= most:
            return Wait(self._recent[-most][0] + MINUTE - now, f"{most} requests a minute")
        if most_tokens is not None:
            return self._token_wait(now, sum(each for _, each in self._recent) + tokens - most_tokens)
        return None

    def _token_wait(self, now: float, too_many: int) -> Wait | None:
        """The wait until so many tokens are a minute old. One request larger than the whole limit may go alone."""
        until = None
        for at, tokens in self._recent:
            if too_many <= 0:
                break
            too_many -= tokens
            until = at + MINUTE
        return None if until is None else Wait(until - now, f"{self.limits.tokens_per_minute} tokens a minute")

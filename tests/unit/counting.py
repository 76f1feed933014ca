"""Requests as statistics see them, made up, and the plain way to sum them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from orchestration.logic.counts import RequestEvent, Totals
from orchestration.logic.sums import Sums
from orchestration.logic.windows import groups_of


def request(at: float = 0.0, provider: str = "a", slot: int = 0, **given: Any) -> RequestEvent:
    """One request: what is no detail of it is one of its totals."""
    details = ("error", "error_kind", "partition", "prompt", "style", "response_ms", "coherence", "probe")
    told = {name: given.pop(name) for name in details if name in given}
    return RequestEvent(at, provider, slot, Totals(requests=1, **given), **told)


@st.composite
def requests(draw: st.DrawFn) -> RequestEvent:
    """Any request."""
    failed = draw(st.booleans())
    candidates = 0 if failed else draw(st.integers(0, 60))
    return request(
        at=draw(st.floats(0, 4_000)),
        provider=draw(st.sampled_from("abc")),
        slot=draw(st.integers(0, 3)),
        failed_requests=int(failed),
        candidates=candidates,
        unique=draw(st.integers(0, candidates)),
        tokens_in=draw(st.integers(0, 1_000)),
        tokens_cached=draw(st.integers(0, 1_000)),
        cost_usd=draw(st.decimals(0, 1, places=6)),
        error_kind=draw(st.sampled_from(["", "rate_limited", "timeout"])) if failed else "",
        partition=draw(st.sampled_from(["", "A to M", "N to Z"])),
        prompt=draw(st.sampled_from(["p1", "p2"])),
        style=draw(st.sampled_from(["plain", "anchored"])),
        response_ms=draw(st.integers(0, 100_000)),
        coherence=draw(st.none() | st.sampled_from([0.0, 0.25, 1.0])),
        probe=draw(st.booleans()),
    )


histories = st.lists(requests(), max_size=40).map(lambda found: sorted(found, key=lambda each: each.at))


def group_sums(history, since: int = -1) -> dict[tuple[str, str], Sums]:
    """The sums of each group over the requests after block `since`, added up from the beginning."""
    groups: dict[tuple[str, str], Sums] = {}
    for event in history:
        block = int(event.at // 10)
        if block > since:
            cell = (event.provider, event.slot, event.partition, event.prompt, event.style)
            for group in groups_of(cell):
                groups.setdefault(group, Sums()).count(event, block)
    return groups


def contents(sums: Sums) -> tuple[Any, ...]:
    """All that sums hold, comparable; money exactly."""
    assert sums.totals.cost_usd == Decimal(sums.totals.cost_usd)
    return sums.totals, sums.errors, sums.latencies, sums.judged, round(sums.fitting, 6), sums.moments.sums

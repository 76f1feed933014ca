"""A run as pages read it, for tests of what they say."""

from decimal import Decimal

from orchestration.portal.queries import RunState

RUN = RunState(
    number=1,
    state="running",
    stop_reason="",
    stop_detail="",
    over=False,
    simulated=False,
    active_seconds=90.0,
    requests=30,
    failed_requests=0,
    candidates=900,
    unique=300,
    cost_usd=Decimal("0.60"),
    unpriced_requests=0,
    producer_count=3,
)

"""How a run is divided for its charts. Pure."""

from __future__ import annotations

# Seconds; far enough apart that a page seldom has to begin anew.
WIDTHS = (1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400)
MOST_BUCKETS = 200


def width_for(seconds: float) -> int:
    """How many seconds a bucket covers, so that there are at most about 200 of them."""
    return next((width for width in WIDTHS if seconds <= width * MOST_BUCKETS), WIDTHS[-1])

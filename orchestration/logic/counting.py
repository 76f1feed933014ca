"""When the counts of repeats are written to the attributes. Pure.

The requests have every repeat from their commit on, so the counts lose nothing by waiting.
"""

from __future__ import annotations

USUAL_SECONDS = 5.0
# While more arrives than the database takes, what need not be written now would only hold up the commits.
LATEST_SECONDS = 60.0
# At most a tenth of the time: at a high rate they change many rows.
LEAST_MULTIPLE = 10


def counts_due(since: float, took: float, *, behind: bool) -> bool:
    """Whether to write them again, `since` seconds after the last time, which `took` so many seconds.

    `behind`: more arrives than the database takes batch by batch.
    """
    return since >= max(LATEST_SECONDS if behind else USUAL_SECONDS, took * LEAST_MULTIPLE)

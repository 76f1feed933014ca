"""The audit log as a file, in pages, so that neither memory nor the portal waits for a long one."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import ThreadPoolExecutor

from igentai_site.team.audit.lines import Line, Wanted
from igentai_site.team.audit.reading import read
from orchestration.portal.threads import in_thread
from topics.exports.defusing import defused

COLUMNS = ("time", "who", "action", "thing", "details", "address")
FORMATS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
LINES_TOGETHER = 1000
READERS = ThreadPoolExecutor(max_workers=1, thread_name_prefix="audit-reader")


async def written(wanted: Wanted, form: str) -> AsyncIterator[bytes]:
    if form == "csv":
        yield as_csv([COLUMNS])
    after = None
    while True:
        page = await in_thread(READERS, read, wanted, after, LINES_TOGETHER)
        rows = [values(line) for line in page.lines]
        # Names and details are of anybody's making.
        yield as_csv([map(defused, row) for row in rows]) if form == "csv" else as_jsonl(rows)
        if page.next is None:
            return
        after = page.next


def values(line: Line) -> tuple[str, ...]:
    return (line.place.at.isoformat(), line.who, line.action, line.thing, line.details, line.address)


def as_csv(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def as_jsonl(rows: Iterable[tuple[str, ...]]) -> bytes:
    lines = (json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False) for row in rows)
    return "".join(f"{line}\n" for line in lines).encode()

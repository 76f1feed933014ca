"""The lines of the audit log: in one order, in pages without a gap, harmless in a spreadsheet."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igentai_site.team.audit.files import COLUMNS, as_csv, as_jsonl, values
from igentai_site.team.audit.lines import Line, Place, Source, newest_first

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
places = st.builds(
    Place, st.integers(0, 3).map(lambda n: NOON + timedelta(seconds=n)), st.sampled_from(Source), st.integers(1, 50)
)


def line(place, **text):
    return Line(place=place, who="kim", action="changed", thing="topic", details="", **text)


def page_of(chosen, after, size):
    below = sorted((place for place in chosen if after is None or place < after), reverse=True)
    sources = [[line(place) for place in below if place.source is source][: size + 1] for source in Source]
    return newest_first(sources, size)


@given(st.sets(places, max_size=30), st.integers(1, 7))
def test_pages_show_each_line_once_and_newest_first(chosen, size):
    seen, after = [], None
    while True:
        page = page_of(chosen, after, size)
        seen += [each.place for each in page.lines]
        if page.next is None:
            break
        after = Place.parse(str(page.next))
    assert seen == sorted(chosen, reverse=True)


@pytest.mark.parametrize(
    "text", ["", "x", "2026-01-01~0~1", "2026-01-01T00:00:00+00:00~7~1", f"{NOON.isoformat()}~0~{10**30}"]
)
def test_a_place_that_somebody_made_up_is_none(text):
    assert Place.parse(text) is None


def test_files_hold_what_the_lines_say():
    written = values(Line(Place(NOON, Source.ADMIN_LOG, 1), 'k"im', "changed", "topic, x", "a\nb", "192.0.2.1"))
    rows = list(csv.reader(io.StringIO(as_csv([COLUMNS, written]).decode())))
    assert [tuple(row) for row in rows] == [COLUMNS, written]
    assert json.loads(as_jsonl([written])) == dict(zip(COLUMNS, written, strict=True))

"""The event stream parser: bytes in, payloads out."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.providers.sse import SSEParser

STREAM = (
    '\ufeff: welcome\n\ndata: {"a": "é🗼"}\r\n\r\nevent: message\ndata: one\ndata: two\n\n'
    "id: 7\n\ndata:tight\r\rdata\n\n:\n\ndata:  indented\n\ndata: [DONE]\n\ndata: late\n\n"
).encode()
PAYLOADS = ['{"a": "é🗼"}', "one\ntwo", "tight", " indented"]


def parsed(*pieces: bytes) -> list[str]:
    parser = SSEParser()
    return [payload for piece in pieces for payload in parser.feed(piece)]


def test_it_reads_every_form_of_line_and_drops_what_is_no_data():
    assert parsed(STREAM) == PAYLOADS


def test_it_reads_a_stream_byte_by_byte():
    assert parsed(*(STREAM[place : place + 1] for place in range(len(STREAM)))) == PAYLOADS


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_where_the_stream_is_cut_into_pieces_makes_no_difference(cuts):
    places = [0, *sorted(cuts), len(STREAM)]
    assert parsed(*(STREAM[a:b] for a, b in pairwise(places))) == PAYLOADS


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_an_event_is_handed_out_as_soon_as_its_last_line_ends(end):
    parser = SSEParser()
    assert parser.feed(f"data: x{end}".encode()) == []
    assert parser.feed(end.encode()) == ["x"]


def test_a_crlf_that_is_cut_in_the_middle_is_one_line_end():
    assert parsed(b"data: a\r", b"\ndata: b\r", b"", b"\n\r", b"\n") == ["a\nb"]


def test_an_event_that_is_still_open_at_the_end_was_cut():
    assert parsed(b"data: whole\n\ndata: ha") == ["whole"]
    assert parsed(b"data: line\n") == []


def test_nothing_is_handed_out_after_the_end_mark():
    parser = SSEParser()
    assert parser.feed(b"data: a\n\ndata: [DONE]\n\ndata: b\n\n") == ["a"]
    assert parser.done
    assert parser.feed(b"data: c\n\n") == []


def test_separators_of_lines_that_are_no_line_ends_in_this_format_stay():
    assert parsed("data: a\u2028b\x0bc\x85d\n\n".encode()) == ["a\u2028b\x0bc\x85d"]


def test_data_that_is_not_utf8_is_an_error_and_a_comment_may_be_anything():
    assert parsed(b": \xff\n\ndata: x\n\n") == ["x"]
    with pytest.raises(UnicodeDecodeError):
        parsed(b"data: \xff\n\n")

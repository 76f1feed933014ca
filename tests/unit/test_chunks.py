"""Chunks merged on their way to the HTTP library, which must find the same message and the same faults in them."""

from __future__ import annotations

from itertools import pairwise

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.providers.chunks import MAX_HEAD_BYTES, ChunkMerger

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
WIRE = HEAD + b"2\r\nab\r\n1\r\nc\r\nC\r\nd\r\n0\r\n\r\nefgh\r\n0\r\n\r\n"

chunk_texts = st.lists(st.binary(min_size=1, max_size=40), max_size=8)


def chunked(texts) -> bytes:
    return HEAD + b"".join(b"%X\r\n%b\r\n" % (len(text), text) for text in texts) + b"0\r\n\r\n"


def pieces_of(wire: bytes, cuts) -> list[bytes]:
    places = [0, *sorted(min(cut, len(wire)) for cut in cuts), len(wire)]
    return [wire[a:b] for a, b in pairwise(places) if b > a]


def merged(*pieces: bytes) -> list[bytes]:
    merger = ChunkMerger()
    return [merger.feed(piece) for piece in pieces]


def understood(pieces) -> tuple[bytes, str]:
    """What the HTTP library makes of the bytes: the body, and how it ended."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("host", "h")]))
    connection.send(h11.EndOfMessage())
    body = b""
    # An empty piece is what the merger keeps to itself; to the library it would be the end of the connection.
    for piece in (*filter(None, pieces), b""):
        connection.receive_data(piece)
        while True:
            try:
                event = connection.next_event()
            except h11.RemoteProtocolError:
                return body, "broken"
            if event in (h11.NEED_DATA, h11.PAUSED):
                break
            if isinstance(event, h11.EndOfMessage):
                return body, "ended"
            body += event.data if isinstance(event, h11.Data) else b""
    return body, "open"


def test_chunks_that_arrive_together_become_one():
    assert merged(WIRE) == [HEAD + b"f\r\nabcd\r\n0\r\n\r\nefgh\r\n0\r\n\r\n"]


def test_a_part_of_a_chunk_is_handed_on_at_once():
    assert merged(HEAD, b"5\r\nab", b"cd", b"e\r", b"\n2", b"\r\nfg\r\n") == [
        HEAD,
        b"2\r\nab\r\n",
        b"2\r\ncd\r\n",
        b"1\r\ne\r\n",
        b"",
        b"2\r\nfg\r\n",
    ]


def test_it_flows_from_the_first_text_to_the_end():
    merger = ChunkMerger()
    flowing = []
    for piece in (HEAD, b"2\r\n", b"ab\r\n", b"1\r\nc\r\n", b"0\r\n\r\n"):
        merger.feed(piece)
        flowing.append(merger.flowing)
    assert flowing == [False, False, True, True, False]


def test_a_new_request_begins_with_a_head():
    merger = ChunkMerger()
    assert merger.feed(WIRE) == merged(WIRE)[0]
    merger.begin()
    assert merger.feed(WIRE) == merged(WIRE)[0]


@given(chunk_texts, st.lists(st.integers(0, 400), max_size=12))
def test_however_it_is_cut_and_chunked_the_message_is_the_same(texts, cuts):
    wire = chunked(texts)
    assert understood(merged(*pieces_of(wire, cuts))) == (b"".join(texts), "ended")


@given(chunk_texts, st.lists(st.integers(0, 400), max_size=6), st.data())
def test_a_fault_in_the_message_stays_one(texts, cuts, data):
    wire = bytearray(chunked(texts))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(wire) - 1))
        wire[place : place + data.draw(st.integers(0, 3))] = data.draw(
            st.sampled_from([b"", b"0", b"\r\n", b";x", b"g"])
        )
        if not wire:
            return
    pieces = pieces_of(bytes(wire), cuts)
    body, how = understood(pieces)
    assert understood(merged(*pieces))[1] == how
    if how == "ended":
        assert understood(merged(*pieces))[0] == body


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD,
        b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n",
        HEAD.replace(b"chunked", b"gzip, chunked"),
        HEAD.replace(b"chunked\r\n", b"chunked\r\nTransfer-Encoding: chunked\r\n"),
        b"nonsense" * (MAX_HEAD_BYTES // 8 + 1),
    ],
)
def test_whatever_is_not_plainly_chunked_passes_as_it_is(head):
    pieces = [head, b"2\r\nab\r\n", b"1\r\nc\r\n0\r\n\r\n"]
    assert merged(*pieces) == pieces


@pytest.mark.parametrize(
    "rest", [b"2;name=value\r\nab\r\n", b"zz\r\nab\r\n", b"123456789\r\n", b"2\nab\n", b"12345678901"]
)
def test_from_a_chunk_on_that_is_unusual_all_passes_as_it_is(rest):
    merger = ChunkMerger()
    assert merger.feed(HEAD + b"1\r\na\r\n" + rest) == HEAD + b"1\r\na\r\n" + rest
    assert not merger.flowing
    assert merger.feed(b"1\r\nb\r\n1\r\nc\r\n") == b"1\r\nb\r\n1\r\nc\r\n"

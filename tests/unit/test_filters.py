"""The filter of known keys, and a producer's copy of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.link.filters import (
    MOST_BYTES,
    MOST_PARTS,
    PART_BYTES,
    KeyFilter,
    NoFilter,
    capacity_for,
    error_rate_for,
    parts_of,
)
from producers.link.keys import joined, key_of, parted
from producers.link.messages import FilterIncrement, FilterPart
from producers.worker.known import KnownKeys

keys = st.binary(min_size=16, max_size=16)


def numbered(start, stop):
    return [key_of(str(number)) for number in range(start, stop)]


def filter_with(known, capacity=1_000):
    made = KeyFilter(capacity)
    made.add(known)
    return made


def whole(known, generation=1, version=0, size=PART_BYTES):
    data = filter_with(known).to_bytes()
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    return [
        FilterPart(generation=generation, version=version, part=number, parts=len(pieces), data=piece)
        for number, piece in enumerate(pieces)
    ]


def copy_of(*messages):
    copy = KnownKeys()
    for message in messages:
        tell(copy, message)
    return copy


def tell(copy, message):
    return copy.take_part(message) if isinstance(message, FilterPart) else copy.take_increment(message)


@given(st.lists(keys))
def test_a_filter_never_denies_what_was_added_also_on_the_other_side(known):
    there = KeyFilter.from_bytes(filter_with(known, capacity=10).to_bytes())
    assert all(key in there for key in known)


def test_a_filter_errs_in_one_of_a_hundred():
    made = filter_with(numbered(0, 10_000), capacity=10_000)
    wrong = sum(key in made for key in numbered(10_000, 30_000))
    assert 100 < wrong < 300


def test_a_million_keys_take_little_more_than_a_million_bytes():
    assert len(KeyFilter(1_000_000).to_bytes()) < 1_200_000


def test_beyond_its_largest_size_it_errs_more_often_instead():
    assert error_rate_for(1_000_000) == 0.01
    assert 0.05 < error_rate_for(28_000_000) < 0.15
    data = KeyFilter(28_000_000).to_bytes()
    assert len(data) < MOST_BYTES * 1.01
    assert len(parts_of(data)) <= MOST_PARTS


def test_there_is_room_to_grow():
    assert capacity_for(0) == 20_000
    assert capacity_for(1_000_000) == 1_500_000


@pytest.mark.parametrize("data", [b"", b"x", b"\x06" + b"\0" * 7, b"\0" * 20, b"\xff" * 100])
def test_other_bytes_are_no_filter(data):
    with pytest.raises(NoFilter):
        KeyFilter.from_bytes(data)


@given(st.lists(keys))
def test_keys_travel_as_one_row_of_bytes(known):
    assert parted(joined(known)) == known


def test_without_a_filter_nothing_is_known():
    assert key_of("a") not in KnownKeys()


def test_a_filter_in_pieces_is_put_together():
    copy = copy_of(*whole(numbered(0, 100), size=50))
    assert all(key in copy for key in numbered(0, 100))


def test_pieces_of_two_filters_are_not_mixed():
    first, second = whole(numbered(0, 9), 1, size=50), whole(numbered(50, 59), 2, size=50)
    copy = copy_of(*first[:5], *second)
    assert all(key in copy for key in numbered(50, 59))
    assert not all(key in copy for key in numbered(0, 9))


def test_a_filter_that_lacks_a_piece_is_left_alone():
    pieces = whole(numbered(0, 9), size=50)
    copy = copy_of(*pieces[:3], *pieces[4:])
    assert not any(key in copy for key in numbered(0, 9))


def test_a_filter_of_rubbish_is_left_alone():
    copy = copy_of(*whole(numbered(0, 9)))
    copy.take_part(FilterPart(generation=2, version=0, part=0, parts=1, data=b"\xff" * 40))
    assert key_of("3") in copy


def test_what_is_new_is_added():
    copy = copy_of(*whole([], version=4))
    assert copy.take_increment(FilterIncrement(generation=1, since=4, keys=joined(numbered(0, 3))))
    assert copy.take_increment(FilterIncrement(generation=1, since=7, keys=joined(numbered(3, 5))))
    assert all(key in copy for key in numbered(0, 5))


@pytest.mark.parametrize(("generation", "since"), [(2, 0), (1, 5)], ids=["another filter", "a gap"])
def test_after_a_gap_the_whole_filter_is_wanted(generation, since):
    copy = copy_of(*whole([], version=4))
    assert not copy.take_increment(FilterIncrement(generation=generation, since=since, keys=joined(numbered(0, 1))))
    assert not copy.take_increment(FilterIncrement(generation=generation, since=since))


def test_before_its_filter_came_it_wants_one():
    assert not KnownKeys().take_increment(FilterIncrement(generation=1, since=0))


def test_a_word_without_keys_says_that_nothing_was_missed():
    assert copy_of(*whole([], version=4)).take_increment(FilterIncrement(generation=1, since=4))


@given(st.data())
def test_whatever_the_order_and_however_often_the_copy_that_wants_nothing_has_everything(data):
    known = numbered(0, 12)
    cuts = sorted(data.draw(st.sets(st.integers(1, 11))))
    increments = [
        FilterIncrement(generation=1, since=start, keys=joined(known[start:stop]))
        for start, stop in zip([0, *cuts], [*cuts, 12], strict=True)
    ]
    wholes = [whole(known[:version], version=version)[0] for version in (0, *cuts)]
    copy = KnownKeys()
    for message in data.draw(st.lists(st.sampled_from([*increments, *wholes]), max_size=20)):
        tell(copy, message)
    if copy.take_increment(FilterIncrement(generation=1, since=12)):
        assert all(key in copy for key in known)

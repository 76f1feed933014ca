"""Parts of a topic: together they are the whole of it."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.partitions import OTHERS, WHOLE, alphabet_ranges, partitions

producers = st.integers(1, 40)


def letters_of(part):
    if match := re.search(r"letters (\w) to (\w)", part):
        first, last = match.groups()
        return [chr(code) for code in range(ord(first), ord(last) + 1)]
    match = re.search(r"letter (\w)", part)
    assert match
    return [match[1]]


@given(producers)
def test_the_ranges_share_out_the_alphabet_without_gap_or_overlap(count):
    different = list(dict.fromkeys(alphabet_ranges(count)))
    assert [letter for part in different for letter in letters_of(part)] == list(string.ascii_uppercase)


@given(producers)
def test_every_producer_has_a_part_and_none_is_much_larger(count):
    parts = alphabet_ranges(count)
    sizes = [len(letters_of(part)) for part in parts]
    assert len(parts) == count
    assert max(sizes) - min(sizes) <= 1


@given(producers)
def test_what_is_no_latin_letter_belongs_to_one_range(count):
    assert sum(OTHERS in part for part in set(alphabet_ranges(count))) == 1


@given(producers)
def test_with_more_producers_than_letters_the_work_is_shared(count):
    parts = alphabet_ranges(count)
    times = [parts.count(part) for part in set(parts)]
    assert max(times) - min(times) <= 1


@given(producers)
def test_auto_leaves_one_the_whole_and_divides_it_among_the_others(count):
    first, *others = partitions("auto", count)
    assert first == WHOLE
    assert tuple(others) == (alphabet_ranges(count - 1) if count > 1 else ())


@given(producers)
def test_none_leaves_everyone_the_whole(count):
    assert partitions("none", count) == (WHOLE,) * count


@pytest.mark.parametrize("kind", ["auto", "alphabet", "none"])
def test_one_producer_explores_all(kind):
    assert partitions(kind, 1) == (WHOLE,)


def test_ranges_are_put_in_words():
    assert partitions("alphabet", 2) == (
        "names beginning with the letters A to M",
        f"names beginning with the letters N to Z {OTHERS}",
    )
    assert alphabet_ranges(26)[0] == "names beginning with the letter A"


@given(producers)
def test_a_part_fits_its_column(count):
    assert all(len(part) <= 200 for part in partitions("auto", count))

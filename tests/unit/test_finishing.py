"""How large a request may be where a target is near."""

from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.counts import Totals
from orchestration.logic.finishing import LEAST_SIZE, UnderWay
from orchestration.logic.finishing import missing as missing_of


def missing(target, entries, sizes, lately, seconds=0.0, slowest=None):
    return missing_of(target, entries, [UnderWay(size, seconds) for size in sizes], lately, slowest)


def lately(candidates, unique):
    return Totals(candidates=candidates, unique=unique)


def test_without_a_target_all_is_asked_for():
    assert missing(None, 10, [60], lately(60, 30)).size(60) == 60


def test_a_first_question_asks_for_what_the_target_is():
    assert missing(40, 0, [], Totals()).size(60) == 40


def test_while_enough_is_under_way_nothing_more_is_asked_for():
    assert missing(40, 0, [40], Totals()).nothing
    assert not missing(41, 0, [40], Totals()).nothing


def test_what_hangs_is_not_waited_for():
    assert missing(40, 0, [40], Totals(), seconds=10.0).nothing
    assert not missing(40, 0, [40], Totals(), seconds=20.0).nothing
    assert not missing(40, 0, [40], Totals(), seconds=4.0, slowest=0.5).nothing
    assert missing(40, 0, [40], Totals(), seconds=20.0, slowest=12.0).nothing


def test_of_what_is_asked_for_only_a_part_is_new():
    assert missing(100, 80, [], lately(100, 50)).size(60) == 40
    assert not missing(100, 80, [30], lately(100, 50)).nothing
    assert missing(100, 80, [40], lately(100, 50)).nothing


def test_far_from_the_target_nothing_is_smaller():
    assert missing(10_000, 80, [60] * 10, lately(100, 50)).size(60) == 60


@given(
    st.integers(1, 10_000),
    st.integers(0, 10_000),
    st.lists(st.integers(1, 500), max_size=20),
    st.integers(0, 500),
    st.integers(1, 1000),
)
def test_it_is_never_more_than_wanted_and_never_too_few(target, entries, under_way, unique, wanted):
    found = missing(target, entries, under_way, lately(500, unique))
    assert min(wanted, LEAST_SIZE) <= found.size(wanted) <= wanted
    assert found.entries is not None
    assert found.nothing == (found.entries <= 0)

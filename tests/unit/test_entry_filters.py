"""What an address says of the entries that somebody wants to see."""

import pytest

from topics.browsing.filters import Filters

FULL = {"topic": "1", "run": "2", "provider": "3", "slot": "0", "partition": "all", "state": "new", "q": "é"}


def test_an_address_and_its_filters_say_the_same():
    filters = Filters.from_query(FULL)
    assert filters.chosen == {
        "topic": 1,
        "run": 2,
        "provider": 3,
        "slot": 0,
        "partition": "all",
        "state": "new",
        "q": "é",
    }
    assert filters.query == "topic=1&run=2&provider=3&slot=0&partition=all&state=new&q=%C3%A9"


@pytest.mark.parametrize(
    "query",
    [{}, {"topic": ""}, {"topic": "x"}, {"run": "-1"}, {"topic": "9" * 30}, {"slot": "99999"}, {"topic": "²"}],
)
def test_what_cannot_be_understood_does_not_narrow(query):
    assert Filters.from_query({**query, "state": "odd", "unknown": "1"}) == Filters()


def test_words_are_one_line_that_every_database_takes():
    assert Filters.from_query({"q": " a\x00b\n c "}).q == "a b c"


def test_a_topic_that_is_cleared_takes_its_run_with_it():
    assert Filters.from_query(FULL).without("topic").chosen.keys() == FULL.keys() - {"topic", "run"}
    assert Filters.from_query(FULL).without("q").chosen.keys() == FULL.keys() - {"q"}


def test_an_index_has_the_entries_of_a_topic_in_order():
    assert not Filters(topic=1).looks_at_each
    assert Filters(topic=1, q="x").looks_at_each
    assert Filters(slot=0).looks_at_each

"""Browsing: every entry once, whatever arrives meanwhile; filters; search in many scripts; bounded work."""

import itertools

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import ProducerFactory, ProviderFactory, RequestFactory, ReviewFactory, RunFactory, TopicFactory
from tests.integration.entries import found_by, texts_of
from topics.browsing.filters import WHOLE_TOPIC, Filters
from topics.browsing.windows import Found, Number, Walk, find, number_of

pytestmark = [pytest.mark.storage, pytest.mark.django_db]


@pytest.fixture
def request_made():
    return RequestFactory(partition="museums", producer__slot=3)


# Pages


@pytest.mark.parametrize(
    "filters", [Filters(), Filters(q="entry"), Filters(slot=3)], ids=["all", "search", "producer"]
)
@pytest.mark.parametrize("up", [False, True], ids=["newest first", "oldest first"])
def test_paging_shows_every_entry_once_while_others_arrive(request_made, filters, up):
    there = [entry.pk for entry in found_by(request_made, *(f"Entry {number}" for number in range(11)))]
    seen: list[int] = []
    walk, numbers = Walk(up=up), itertools.count(100)
    for _ in range(20):
        page = find(filters, walk, 2, window=3)
        seen += page.ids
        if page.position is None:
            break
        walk = Walk(page.position, up=up)
        if len(seen) < 14:
            found_by(request_made, f"Entry {next(numbers)}")
    assert seen == sorted(set(seen), reverse=not up)
    assert set(there) <= set(seen)
    assert seen if up else seen == there[::-1]


def test_a_walk_can_turn_round(request_made):
    ids = [entry.pk for entry in found_by(request_made, *"abcdef")]
    down = find(Filters(), Walk(), 2)
    further = find(Filters(), Walk(down.position), 2)
    assert (down.ids, further.ids) == ((ids[5], ids[4]), (ids[3], ids[2]))
    assert find(Filters(), Walk(further.ids[0], up=True), 2) == Found((ids[4], ids[5]))


def test_a_walk_ends_where_it_was_told_to(request_made):
    ids = [entry.pk for entry in found_by(request_made, *"abc")]
    assert find(Filters(), Walk(up=True, through=ids[1]), 5).ids == tuple(ids[:2])


def test_a_search_without_an_end_stops_in_time_and_says_where(request_made):
    ids = [entry.pk for entry in found_by(request_made, "needle", *"abcdefgh")]
    clock = itertools.count().__next__
    page = find(Filters(q="needle"), Walk(), 2, window=2, seconds=0, clock=clock)
    assert page == Found((), position=ids[-2], out_of_time=True)
    assert texts_of(Filters(q="needle"), window=2, seconds=0, clock=clock) == ["needle"]


def test_what_is_dense_is_found_in_the_first_window(request_made):
    found_by(request_made, *(f"Entry {number}" for number in range(30)))
    with CaptureQueriesContext(connection) as queries:
        find(Filters(slot=3), Walk(), 5)
    assert len(queries) == 2


# Filters


def test_entries_of_a_topic_run_provider_part_and_producer(request_made):
    topic = request_made.run.topic
    found_by(request_made, "first")
    other_run = RunFactory(topic=topic)
    later = RequestFactory(producer=ProducerFactory(run=other_run, slot=4), provider=request_made.provider)
    found_by(later, "second")
    found_by(RequestFactory(provider=ProviderFactory()), "elsewhere")
    assert texts_of(Filters(topic=topic.pk)) == ["second", "first"]
    assert texts_of(Filters(run=request_made.run.pk)) == ["first"]
    assert texts_of(Filters(run=other_run.pk)) == ["second"]
    assert texts_of(Filters(run=RunFactory().pk)) == []
    assert texts_of(Filters(provider=request_made.provider.pk)) == ["second", "first"]
    assert texts_of(Filters(partition="museums")) == ["first"]
    assert texts_of(Filters(partition=WHOLE_TOPIC)) == ["elsewhere", "second"]
    assert texts_of(Filters(topic=topic.pk, slot=4)) == ["second"]


@pytest.mark.parametrize("window", [1_000, 2])
def test_the_entries_of_a_run_are_found_between_those_of_others(window):
    topic = TopicFactory()
    for number in range(4):
        request = RequestFactory(producer__run=RunFactory(topic=topic))
        found_by(request, *(f"{number}: {letter}" for letter in "abc"))
        if number == 1:
            wanted = request.run
    assert texts_of(Filters(run=wanted.pk), window=window) == ["1: c", "1: b", "1: a"]


def test_entries_in_a_state(request_made):
    new, accepted, rejected, corrected, cleared = found_by(request_made, "new", "acc", "rej", "cor", "cle")
    elsewhere = RequestFactory()
    found_by(elsewhere, "same key elsewhere")
    ReviewFactory(attribute=accepted, verdict="accepted")
    ReviewFactory(attribute=rejected)
    ReviewFactory(attribute=corrected, verdict="", text="Correct")
    ReviewFactory(attribute=cleared, verdict="")
    assert texts_of(Filters(state="accepted")) == ["acc"]
    assert texts_of(Filters(state="rejected")) == ["rej"]
    assert texts_of(Filters(state="corrected")) == ["cor"]
    assert texts_of(Filters(topic=new.topic_id, state="new")) == ["cle", "new"]
    assert texts_of(Filters(topic=elsewhere.run.topic.pk, state="rejected")) == []


def test_very_many_reviews_are_not_looked_up_one_by_one(request_made):
    entries = found_by(request_made, *(f"Entry {number:04}" for number in range(1_002)))
    reviews = [ReviewFactory.build(attribute=entry, topic=entry.topic, key=entry.key) for entry in entries[1:]]
    reviews[0]._meta.model.objects.bulk_create(reviews)
    ids = [entry.pk for entry in entries]
    assert find(Filters(state="rejected"), Walk(up=True), 2).ids == tuple(ids[1:3])
    assert find(Filters(state="new"), Walk(), 2).ids == (ids[0],)


# Search


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Musée d'Orsay", "MUSEE"),
        ("Musee d'Orsay", "musée D'ORSAY"),
        ("Straße", "STRASSE"),
        ("Эрмитаж", "эрми"),
        ("Ακρόπολη", "ακροπολη"),
        ("東京タワー", "タワー"),
        ("متحف اللوفر", "اللوفر"),
        ("हवा महल", "महल"),
        ("İstanbul", "istanbul"),
        ("50% off", "50%"),
        ("snake_case", "E_C"),
        ("back\\slash", "k\\s"),
        ("it's", "'"),
    ],
)
def test_case_and_accents_do_not_matter_in_any_script(request_made, text, words):
    found_by(request_made, "500 off", "snakeXcase", "something else", "Дом", text)
    assert texts_of(Filters(q=words)) == [text]


@pytest.mark.parametrize("wildcard", ["%", "_", "\\", "o%e", "%%"])
def test_signs_that_databases_take_for_wildcards_are_signs(request_made, wildcard):
    found_by(request_made, "one", "Ône")
    assert texts_of(Filters(q=wildcard)) == []


def test_a_corrected_entry_is_found_by_how_it_is_written_now_and_was_found(request_made):
    wrong, _ = found_by(request_made, "Louvr", "other")
    ReviewFactory(attribute=wrong, verdict="", text="Musée du Louvre")
    assert texts_of(Filters(q="MUSEE")) == ["Louvr"]
    assert texts_of(Filters(q="louvr")) == ["Louvr"]


# Numbers


def test_small_numbers_are_exact_and_large_ones_bounded(request_made):
    found_by(request_made, *"abc")
    assert str(number_of(Filters())) == "3"
    assert str(number_of(Filters(q="b"))) == "1"
    assert str(Number(10_000, exact=False)) == "10,000+"
    assert number_of(Filters(q="zz")) == Number(0, exact=True)

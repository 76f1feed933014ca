"""The entries of lists: pages miss and repeat nothing, filters find what they say, streams equal the database."""

import json
from datetime import timedelta
from itertools import count

import pytest
from django.utils import timezone

from igentai_site.api import listing, stream
from igentai_site.api.auth import Caller
from igentai_site.api.errors import ApiError
from orchestration.models import Run
from tests.factories import (
    ApiTokenFactory,
    AttributeFactory,
    ProducerFactory,
    ProviderFactory,
    RequestFactory,
    ReviewFactory,
    RunFactory,
    UserFactory,
)
from tests.programs import VIEWER, error, program
from topics.browsing.filters import Filters
from topics.models import DesiredState, Topic

pytestmark = [pytest.mark.storage, pytest.mark.django_db]
HOSTILE = "<script>alert(1)</script>\u202e\u2028\U0001f600"


@pytest.fixture
def viewer():
    return program(VIEWER)


@pytest.fixture
def request_row():
    return RequestFactory(producer=ProducerFactory(run=RunFactory(number=1)))


@pytest.fixture
def entries(request_row):
    return [AttributeFactory(request=request_row) for _ in range(7)]


def ids(page):
    return [entry["id"] for entry in page.json()["items"]]


def test_an_entry_has_its_provenance(viewer):
    run = RunFactory(number=4)
    row = RequestFactory(
        producer=ProducerFactory(run=run, slot=2),
        provider=ProviderFactory(name="cheap", vendor=True),
        partition="A to F",
    )
    entry = AttributeFactory(request=row, text=HOSTILE, times_seen=3)
    (told,) = viewer.get("/attributes", topic=run.topic.pk).json()["items"]
    found_at = told.pop("found_at")
    assert found_at == row.finished_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert told == {
        "id": entry.pk,
        "topic": run.topic.pk,
        "text": HOSTILE,
        "found": HOSTILE,
        "verdict": "",
        "times_seen": 3,
        "provider": "cheap",
        "simulated": False,
        "run": 4,
        "producer": 2,
        "partition": "A to F",
        "request": row.pk,
    }


def test_pages_miss_nothing_while_more_are_found(viewer, request_row, entries):
    found = []
    after: int | None = 0
    while after is not None:
        page = viewer.get("/attributes", topic=request_row.run.topic.pk, after=after, limit=3).json()
        found += [entry["id"] for entry in page["items"]]
        after = page["next"]
        if len(entries) < 12:
            entries += [AttributeFactory(request=request_row), AttributeFactory(request=request_row)]
    assert found == [entry.pk for entry in entries]


def test_whoever_has_the_last_id_goes_on_from_there(viewer, request_row, entries):
    topic = request_row.run.topic.pk
    assert viewer.get("/attributes", topic=topic, after=entries[-1].pk).json() == {"items": [], "next": None}
    new = AttributeFactory(request=request_row)
    assert ids(viewer.get("/attributes", topic=topic, after=entries[-1].pk)) == [new.pk]


def test_without_a_topic_there_are_those_of_all(viewer, entries):
    other = AttributeFactory()
    assert ids(viewer.get("/attributes")) == [*(entry.pk for entry in entries), other.pk]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("elysee", [0]),
        ("ÉLYSÉE", [0]),
        ("louvre", [1]),
        ("LOUVRE", [1]),
        ("100%", [2]),
        ("_", []),
        ("%", [2]),
        ("\0", None),
        ("\u0301", None),
    ],
)
def test_words_are_found_whatever_their_case_and_accents(viewer, request_row, words, found):
    rows = [
        AttributeFactory(request=request_row, text=text) for text in ("Palais de l'Élysée", "Louvre", "100% Paris")
    ]
    expected = range(3) if found is None else found
    assert ids(viewer.get("/attributes", q=words)) == [rows[place].pk for place in expected]


def test_filters_narrow(viewer):
    run, other_run = RunFactory(number=1), RunFactory(number=2)
    cheap, dear = ProviderFactory(name="cheap"), ProviderFactory(name="dear")
    first = AttributeFactory(
        request=RequestFactory(producer=ProducerFactory(run=run, slot=0), provider=cheap, partition="A")
    )
    second = AttributeFactory(
        request=RequestFactory(producer=ProducerFactory(run=run, slot=1), provider=dear, partition="B")
    )
    other = AttributeFactory(request=RequestFactory(producer=ProducerFactory(run=other_run, slot=0), provider=cheap))
    topic = run.topic.pk
    assert ids(viewer.get("/attributes", topic=topic, provider="cheap")) == [first.pk]
    assert ids(viewer.get("/attributes", topic=topic, producer=1)) == [second.pk]
    assert ids(viewer.get("/attributes", topic=topic, partition="B")) == [second.pk]
    assert ids(viewer.get("/attributes", topic=topic, run=1)) == [first.pk, second.pk]
    assert "run" in error(viewer.get("/attributes", topic=topic, run=7))["fields"]
    assert ids(viewer.get("/attributes", partition="(whole topic)")) == [other.pk]


def test_reviews_are_told_and_what_was_rejected_is_left_out(viewer, entries):
    kept, rejected, corrected = entries[:3]
    ReviewFactory(attribute=kept, verdict="accepted")
    ReviewFactory(attribute=rejected, verdict="rejected")
    ReviewFactory(attribute=corrected, verdict="", text="Better")
    everything = viewer.get("/attributes").json()["items"]
    assert len(everything) == len(entries) - 1
    assert [(each["verdict"], each["text"] == each["found"]) for each in everything[:2]] == [
        ("accepted", True),
        ("", False),
    ]
    assert everything[1]["text"] == "Better"
    assert ids(viewer.get("/attributes", state="rejected")) == [rejected.pk]
    assert ids(viewer.get("/attributes", state="accepted")) == [kept.pk]
    assert ids(viewer.get("/attributes", state="corrected")) == [corrected.pk]
    assert ids(viewer.get("/attributes", q="better")) == [corrected.pk]
    assert ids(viewer.get("/attributes", state="new")) == [entry.pk for entry in entries[3:]]
    assert len(ids(viewer.get("/attributes", with_rejected=True))) == len(entries)


def test_a_page_costs_few_queries(viewer, entries, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        assert len(ids(viewer.get("/attributes"))) == 7


def test_looking_for_what_is_rare_is_done_a_part_at_a_time(request_row):
    entries = [AttributeFactory(request=request_row, text=f"number {number}") for number in range(9)]
    filters = Filters(topic=request_row.run.topic.pk, q="number 7")
    page = listing.page(filters, 0, 10, clock=count(step=10).__next__)
    assert ([row.id for row in page.rows], page.next) == ([entries[7].pk], entries[8].pk)
    assert page.next is not None
    assert listing.page(filters, page.next, 10) == listing.Page((), None)


# The stream


def reader(topic, after=0, *, caller=None, **wanted):
    caller = caller or Caller(UserFactory.build(), "key", None, read_only=True)
    return stream.Reader(caller, VIEWER[1], stream.Wanted(topic.pk, after, **wanted))


def read_all(reading):
    rows = []
    while True:
        chunk = reading.read()
        rows += chunk.rows
        if chunk.last:
            return rows


def test_a_stream_has_what_the_pages_have(viewer, request_row):
    texts = [HOSTILE, 'quo"te', "\\", "é", "plain"]
    for text in texts:
        AttributeFactory(request=request_row, text=text)
    AttributeFactory()  # of another topic
    topic = request_row.run.topic
    rows = read_all(reader(topic))
    lines = stream.text(rows).decode().split("\n")
    assert lines.pop() == ""
    items = viewer.get("/attributes", topic=topic.pk).json()["items"]
    assert [without_time(json.loads(line)) for line in lines] == [without_time(item) for item in items]
    assert [row.text for row in rows] == texts


def without_time(entry):
    return {name: value for name, value in entry.items() if name != "found_at"}


def test_a_stream_ends_where_the_list_ended_when_it_began(request_row, entries):
    reading = reader(request_row.run.topic)
    reading.limit = 3
    first = reading.read()
    reading.limit = 3
    new = AttributeFactory(request=request_row)
    rest = read_all(reading)
    assert [row.id for row in (*first.rows, *rest)] == [entry.pk for entry in entries]
    assert [row.id for row in read_all(reader(request_row.run.topic, entries[-1].pk))] == [new.pk]


def test_an_empty_list_is_an_empty_stream():
    assert read_all(reader(RunFactory().topic)) == []


def test_what_was_rejected_is_not_in_a_stream(request_row, entries):
    ReviewFactory(attribute=entries[-1], verdict="rejected")
    assert len(read_all(reader(request_row.run.topic))) == len(entries) - 1
    assert len(read_all(reader(request_row.run.topic, with_rejected=True))) == len(entries)


def test_one_that_follows_goes_on_until_the_run_has_ended(request_row, entries):
    topic = request_row.run.topic
    Topic.objects.update(desired_state=DesiredState.RUNNING, starts=1)
    reading = reader(topic, follow=True)
    chunk = reading.read()
    assert (len(chunk.rows), chunk.last, chunk.idle) == (7, False, True)
    assert reading.read().rows == ()
    new = AttributeFactory(request=request_row)
    Topic.objects.update(desired_state=DesiredState.STOPPED)
    assert not reading.read().last  # requests under way still bring something
    newest = AttributeFactory(request=request_row)
    Run.objects.update(state=Run.State.ENDED, ended_at=timezone.now())
    last = reading.read()
    assert ([row.id for row in last.rows], last.last) == ([newest.pk], True)
    assert new.pk < newest.pk


def test_one_that_follows_waits_for_a_run_that_was_asked_for():
    topic = RunFactory(number=1, over=True).topic
    assert reader(topic, follow=True).read().last
    Topic.objects.update(desired_state=DesiredState.RUNNING, starts=2)
    assert not reader(topic, follow=True).read().last


def test_a_list_that_is_replaced_ends_the_stream(request_row, entries):
    topic = request_row.run.topic
    reading = reader(topic, follow=True)
    reading.read()
    RunFactory(topic=topic, number=2)
    with pytest.raises(ApiError) as refused:
        reading.read()
    assert refused.value.code == "list_replaced"


def test_a_topic_that_is_deleted_ends_the_stream():
    topic = RunFactory(number=1).topic
    reading = reader(topic, follow=True)
    reading.read()
    Topic.objects.filter(pk=topic.pk).delete()
    with pytest.raises(ApiError) as refused:
        reading.read()
    assert refused.value.code == "topic_gone"


def test_a_token_that_is_revoked_ends_the_stream(entries, request_row):
    token = ApiTokenFactory(user=UserFactory(permissions=VIEWER))
    caller = Caller(token.user, "key", token.pk, read_only=False)
    reading = reader(request_row.run.topic, caller=caller, follow=True)
    reading.checked_at -= stream.RECHECK_SECONDS
    reading.read()
    token.delete()
    reading.read()
    reading.checked_at -= stream.RECHECK_SECONDS
    with pytest.raises(ApiError) as refused:
        reading.read()
    assert refused.value.code == "unknown_token"


def test_a_stream_wants_the_permission_and_a_topic(viewer):
    topic = RunFactory().topic
    assert program(VIEWER[:1]).get(f"/topics/{topic.pk}/attributes.ndjson").status_code == 403
    assert error(viewer.get("/topics/0/attributes.ndjson"))["code"] == "not_found"


def test_times_are_of_one_zone(request_row):
    AttributeFactory(request=request_row)
    (row,) = read_all(reader(request_row.run.topic))
    assert row.found_at.utcoffset() == timedelta(0)

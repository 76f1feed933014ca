"""Each format, opened by the reader that people use, against the database."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow.parquet as pq
import pytest

from tests.exporting import HOSTILE, a_list, a_request, in_database, produced, replace_list
from tests.factories import AttributeFactory, ProducerFactory, ReviewFactory, TopicFactory
from topics.browsing.filters import Filters
from topics.exports.defusing import restored
from topics.exports.entries import COLUMNS, Entry
from topics.exports.formats import FORMATS
from topics.exports.parquet import ROW_GROUP
from topics.exports.producing import Production
from topics.exports.reading import ListReplaced
from topics.exports.selection import Counted, count_up_to
from topics.models import Attribute, Review

pytestmark = [pytest.mark.storage, pytest.mark.django_db]


@pytest.fixture
def topic():
    return a_list(*HOSTILE)


def read_csv(data):
    assert data.startswith(b"\xef\xbb\xbf")
    text = io.StringIO(data.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(text, strict=True))


def read_parquet(data):
    return pq.read_table(io.BytesIO(data))


def test_plain_text_has_one_entry_a_line(topic):
    assert produced(topic, "txt").decode() == "".join(f"{text}\n" for text in HOSTILE)


def test_csv_has_every_column_and_no_formula(topic):
    rows = read_csv(produced(topic, "csv"))
    assert list(rows[0]) == list(COLUMNS)
    assert [row["text"] for row in rows if row["text"][:1] in "=+-@＝"] == []
    for row, expected in zip(rows, in_database(topic), strict=True):
        assert restored(row["text"]) == expected["text"]
        assert restored(row["found_text"]) == expected["found_text"]
        # To the millisecond.
        assert abs(datetime.fromisoformat(row["first_seen"]) - expected["first_seen"]) < timedelta(milliseconds=1)
        assert Decimal(row["cost_share_usd"]) == expected["cost_share_usd"]
        plain = {
            name: row[name] for name in COLUMNS if name not in ("text", "found_text", "first_seen", "cost_share_usd")
        }
        assert plain == {name: str(expected[name]) for name in plain}


def test_csv_keeps_to_the_standard(topic):
    lines = produced(topic, "csv").decode("utf-8-sig").split("\r\n")
    assert lines.pop() == ""
    assert len(lines) == len(HOSTILE) + 1
    assert "\n" not in "".join(lines)
    assert '"a ""quoted"" one"' in lines[1]


def test_json_lines_are_the_rows_as_they_are(topic):
    lines = [json.loads(line, parse_float=Decimal) for line in produced(topic, "jsonl").splitlines()]
    for line in lines:
        line["first_seen"] = datetime.fromisoformat(line["first_seen"])
    assert lines == in_database(topic)


def test_parquet_has_the_rows_with_their_types(topic):
    data = produced(topic, "parquet")
    rows = read_parquet(data).to_pylist()
    for row, expected in zip(rows, in_database(topic), strict=True):
        assert abs(row.pop("first_seen") - expected.pop("first_seen")) < timedelta(milliseconds=1)
        assert row == expected
    card = json.loads(pq.read_metadata(io.BytesIO(data)).metadata[b"igentai.card"])
    assert card["entries"] == len(HOSTILE)


def test_parquet_gathers_chunks_into_row_groups():
    encoder = FORMATS["parquet"].encoder()
    many = [an_entry(n) for n in range(ROW_GROUP // 4)]
    pieces = [encoder.head(), *(encoder.entries(many) for _ in range(5)), encoder.tail(lambda: "{}")]
    groups = pq.ParquetFile(io.BytesIO(b"".join(pieces))).metadata
    assert (groups.num_row_groups, groups.num_rows) == (2, 5 * len(many))
    # The first group was given away as soon as it was full.
    assert len(pieces[4]) > 0 == len(pieces[3])


def an_entry(number):
    return Entry(number, "x", "x", "", 1, datetime.now(UTC), 1, 0, "p", "m", "simulated", "", 1, None)


@pytest.mark.parametrize("format_name", FORMATS)
def test_an_empty_list_is_an_empty_file_of_its_format(format_name):
    data = produced(TopicFactory(), format_name)
    if format_name == "csv":
        assert read_csv(data) == []
    elif format_name == "parquet":
        assert read_parquet(data).column_names == list(COLUMNS)
    else:
        assert data == b""


# What people said


def test_corrected_texts_are_exported_beside_the_found_ones(topic):
    entry = Attribute.objects.filter(text="NULL").get()
    ReviewFactory(attribute=entry, verdict=Review.Verdict.ACCEPTED, text="Null Island")
    assert "Null Island" in produced(topic, "txt").decode().splitlines()
    row = next(row for row in read_csv(produced(topic, "csv")) if row["id"] == str(entry.pk))
    assert (row["text"], row["found_text"], row["verdict"]) == ("Null Island", "NULL", "accepted")


def test_rejected_entries_are_left_out_unless_they_are_asked_for(topic):
    ReviewFactory(attribute=Attribute.objects.filter(text="NULL").get())
    assert "NULL" not in produced(topic, "txt").decode().splitlines()
    assert produced(topic, "txt", state="rejected") == b"NULL\n"


def test_states_narrow(topic):
    accepted, edited = Attribute.objects.filter(text__in=["NULL", "مقهى"]).order_by("id").reverse()
    ReviewFactory(attribute=accepted, verdict=Review.Verdict.ACCEPTED)
    ReviewFactory(attribute=edited, verdict=Review.Verdict.NONE, text="café")
    assert produced(topic, "txt", state="accepted").decode() == f"{accepted.text}\n"
    assert produced(topic, "txt", state="corrected").decode() == "café\n"
    assert len(produced(topic, "txt", state="new").splitlines()) == len(HOSTILE) - 2


# Which entries


def test_the_view_narrows_by_all_that_the_page_narrows_by():
    topic = a_list("Louvre", "Élysée", "elysium")
    vendor = Attribute.objects.filter(topic=topic)[0].request.provider_id
    other = a_request(topic=topic, partition="parks", provider__name="b")
    AttributeFactory(request=other, text="Bois de Boulogne")
    AttributeFactory(request=a_request(topic=topic, producer=ProducerFactory(run=other.run, slot=4)), text="Orsay")
    assert produced(topic, "txt", q="ELYSEE").decode() == "Élysée\n"
    assert produced(topic, "txt", q="élys").decode() == "Élysée\nelysium\n"
    for conditions in ({"provider": other.provider_id}, {"partition": "parks"}, {"run": other.run_id, "slot": 3}):
        assert produced(topic, "txt", **conditions).decode() == "Bois de Boulogne\n"
    assert produced(topic, "txt", slot=4).decode() == "Orsay\n"
    ReviewFactory(attribute=Attribute.objects.get(text="Orsay"), verdict="", text="Musée d'Orsay")
    assert produced(topic, "txt", q="musee").decode() == "Musée d'Orsay\n"
    assert produced(topic, "txt", slot=3, provider=vendor).decode() == "Louvre\nÉlysée\nelysium\n"


def test_other_topics_are_not_in_it(topic):
    assert produced(a_list("mine"), "txt") == b"mine\n"


def test_no_page_looks_through_a_list_without_end():
    small = a_list("Louvre", "Élysée", "=1+1")
    assert count_up_to(Filters(topic=small.pk, q="1"), 10) == Counted(1)
    assert count_up_to(Filters(topic=small.pk, q="lou"), 10, look_at=2) == Counted(1, whole=False)
    assert count_up_to(Filters(topic=small.pk, q="1"), 10, look_at=2) == Counted(0, whole=False)
    assert count_up_to(Filters(topic=small.pk, q="1"), 10, look_at=3) == Counted(1)


# A list that changes


def test_reading_goes_on_while_it_is_being_sent_and_notices_a_new_list(topic):
    pieces = Production(topic, Filters(topic=topic.pk), "txt", chunk=5).pieces()
    next(pieces)
    assert next(pieces).data.decode().splitlines() == HOSTILE[:5]
    replace_list(topic)
    with pytest.raises(ListReplaced):
        next(pieces)


def test_a_list_that_is_replaced_at_the_very_end_is_noticed(topic):
    pieces = Production(topic, Filters(topic=topic.pk), "txt", chunk=100).pieces()
    next(pieces), next(pieces)
    replace_list(topic)
    with pytest.raises(ListReplaced):
        next(pieces)


def test_what_is_found_meanwhile_is_not_in_it(topic):
    production = Production(topic, Filters(topic=topic.pk), "txt", chunk=5)
    pieces = production.pieces()
    next(pieces), next(pieces)
    AttributeFactory(request=Attribute.objects.filter(topic=topic)[0].request, text="a late one")
    assert sum(piece.data.count(b"\n") for piece in pieces) == len(HOSTILE) - 5
    assert production.card()["entries"] == len(HOSTILE)


def test_each_chunk_is_one_question_whatever_its_length(topic, django_assert_num_queries):
    production = Production(topic, Filters(topic=topic.pk), "txt", chunk=9)
    # Two chunks, the look for a third, and after each whether the list still stands.
    with django_assert_num_queries(6):
        list(production.pieces())

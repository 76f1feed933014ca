"""The parts of a topic in its form: categories that people add, and parts that they leave out."""

import pytest
from django.urls import reverse

from orchestration.logic import parts
from orchestration.minds import parts_of
from tests.factories import RunFactory, TopicFactory, UserFactory
from topics.models import TopicPartition

pytestmark = pytest.mark.django_db


@pytest.fixture
def topic():
    return TopicFactory()


@pytest.fixture
def post(client, topic):
    """Save the topic's form as it is shown, with `rows` for its parts."""
    client.force_login(UserFactory(admin=True))
    address = reverse("admin:topics_topic_change", args=[topic.pk])

    def saved(*rows):
        page = client.get(address).context
        data = dict(_values(page["adminform"].form))
        for each in page["inline_admin_formsets"]:
            data |= {f"{each.formset.prefix}-{which}_FORMS": 0 for which in ("TOTAL", "INITIAL")}
        data["partitions-TOTAL_FORMS"] = len(rows)
        data["partitions-INITIAL_FORMS"] = sum("id" in row for row in rows)
        data |= {f"partitions-{at}-{name}": value for at, row in enumerate(rows) for name, value in row.items()}
        data |= {f"partitions-{at}-topic": topic.pk for at in range(len(rows))}
        return client.post(address, data)

    return saved


def _values(form):
    return [(name, "" if (value := form[name].value()) is None else value) for name in form.fields]


def test_a_category_that_is_added_is_a_part_as_the_engine_would_make_it(topic, post):
    assert post({"words": "  Small  museums. "}).status_code == 302
    row = TopicPartition.objects.get()
    part = parts.category("Small museums")
    assert (row.words, row.by_person, row.left_out, row.state) == (part.words, True, False, "open")
    run = RunFactory(topic=topic)
    (known,) = parts_of([run.pk])[run.pk]
    assert (known.part, known.by_person) == (part, True)


def test_a_part_is_left_out_and_its_words_stay(topic, post):
    row = TopicPartition.objects.create(topic=topic, words="names that begin with A to F", data={"kind": "all"})
    assert post({"id": row.pk, "words": "something else", "left_out": "on"}).status_code == 302
    row.refresh_from_db()
    assert (row.words, row.left_out, row.by_person) == ("names that begin with A to F", True, False)
    assert row.data == {"kind": "all"}


def test_a_category_that_is_there_already_is_refused(topic, post):
    post({"words": "Museums"})
    row = TopicPartition.objects.get()
    response = post({"id": row.pk}, {"words": "Museums"})
    assert "correct the duplicate data for words" in response.content.decode()
    assert TopicPartition.objects.count() == 1


def test_what_is_not_asked_for_any_more_is_not_shown_and_does_no_harm(client, topic, post):
    for state in ("open", "split", "retired"):
        TopicPartition.objects.create(topic=topic, words=state, state=state)
    TopicPartition.objects.create(topic=topic, words="left out", state="retired", left_out=True)
    client.force_login(UserFactory(admin=True))
    page = client.get(reverse("admin:topics_topic_change", args=[topic.pk])).context["inline_admin_formsets"]
    shown = [form.instance.words for each in page for form in each.formset if each.formset.prefix == "partitions"]
    assert shown == ["open", "left out"]
    retired_meanwhile = TopicPartition.objects.get(words="retired")
    assert post({"id": retired_meanwhile.pk, "left_out": "on"}).status_code == 302
    retired_meanwhile.refresh_from_db()
    assert retired_meanwhile.left_out


def test_a_category_needs_a_name(topic, post):
    assert "A category needs a name of letters or digits" in post({"words": "..."}).content.decode()

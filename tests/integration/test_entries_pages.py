"""The pages of entries, as people with and without the right to review meet them."""

import re
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry

from producers.link.keys import key_of
from tests.factories import AttributeFactory, RequestFactory, ReviewFactory, TopicFactory, UserFactory
from tests.integration.entries import found_by
from topics.models import Attribute, Review

pytestmark = [pytest.mark.storage, pytest.mark.django_db]

HOSTILE = "<script>document.title='taken'</script>"
LIST = "/admin/topics/attribute/"
VIEWER = ["topics.view_attribute", "topics.view_topic"]
REVIEWER = [*VIEWER, "topics.change_attribute"]


def signed_in(client, permissions):
    client.force_login(UserFactory(password="!", permissions=permissions))  # to hash a password takes long
    return client


@pytest.fixture
def reviewer(client):
    return signed_in(client, REVIEWER)


@pytest.fixture
def request_made():
    return RequestFactory(partition="museums", unique=2, candidates=5, cost_usd="0.01", prompt__text=HOSTILE)


def page(client, query="", **options):
    response = client.get(f"{LIST}{query}", **options)
    assert response.status_code == 200
    return response.content.decode()


def shown(html):
    return [unescape(text) for text in re.findall(r'<td class="entry-text"><a [^>]*><bdi>(.*?)</bdi>', html)]


def link(html, relation):
    found = re.search(rf'rel="{relation}" href="([^"]*)"', html)
    return unescape(found[1]) if found else None


# The list


def test_pages_lead_on_and_back(reviewer, request_made):
    found_by(request_made, *map(str, range(120)))
    first = page(reviewer)
    second = page(reviewer, link(first, "next"))
    third = page(reviewer, link(second, "next"))
    assert [*shown(first), *shown(second), *shown(third)] == [str(number) for number in reversed(range(120))]
    assert (link(first, "prev"), link(third, "next")) == (None, None)
    assert shown(page(reviewer, link(third, "prev"))) == shown(second)
    assert shown(page(reviewer, link(second, "prev"))) == shown(first)


def test_oldest_first_leads_the_other_way(reviewer, request_made):
    found_by(request_made, *map(str, range(60)))
    first = page(reviewer, "?order=oldest&q=")
    second = page(reviewer, link(first, "next"))
    assert [*shown(first), *shown(second)] == [str(number) for number in range(60)]
    assert shown(page(reviewer, link(second, "prev"))) == shown(first)


def test_filters_stay_in_the_address_and_can_be_cleared(reviewer, request_made):
    found_by(request_made, *(f"Musée {number}" for number in range(60)), "other")
    topic = request_made.run.topic
    first = page(reviewer, f"?topic={topic.pk}&q=MUSEE")
    assert link(first, "next").startswith(f"?topic={topic.pk}&q=MUSEE&before=")
    assert shown(page(reviewer, link(first, "next"))) == [f"Musée {number}" for number in reversed(range(10))]
    assert f'href="?topic={topic.pk}" aria-label="Clear the filter text"' in first
    assert 'value="MUSEE"' in first


def test_what_is_looked_at_can_be_exported_as_it_is(reviewer, request_made):
    found_by(request_made, "Musée d'Orsay", "Louvre")
    topic = request_made.run.topic
    html = page(reviewer, f"?topic={topic.pk}&q=MUSEE&state=new")
    [address] = re.findall(r'href="([^"]*)" data-export', html)
    assert "<strong>This view</strong>: 1 entry" in reviewer.get(unescape(address)).content.decode()
    assert 'href="/exports/new" data-export' in page(reviewer, "?q=MUSEE")  # an export is of one topic


def test_how_an_entry_is_written_now_stands_beside_how_it_was_found(reviewer, request_made):
    wrong, bad = found_by(request_made, "Louvr", "bad")
    ReviewFactory(attribute=wrong, verdict="accepted", text="Louvre")
    ReviewFactory(attribute=bad)
    html = page(reviewer)
    assert shown(html) == ["bad", "Louvre"]
    assert "found as <bdi>Louvr</bdi>" in html
    assert re.findall(r"data-state-words>([^<]*)", html) == ["Rejected", "Accepted, Corrected"]


def test_hostile_texts_are_texts(reviewer):
    request = RequestFactory(partition=HOSTILE, provider__name=HOSTILE, prompt__text=HOSTILE)
    [entry] = found_by(request, HOSTILE)
    ReviewFactory(attribute=entry, text=HOSTILE, verdict="")
    query = {"q": HOSTILE, "partition": HOSTILE, "provider": request.provider.pk}
    for html in (
        reviewer.get(LIST, query).content.decode(),
        reviewer.get(f"{LIST}{entry.pk}/change/").content.decode(),
        reviewer.post(f"{LIST}review/all/", {"action": "reject", "query": f"q={HOSTILE}"}).content.decode(),
    ):
        assert HOSTILE not in html
        assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    ("query", "words"),
    [("", "There is no topic yet"), ("?q=x", "No entry matches this filter"), ("?topic=7", "No entry matches")],
)
def test_an_empty_portal_says_what_to_do(client, query, words):
    assert words in page(signed_in(client, [*VIEWER, "topics.add_topic"]), query)


def test_an_empty_list_says_so(reviewer):
    topic = TopicFactory()
    assert "Nothing has been found yet" in page(reviewer)
    assert "Nothing has been found for this topic yet" in page(reviewer, f"?topic={topic.pk}")
    AttributeFactory()
    assert "No entry matches this filter" in page(reviewer, "?state=rejected")


@pytest.mark.parametrize(
    "query", ["?topic=x&before=y", f"?before={'9' * 30}", "?q=%00&slot=70000", "?state=odd&run=0"]
)
def test_odd_addresses_lead_to_a_list(reviewer, request_made, query):
    found_by(request_made, "a")
    page(reviewer, query)


def test_the_number_of_questions_does_not_grow_with_the_rows(reviewer, request_made, django_assert_max_num_queries):
    query = f"?topic={request_made.run.topic.pk}&run={request_made.run.pk}&q=e&state=new"
    found_by(request_made, "e")
    with django_assert_max_num_queries(40) as few:
        page(reviewer, query)
    found_by(request_made, *(f"e{number}" for number in range(49)))
    with django_assert_max_num_queries(len(few) + 12):  # the span of the run is halved more often
        page(reviewer, query)


# Reviewing


def hidden(html, name):
    return next(iter(re.findall(rf'name="{name}" value="([^"]*)"', html)))


def post(client, address, **values):
    return client.post(f"{LIST}{address}", values)


def test_what_was_chosen_is_rejected_and_can_be_taken_back(reviewer, request_made):
    a, b, _ = found_by(request_made, *"abc")
    response = post(reviewer, "review/", action="reject", entry=[a.pk, b.pk], back="q=a")
    assert response.headers["Location"] == f"{LIST}?q=a"
    html = page(reviewer)
    assert "Rejected 2 entries." in html
    post(reviewer, "review/undo/", token=hidden(html, "token"))
    assert not Review.objects.exclude(verdict="").exists()
    assert hidden(page(reviewer), "token") == ""


def test_the_script_is_told_how_the_rows_look_now(reviewer, request_made):
    [entry] = found_by(request_made, "a")
    values = {"action": "accept", "entry": entry.pk}
    answer = reviewer.post(f"{LIST}review/", values, headers={"Accept": "application/json"}).json()
    assert answer["rows"] == [{"id": entry.pk, "verdict": "accepted", "words": "Accepted"}]
    undone = reviewer.post(f"{LIST}review/undo/", {"token": answer["undo"]}, headers={"Accept": "application/json"})
    assert undone.json()["rows"] == [{"id": entry.pk, "verdict": "", "words": "New"}]


def test_a_verdict_is_taken_back_only_by_who_said_it(client, request_made):
    [entry] = found_by(request_made, "a")
    answer = signed_in(client, REVIEWER).post(
        f"{LIST}review/", {"action": "accept", "entry": entry.pk}, headers={"Accept": "application/json"}
    )
    signed_in(client, REVIEWER)
    post(client, "review/undo/", token=answer.json()["undo"])
    post(client, "review/undo/", token="forged")
    assert Review.objects.get().verdict == "accepted"


def test_nothing_chosen_does_nothing(reviewer):
    post(reviewer, "review/", action="reject", entry=["x", "-1", "9" * 40])
    assert "choose entries first" in page(reviewer)


def test_all_that_match_are_told_first_and_then_rejected(reviewer, request_made):
    found_by(request_made, *(f"bad {number}" for number in range(60)), "good")
    asked = post(reviewer, "review/all/", action="reject", query="q=BAD")
    html = asked.content.decode()
    assert "reject 60 entries" in re.sub(r"<[^>]*>|\s+", " ", html).replace("  ", " ")
    assert "text: <bdi>BAD</bdi>" in html
    assert not Review.objects.exists()
    done = post(reviewer, "review/all/", task=hidden(html, "task"))
    assert done.headers["Location"] == f"{LIST}?q=BAD"
    assert Review.objects.filter(verdict="rejected").count() == 60
    assert LogEntry.objects.get().change_message == "Rejected 60 entries: filter: text BAD"


def test_a_task_cannot_be_forged(reviewer, request_made):
    found_by(request_made, "a")
    post(reviewer, "review/all/", task="forged")
    assert "Nothing more was done" in page(reviewer)
    assert not Review.objects.exists()


@pytest.mark.parametrize("address", ["review/", "review/all/", "review/undo/", "{}/correct/"])
def test_who_may_only_look_is_refused_and_told_why(client, address):
    entry = AttributeFactory()
    viewer = signed_in(client, VIEWER)
    assert "Your account may not change entries: ask an administrator." in page(viewer)
    response = post(viewer, address.format(entry.pk), action="reject", entry=entry.pk, text="x", query="")
    assert response.status_code == 403
    assert not Review.objects.exists()


def test_who_may_not_look_is_refused(client):
    entry = AttributeFactory()
    stranger = signed_in(client, [])
    assert stranger.get(LIST).status_code == 403
    assert stranger.get(f"{LIST}{entry.pk}/change/").status_code == 403


# One entry


def test_an_entry_tells_where_it_comes_from(reviewer, request_made):
    entry, _ = found_by(request_made, "Louvre", "Orsay")
    post(reviewer, "review/", action="reject", entry=entry.pk, back_to_entry=entry.pk)
    html = page(reviewer, f"{entry.pk}/change/")
    for words in (
        bytes(entry.key).hex(),
        request_made.provider.model,
        f"run {request_made.run.number}",
        "$0.010000, $0.005000 for each new entry",
        "2 new entries of 5 candidates",
        "&lt;script&gt;",
        "<strong>Rejected</strong>",
        "</bdi>: <bdi>Rejected</bdi>",
    ):
        assert words in html


def test_the_line_of_a_verdict_on_many_is_in_the_history_of_each(reviewer, request_made):
    entry, other = found_by(request_made, "Louvre", "Orsay")
    post(reviewer, "review/", action="reject", entry=[entry.pk, other.pk])
    assert "Rejected 2 entries: chosen one by one" in page(reviewer, f"{entry.pk}/change/")


def test_a_correction_that_would_make_two_the_same_names_the_other(reviewer, request_made):
    other = AttributeFactory(request=request_made, text="Louvre", key=key_of("Louvre"))
    wrong = AttributeFactory(request=request_made, text="Louvr", key=key_of("Louvr"))
    response = reviewer.post(f"{LIST}{wrong.pk}/correct/", {"text": "LOUVRE"}, follow=True)
    html = unescape(response.content.decode())
    assert "The list has this entry already: “Louvre”. Reject this one instead." in html
    assert f"{LIST}{other.pk}/change/" in html
    response = reviewer.post(f"{LIST}{wrong.pk}/correct/", {"text": "Louver"}, follow=True)
    assert "It is written “Louver” now." in unescape(response.content.decode())


def test_an_entry_that_is_gone_leads_back_to_the_portal(reviewer):
    response = reviewer.get(f"{LIST}123/change/", follow=True)
    assert "doesn’t exist" in unescape(response.content.decode())
    assert not Attribute.objects.exists()


def test_what_was_typed_outlives_a_refusal_once(reviewer, request_made):
    AttributeFactory(request=request_made, text="Louvre", key=key_of("Louvre"))
    wrong = AttributeFactory(request=request_made, text="Louvr", key=key_of("Louvr"))
    response = reviewer.post(f"{LIST}{wrong.pk}/correct/", {"text": "LOUVRE"}, follow=True)
    assert 'name="text" value="LOUVRE"' in response.content.decode()
    assert 'name="text" value="Louvr"' in page(reviewer, f"{wrong.pk}/change/")

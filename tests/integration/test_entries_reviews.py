"""Verdicts and corrections: written in bulk, told to the engine, noted in the audit log."""

import itertools

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orchestration.corrections import NO_ENTRY, Refused, correct
from producers.link.keys import key_of
from tests.factories import AttributeFactory, RequestFactory, ReviewFactory, UserFactory
from tests.integration.entries import found_by
from topics.browsing.everything import Task, go_on
from topics.browsing.filters import Filters
from topics.models import Attribute, Review, Topic
from topics.reviews import ACTIONS, By, restore, review

pytestmark = [pytest.mark.storage, pytest.mark.django_db]


@pytest.fixture
def by():
    # Without a password: to hash one takes longer than most of these tests.
    return By(UserFactory(password="!"), timezone.now())


@pytest.fixture
def request_made():
    return RequestFactory()


def say(name, entries, by, of="chosen"):
    return review([entry.pk for entry in entries], ACTIONS[name], by, of)


def verdicts():
    return dict(Review.objects.order_by("id").values_list("found", "verdict"))


def history():
    return list(LogEntry.objects.order_by("id").values_list("object_repr", "change_message"))


def reviews_of(topic):
    return Topic.objects.get(pk=topic.pk).reviews


# Verdicts


def test_a_verdict_is_written_told_and_noted(request_made, by):
    a, b, _ = found_by(request_made, *"abc")
    say("reject", [a, b], by)
    assert verdicts() == {"a": "rejected", "b": "rejected"}
    assert reviews_of(a.topic) == 1
    assert history() == [(str(a.topic), "Rejected 2 entries: chosen")]
    row = Review.objects.get(found="a")
    assert (row.topic_id, bytes(row.key), row.by, row.at) == (a.topic_id, a.key, by.user, by.at)


def test_one_entry_is_noted_with_itself(request_made, by):
    [entry] = found_by(request_made, "Louvre")
    say("accept", [entry], by)
    say("clear", [entry], by)
    assert history() == [("Louvre", "Accepted"), ("Louvre", "Cleared the verdict")]
    assert LogEntry.objects.earliest("id").get_edited_object() == entry


def test_a_later_verdict_replaces_the_earlier_and_leaves_the_correction(request_made, by):
    [entry] = found_by(request_made, "Louvr")
    ReviewFactory(attribute=entry, verdict="accepted", text="Louvre")
    say("reject", [entry], by)
    assert (Review.objects.get().verdict, Review.objects.get().text) == ("rejected", "Louvre")
    say("clear", [entry], by)
    assert (Review.objects.get().verdict, Review.objects.get().text) == ("", "Louvre")


def test_to_clear_what_nobody_judged_leaves_nothing_behind(request_made, by):
    say("clear", found_by(request_made, *"ab"), by)
    assert not Review.objects.exists()


def test_a_verdict_on_several_topics_is_told_to_each(by):
    one, two = AttributeFactory(), AttributeFactory()
    say("reject", [one, two], by)
    assert (reviews_of(one.topic), reviews_of(two.topic)) == (1, 1)
    assert len(history()) == 2


@pytest.mark.parametrize("name", ACTIONS)
def test_a_verdict_on_many_asks_the_database_no_more_often_than_one_on_few(request_made, by, name):
    few, many = found_by(request_made, *"ab"), found_by(request_made, *map(str, range(300)))
    say(name, few, by)  # warms the cache of content types

    def queries_of(entries):
        with CaptureQueriesContext(connection) as queries:
            say(name, entries, by)
        return len(queries)

    # SQLite takes fewer values at a time.
    assert queries_of(many) <= queries_of(few) + 3


def test_a_verdict_is_taken_back(request_made, by):
    a, b = found_by(request_made, *"ab")
    say("accept", [a], by)
    before = say("reject", [a, b], by)
    assert before == {a.pk: "accepted", b.pk: ""}
    assert restore(before, by) == 2
    assert verdicts() == {"a": "accepted", "b": ""}
    assert history()[-1][1] == "Undid the last verdict of 2 entries"


def test_entries_that_are_gone_are_left_out(request_made, by):
    a, b = found_by(request_made, *"ab")
    Attribute.objects.filter(pk=b.pk).delete()
    assert say("reject", [a, b], by) == {a.pk: ""}
    assert review([b.pk], ACTIONS["reject"], by, "") == {}


# All that match


def task(action="reject", through=10**12, **filters):
    return Task(Filters(**filters), ACTIONS[action], through, "filter: text bad", timezone.now())


def test_all_that_match_are_rejected_with_one_line(request_made, by):
    found_by(request_made, *(f"bad {number}" for number in range(2_300)), "good")
    done = go_on(task(q="bad"), by.user, seconds=60)
    assert done.position is None
    assert Review.objects.filter(verdict="rejected").count() == 2_300
    assert history() == [(str(request_made.run.topic), "Rejected 2,300 entries: filter: text bad")]
    assert not Review.objects.filter(found="good").exists()


def test_a_long_action_goes_on_in_steps_and_its_line_is_always_true(request_made, by):
    found_by(request_made, *(f"bad {number}" for number in range(2_300)))
    step = task(q="bad")
    for reached in (1_000, 2_000, 2_300):
        step = go_on(step, by.user, seconds=0, clock=itertools.count().__next__)
        while step.tally.total < reached:  # a step may end with its window
            step = go_on(step, by.user, seconds=0, clock=itertools.count().__next__)
        [(_, message)] = history()
        assert message == f"Rejected {step.tally.total:,} entries: filter: text bad"
    assert Review.objects.values("at").distinct().count() == 1


def test_what_changes_its_state_by_the_action_is_not_missed(request_made, by):
    found_by(request_made, *map(str, range(1_500)))
    go_on(task(state="new"), by.user, seconds=60)
    assert Review.objects.filter(verdict="rejected").count() == 1_500
    go_on(task("clear", state="rejected"), by.user, seconds=60)
    assert not Review.objects.exclude(verdict="").exists()


def test_what_was_found_after_the_question_is_left_out(request_made, by):
    first, _ = found_by(request_made, "before", "after")
    go_on(task(through=first.pk), by.user, seconds=60)
    assert verdicts() == {"before": "rejected"}


# Corrections


def entry(request, text):
    return AttributeFactory(request=request, text=text, key=key_of(text))


def test_a_correction_is_kept_beside_what_was_found(request_made, by):
    wrong = entry(request_made, "Louvr")
    assert correct(wrong, "  Louvre ", by) == "Louvre"
    row = Review.objects.get()
    assert (row.found, row.text, row.verdict) == ("Louvr", "Louvre", "")
    assert reviews_of(wrong.topic) == 1
    assert history() == [("Louvr", "Corrected: Louvre")]
    assert Attribute.objects.get().text == "Louvr"


def test_a_correction_keeps_the_verdict(request_made, by):
    wrong = entry(request_made, "Louvr")
    say("accept", [wrong], by)
    correct(wrong, "Louvre", by)
    assert Review.objects.get().verdict == "accepted"


def test_a_correction_back_to_what_was_found_is_none(request_made, by):
    wrong = entry(request_made, "Louvr")
    correct(wrong, "Louvre", by)
    correct(wrong, "Louvr", by)
    assert Review.objects.get().text == ""
    assert history()[-1][1] == "Took the correction back"


def test_an_entry_may_be_spelt_otherwise(request_made, by):
    assert correct(entry(request_made, "LOUVRE"), "Louvre", by) == "Louvre"


@pytest.mark.parametrize("text", ["Musée d’Orsay", "MUSEE D'ORSAY"])
def test_a_correction_cannot_make_two_entries_the_same(request_made, by, text):
    other, wrong = entry(request_made, "Musée d'Orsay"), entry(request_made, "Orsey")
    with pytest.raises(Refused, match=r"this entry already: “Musée d'Orsay”\. Reject this one") as refused:
        correct(wrong, text, by)
    assert refused.value.other == other.pk
    assert not Review.objects.exists()
    assert reviews_of(wrong.topic) == 0


def test_the_other_entry_may_have_been_rejected(request_made, by):
    other, wrong = entry(request_made, "Louvre"), entry(request_made, "Louvr")
    say("reject", [other], by)
    with pytest.raises(Refused, match="It was rejected"):
        correct(wrong, "Louvre", by)


def test_two_entries_cannot_be_corrected_into_one(request_made, by):
    one, two = entry(request_made, "Louvr"), entry(request_made, "Louver")
    correct(one, "Louvre", by)
    with pytest.raises(Refused, match="“Louvre”, found as “Louvr”") as refused:
        correct(two, "LOUVRE", by)
    assert refused.value.other == one.pk


def test_other_topics_do_not_matter(request_made, by):
    entry(RequestFactory(), "Louvre")
    assert correct(entry(request_made, "Louvr"), "Louvre", by) == "Louvre"


@pytest.mark.parametrize("text", ["", "  ", "\u200b", "x" * 201, "\u202e"])
def test_a_correction_has_to_be_an_entry(request_made, by, text):
    with pytest.raises(Refused, match=NO_ENTRY):
        correct(entry(request_made, "Louvr"), text, by)

"""What people say of entries, from the database: what they reject does not count and does not come back, in no file
and on no page."""

from __future__ import annotations

import json

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models import F
from django.utils import timezone

from orchestration import bulk, opening
from orchestration.models import Request, Run
from orchestration.portal.queries import list_state
from orchestration.preferences import preferences
from orchestration.reviewing import reviewed_topics, take_reviews
from orchestration.runtime.folder import TopicFolder
from orchestration.runtime.overview import mend_folder, mend_reviewed, write_overview
from producers.commands import restart_producer
from producers.link.keys import key_of
from tests.factories import (
    AttributeFactory,
    ProducerFactory,
    ProviderWeightFactory,
    RequestFactory,
    TopicFactory,
    UserFactory,
)
from tests.integration.arriving import Sender, new_engine, present_epoch
from topics.models import Attribute, DesiredState, Review, Topic
from topics.rejected import count_rejected

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]


def say(topic: Topic, found: str, verdict: str = Review.Verdict.REJECTED, text: str = "") -> Review:
    """Say it of the entry that was `found`, whether it is in the list or not."""
    Topic.objects.filter(pk=topic.pk).update(reviews=F("reviews") + 1)
    return Review.objects.create(
        topic=topic, key=key_of(found), found=found, verdict=verdict, text=text, at=timezone.now()
    )


def texts(topic: Topic) -> list[str]:
    return list(topic.attributes.order_by("id").values_list("text", flat=True))


def a_run(*found: str) -> tuple[Run, Sender]:
    """A run under way whose list has these entries; the store that committed them is gone."""
    topic = TopicFactory(desired_state=DesiredState.RUNNING, starts=1)
    sender = Sender(ProducerFactory(run__topic=topic, run__number=1, slot=0))
    ProviderWeightFactory(producer=sender.producer, provider=sender.provider)
    if found:
        new_engine().commit([sender.sends(*found)])
    return sender.run, sender


def opened(topic: Topic):
    topic.refresh_from_db()
    run = opening.open_run(present_epoch(), topic.pk, topic.starts, 1)
    assert run is not None
    return run


# The engine


def test_a_run_begins_with_what_people_rejected_before(transactional_db):
    run, sender = a_run("Louvre", "Spam")
    spam, egg = say(run.topic, "Spam"), say(run.topic, "Egg")
    keys = opened(run.topic).keys
    assert (keys.reviews.number, keys.entries, keys.beside) == (2, 1, {key_of("Egg"): -egg.pk})
    sender.keys = keys
    [committed] = new_engine().commit([sender.sends("Egg", "spam", "Orsay", known=["Egg"])])
    assert [text for _, text, _ in committed.sifted.new] == ["Orsay"]
    assert committed.sifted.repeats.count(-egg.pk) == 2
    assert texts(run.topic) == ["Louvre", "Spam", "Orsay"]
    assert (keys.entries, count_rejected(run.topic.pk)) == (2, 1)
    assert spam.pk != egg.pk


def test_what_was_rejected_does_not_come_back_with_a_list_that_is_started_over(transactional_db):
    run, sender = a_run("Louvre", "Spam")
    review = say(run.topic, "Spam")
    Topic.objects.start_over()
    begun = opened(run.topic)
    assert begun.list_pending
    sender = Sender(begun.producers[0], begun.keys)
    store = new_engine()
    store.begin_list(begun.run_id, begun.keys)
    assert begun.keys.beside == {key_of("Spam"): -review.pk}
    store.commit([sender.sends("Spam", "Orsay")])
    store.write_times_seen(begun.keys)
    assert texts(run.topic) == ["Orsay"]
    assert begun.keys.entries == Attribute.objects.get().times_seen == 1
    assert Request.objects.latest("id").candidates == 2


def test_what_is_said_during_a_run_holds_from_then_on(transactional_db):
    run, _ = a_run("Louvre", "Spam")
    keys = opened(run.topic).keys
    review = say(run.topic, "Spam")
    say(run.topic, "Louvre", verdict="", text="The Louvre")
    taken = take_reviews(keys)
    assert (keys.entries, keys.reviews.number) == (1, 2)
    assert (set(taken.known), taken.forgotten) == ({key_of("The Louvre")}, False)
    Review.objects.filter(topic=run.topic).exclude(pk=review.pk).delete()
    assert take_reviews(keys).forgotten
    Review.objects.all().delete()
    take_reviews(keys)
    assert (keys.entries, keys.beside) == (2, {})


def test_an_entry_that_was_rejected_has_a_text_for_the_steering(transactional_db):
    run, _ = a_run("Louvre")
    review = say(run.topic, "Spam")
    louvre = run.topic.attributes.get()
    assert bulk.texts_of([louvre.pk, -review.pk]) == {louvre.pk: "Louvre", -review.pk: "Spam"}


def test_the_engine_sees_what_is_wanted_of_a_topic_in_one_look(transactional_db):
    run, _ = a_run("Louvre")
    say(run.topic, "Louvre")
    Topic.objects.pause()
    assert opening.wanted_starts(None) == {run.topic.pk: opening.Wanted(1, paused=True, reviews=1)}
    assert reviewed_topics() == {run.topic.pk: 1}
    opening.close_unwanted_runs(present_epoch(), None, [])
    assert Run.objects.active().get() == run


# Files


def lines(outputs, topic: Topic) -> list[str]:
    text: str = (outputs / topic.folder / "output.txt").read_text()
    return text.splitlines()


def read(outputs, topic: Topic, name: str):
    return json.loads((outputs / topic.folder / name).read_text())


def test_the_list_on_file_is_as_people_want_it_also_when_they_change_their_minds(transactional_db, tmp_path):
    run, _ = a_run("Louvre", "Spam", "Orsay")
    folder = TopicFolder(tmp_path, run.topic.folder, run.topic.pk)
    folder.open("Topic: museums\n")
    spam = say(run.topic, "Spam")
    say(run.topic, "Orsay", verdict="accepted", text="Musée d'Orsay")
    folder.distrust()
    folder.refresh({}, {})
    assert lines(tmp_path, run.topic) == ["Louvre", "Musée d'Orsay"]
    inode = (tmp_path / run.topic.folder / "output.txt").stat().st_ino
    folder.close()
    assert (tmp_path / run.topic.folder / "output.txt").stat().st_ino == inode, "a right file was written again"
    spam.delete()
    folder.open("Topic: museums\n")
    assert lines(tmp_path, run.topic) == ["Louvre", "Spam", "Musée d'Orsay"]
    folder.close()


def test_a_rejected_entry_that_is_appended_late_stays_out(transactional_db, tmp_path):
    run, _ = a_run("Louvre", "Spam")
    louvre, spam = run.topic.attributes.order_by("id")
    say(run.topic, "Spam")
    folder = TopicFolder(tmp_path, run.topic.folder, run.topic.pk)
    folder.open("Topic: museums\n")
    folder.append([(louvre.pk, "Louvre"), (spam.pk, "Spam"), (spam.pk + 1, "Orsay")])
    assert lines(tmp_path, run.topic) == ["Louvre", "Orsay"]
    folder.close()


def over() -> Topic:
    """A topic whose run is over, with two entries."""
    run, _ = a_run("Louvre", "Spam")
    Run.objects.filter(pk=run.pk).update(state="ended", stop_reason="target", ended_at=timezone.now())
    topic: Topic = run.topic
    return topic


def test_the_files_of_a_topic_that_does_not_run_follow_once(transactional_db, tmp_path):
    topic = over()
    mend_folder(tmp_path, topic.pk)
    assert read(tmp_path, topic, "state.json")["reviews"] == 0
    say(topic, "Spam")
    mend_reviewed(tmp_path, topic.pk, 1)
    assert lines(tmp_path, topic) == ["Louvre"]
    state = read(tmp_path, topic, "state.json")
    assert (state["total_unique_count"], state["reviews"]) == (1, 1)
    assert read(tmp_path, topic, "metrics.json")["unique"] == 1
    (tmp_path / topic.folder / "output.txt").write_text("by somebody\n")
    mend_reviewed(tmp_path, topic.pk, 1)
    assert lines(tmp_path, topic) == ["by somebody"]


def test_a_topic_without_a_folder_gets_none_by_a_review(transactional_db, tmp_path):
    topic = over()
    say(topic, "Spam")
    mend_reviewed(tmp_path, topic.pk, 1)
    assert not list(tmp_path.iterdir())


def test_a_folder_whose_state_cannot_be_read_is_brought_up_to_date(transactional_db, tmp_path):
    topic = over()
    mend_folder(tmp_path, topic.pk)
    for text in ("[", "[]"):
        (tmp_path / topic.folder / "state.json").write_text(text)
        mend_reviewed(tmp_path, topic.pk, 1)
        assert read(tmp_path, topic, "state.json")["total_unique_count"] == 2


# Figures


def test_the_page_and_the_overview_count_the_list_without_what_was_rejected(
    transactional_db, tmp_path, django_assert_num_queries
):
    run, sender = a_run("Louvre", "Spam", "Egg")
    assert list_state(run.topic.pk).entries == 3
    say(run.topic, "Spam")
    assert list_state(run.topic.pk).entries == 2
    with django_assert_num_queries(1):
        assert list_state(run.topic.pk).entries == 2
    write_overview(tmp_path, running=True)
    [told] = json.loads((tmp_path / "global_state.json").read_text())["topics"]
    assert told["unique"] == 2
    new_engine().commit([sender.sends("Orsay")])
    assert list_state(run.topic.pk).entries == 3
    Review.objects.update(verdict=Review.Verdict.ACCEPTED)
    Topic.objects.update(reviews=F("reviews") + 1)
    assert list_state(run.topic.pk).entries == 4


def test_what_is_rejected_of_another_topic_does_not_matter(transactional_db):
    run, _ = a_run("Louvre", "Spam")
    AttributeFactory(text="Spam", key=key_of("Spam"))
    say(TopicFactory(), "Spam")
    assert count_rejected(run.topic.pk) == 0


# Producers


def test_a_new_life_is_asked_for_and_noted(transactional_db):
    run, sender = a_run()
    user = UserFactory()
    assert restart_producer(sender.producer, user)
    assert restart_producer(sender.producer, user)
    assert preferences([run.pk]).restarts == {run.pk: {0: 2}}
    assert {entry.get_change_message() for entry in LogEntry.objects.filter(user=user)} == {"Asked to restart"}


def test_a_producer_of_a_run_that_is_over_gets_no_new_life(transactional_db):
    producer = RequestFactory(producer__run__over=True).producer
    assert not restart_producer(producer, UserFactory())
    assert not LogEntry.objects.exists()

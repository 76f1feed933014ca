"""People hold a run, give a producer a new life, and reject what was found: the engine and the files follow."""

import pytest
from django.db.models import F
from django.utils import timezone

from producers.commands import restart_producer
from tests.acceptance.support import (
    Igentai,
    newest_run,
    producers_of,
    requests_made,
    settled,
    steady_provider,
    texts,
    until,
    wanted_topic,
    wish,
)
from tests.acceptance.wholeness import assert_counted_once
from tests.factories import UserFactory
from topics.models import Attribute, Review, Topic

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]


def is_held(topic) -> bool:
    """The run is paused and every producer has nothing under way."""
    rows = producers_of(topic).values()
    held = all(row.state == "running" and "the topic is paused" in row.detail for row in rows)
    return bool(rows) and held and newest_run(topic).state == "paused"


def restarted(topic, slot: int) -> None:
    """Ask for a new life, and wait until there is one, which is held as well."""
    before = producers_of(topic)[slot]
    assert restart_producer(before, UserFactory())
    until(lambda: producers_of(topic)[slot].pid not in (before.pid, None) and is_held(topic), what="a new life")


def review(entry: Attribute, **said: object) -> None:
    Review.objects.create(topic=entry.topic, key=entry.key, found=entry.text, at=timezone.now(), **said)
    Topic.objects.filter(pk=entry.topic_id).update(reviews=F("reviews") + 1)


def told(igentai: Igentai, topic) -> tuple[int, int]:
    """How many entries the files speak of."""
    return igentai.read(topic, "metrics.json")["unique"], igentai.read(topic, "state.json")["total_unique_count"]


def test_a_run_is_paused_and_resumed_its_producers_restarted_and_its_entries_reviewed(igentai):
    topic = wanted_topic(steady_provider(), producer_count=2, request_size=20)
    engine = igentai.start("--port", 0)
    until(lambda: newest_run(topic) and newest_run(topic).requests > 4, what="the topic is at work")

    assert wish(topic).pause() == 1
    until(lambda: is_held(topic), what="nothing is asked")
    other = producers_of(topic)[1].pid
    restarted(topic, 0)
    assert producers_of(topic)[1].pid == other
    made, seconds = requests_made(), newest_run(topic).active_seconds

    engine.kill()
    engine = igentai.start("--port", 0)
    until(lambda: producers_of(topic)[1].pid != other and is_held(topic), what="another engine holds it, too")
    assert (requests_made(), newest_run(topic).active_seconds) == (made, pytest.approx(seconds, abs=0.01))

    assert wish(topic).resume() == 1
    until(lambda: requests_made() > made, what="it goes on")
    assert (topic.runs.count(), newest_run(topic).number) == (1, 1)
    rejected, corrected, late = topic.attributes.order_by("id")[:3]
    review(rejected, verdict=Review.Verdict.REJECTED)
    review(corrected, text="As people write it")
    until(lambda: igentai.lines(topic)[0] == "As people write it", what="the file follows while the run goes on")

    wish(topic).stop()
    until(lambda: settled(topic, igentai), what="the end of the run")
    assert rejected.text not in igentai.lines(topic)
    assert igentai.lines(topic) == ["As people write it", *texts(topic)[2:]]
    assert told(igentai, topic) == (topic.attributes.count() - 1,) * 2
    review(late, verdict=Review.Verdict.REJECTED)
    until(lambda: igentai.lines(topic) == ["As people write it", *texts(topic)[3:]], what="nobody runs, it follows")
    until(lambda: told(igentai, topic) == (topic.attributes.count() - 2,) * 2, what="and so do the figures")
    assert engine.stopped().status == 0
    assert_counted_once(topic)

"""What a viewer gets over the WebSocket: the list without a gap, and nothing that it may not see."""

import asyncio

import pytest
from channels.layers import get_channel_layer
from django.contrib.sessions.models import Session
from django.db import transaction

from orchestration.models import Run
from orchestration.portal.consumers import LiveConsumer
from orchestration.portal.poller import group_name, pollers
from tests.factories import (
    AttributeFactory,
    RequestFactory,
    RunFactory,
    TopicFactory,
    UserFactory,
)
from tests.live import Viewer, database, session_of, until, watching
from topics.models import Attribute, Topic

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def run(transactional_db):
    return RunFactory()


@pytest.fixture
def topic(run):
    return run.topic


@pytest.fixture
def request_made(run):
    return RequestFactory(producer__run=run, provider__name="a model")


@pytest.fixture
def member(transactional_db):
    return UserFactory(permissions=["topics.view_topic"])


@pytest.fixture
def session(member):
    return session_of(member)


@pytest.fixture
def impatient(monkeypatch):
    """Rights are checked, and viewers missed, within a moment."""
    monkeypatch.setattr(LiveConsumer, "tick_seconds", 0.02)
    monkeypatch.setattr(LiveConsumer, "recheck_seconds", 0.05)


def ids(message):
    return [entry["id"] for entry in message["attributes"]]


# Who is let in


async def test_a_stranger_is_told_to_sign_in(topic):
    async with watching(topic) as viewer:
        assert await viewer.closed() == 4401


async def test_a_made_up_session_is_a_strangers(topic):
    async with watching(topic, "0" * 32) as viewer:
        assert await viewer.closed() == 4401


async def test_a_member_without_the_permission_is_refused(topic):
    session = await database(lambda: session_of(UserFactory()))
    async with watching(topic, session) as viewer:
        assert await viewer.closed() == 4403
    assert topic.pk not in pollers


@pytest.mark.parametrize("number", [404, 10**30])
async def test_a_topic_that_does_not_exist_is_said_to_be_gone(session, number):
    viewer = Viewer(f"/ws/topics/{number}/", session)
    assert await viewer.connect()
    assert await viewer.closed() == 4404
    await viewer.leave()


async def test_a_page_of_another_site_is_refused_before_it_is_accepted(topic, session):
    viewer = Viewer(f"/ws/topics/{topic.pk}/", session, origin="http://evil.example")
    assert not await viewer.connect()


@pytest.mark.parametrize("path", ["/", "/ws/", "/ws/topics/x/", "/ws/topics/1/2/"])
async def test_an_unknown_address_is_refused_quietly(session, path, caplog):
    viewer = Viewer(path, session)
    assert not await viewer.connect()
    assert not caplog.records


# What is sent


async def test_the_first_message_is_the_state_and_where_the_list_ends(topic, session, request_made):
    entry = await database(AttributeFactory, request=request_made)
    async with watching(topic, session) as viewer:
        message = await viewer.next()
    assert (message["type"], message["from"], message["to"]) == ("delta", entry.pk, entry.pk)
    assert message["head"]["topic"]["words"] == "Stopping"
    assert message["figures"]["requests"] == "0"
    assert message["head"]["engine"] == {"running": False}


async def test_a_new_entry_arrives_by_itself_with_who_found_it(topic, session, request_made):
    async with watching(topic, session) as viewer:
        start = await viewer.next()
        entry = await database(AttributeFactory, request=request_made, text="Louvre")
        message = await viewer.until(ids)
    assert (message["from"], message["to"]) == (start["to"], entry.pk)
    (shown,) = message["attributes"]
    assert (shown["text"], shown["provider"], shown["slot"]) == ("Louvre", "a model", request_made.producer.slot)
    assert shown["simulated"] is True


async def test_a_change_of_state_arrives_by_itself(topic, run, session):
    async with watching(topic, session) as viewer:
        await viewer.next()
        await database(lambda: Run.objects.filter(pk=run.pk).update(candidates=4, unique=3, active_seconds=60))
        message = await viewer.until(lambda message: message.get("figures", {}).get("candidates") == "4")
    assert message["figures"] | {"entries": "3", "novelty": "75.0%", "uam": "3.0"} == message["figures"]


async def test_nothing_is_sent_while_nothing_changes(topic, session):
    async with watching(topic, session) as viewer:
        await viewer.next()
        assert await viewer.socket.receive_nothing(timeout=0.8)


async def test_entries_of_other_topics_are_not_sent(topic, session, request_made):
    other = await database(AttributeFactory)
    async with watching(topic, session) as viewer:
        await viewer.next()  # the poller has looked: what comes now is news
        assert ids(await viewer.replay(0)) == []
        await database(AttributeFactory)
        entry = await database(AttributeFactory, request=request_made)
        assert ids(await viewer.until(ids)) == [entry.pk]
    assert other.topic_id != topic.pk


async def test_hostile_text_crosses_unchanged(topic, session, request_made):
    hostile = '<img src=x onerror="alert(1)">\u202e"\\</script>\u2028'
    await database(AttributeFactory, request=request_made, text=hostile)
    async with watching(topic, session) as viewer:
        message = await viewer.replay(0)
    assert message["attributes"][0]["text"] == hostile


# Replays


async def test_a_replay_continues_after_the_cursor(topic, session, request_made):
    entries = [await database(AttributeFactory, request=request_made) for _ in range(3)]
    async with watching(topic, session) as viewer:
        message = await viewer.replay(entries[0].pk)
    assert ids(message) == [entries[1].pk, entries[2].pk]
    assert (message["from"], message["more"]) == (entries[0].pk, False)


async def test_a_long_replay_comes_in_pages_and_is_complete(topic, session, request_made):
    entries = await database(
        lambda: Attribute.objects.bulk_create(AttributeFactory.build_batch(1100, request=request_made))
    )
    seen, cursor = [], 0
    async with watching(topic, session) as viewer:
        while True:
            page = await viewer.replay(cursor)
            assert page["from"] == cursor
            seen += ids(page)
            cursor = page["to"]
            if not page["more"]:
                break
    assert seen == [entry.pk for entry in entries]


async def test_the_newest_of_several_questions_is_answered(topic, session, request_made):
    entry = await database(AttributeFactory, request=request_made)
    async with watching(topic, session) as viewer:
        for cursor in (0, 1, 2, 3, entry.pk - 1):
            await viewer.send(type="replay", cursor=cursor)
        message = await viewer.until(lambda message: message.get("replay") and message["from"] > 3)
    assert ids(message) == [entry.pk]


async def test_a_viewer_that_missed_a_delta_can_tell_and_gets_it_replayed(topic, session, request_made):
    async with watching(topic, session) as viewer:
        cursor = (await viewer.next())["to"]
        async with watching(topic, session) as other:
            await other.replay(0)
            lost = await _lose_a_delta(topic, viewer, other, request_made)
        kept = await database(AttributeFactory, request=request_made)
        message = await viewer.until(ids)
        assert message["from"] == lost.pk > cursor
        assert ids(await viewer.replay(cursor)) == [lost.pk, kept.pk]


async def _lose_a_delta(topic, viewer, other, request_made):
    """An entry whose delta reaches the other, but not the viewer, as when its queue is full."""
    group = get_channel_layer().groups[group_name(topic.pk)]
    first = next(iter(group))
    joined = group.pop(first)
    entry = await database(AttributeFactory, request=request_made)
    await other.until(ids)
    group[first] = joined
    return entry


async def test_a_replaced_list_is_announced_and_continues_from_the_old_cursor(topic, run, session, request_made):
    old = await database(AttributeFactory, request=request_made)
    async with watching(topic, session) as viewer:
        assert (await viewer.next())["list"] == run.list_number
        fresh = await database(_replace_list, topic, run)
        message = await viewer.until(ids)
    assert message["list"] == run.list_number + 1
    assert (message["from"], ids(message)) == (old.pk, [fresh.pk])
    assert message["figures"]["entries"] == "1"


def _replace_list(topic, run):
    with transaction.atomic():
        Attribute.objects.filter(topic=topic).delete()
        number = run.number + 1
        new = RunFactory(topic=topic, number=number, unique=1, candidates=1)
        return AttributeFactory(request=RequestFactory(producer__run=new))


# Limits


@pytest.mark.parametrize("text", ["{", '{"type":"replay","cursor":-1}', "x" * 2000])
async def test_nonsense_ends_the_connection(topic, session, text):
    async with watching(topic, session) as viewer:
        await viewer.socket.send_to(text_data=text)
        assert await viewer.closed() == 4400


async def test_binary_ends_the_connection(topic, session):
    async with watching(topic, session) as viewer:
        await viewer.socket.send_to(bytes_data=b"{}")
        assert await viewer.closed() == 4400


async def test_painting_more_than_was_sent_ends_the_connection(topic, session):
    async with watching(topic, session) as viewer:
        await viewer.send(type="painted", messages=10**6)
        assert await viewer.closed() == 4400


async def test_too_many_questions_end_the_connection(topic, session):
    async with watching(topic, session) as viewer:
        for cursor in range(200):
            await viewer.send(type="replay", cursor=cursor)
        assert await viewer.closed() == 4429


async def test_a_viewer_that_falls_silent_is_sent_away(topic, session, impatient, monkeypatch):
    monkeypatch.setattr(LiveConsumer, "unpainted_seconds", 0.1)
    async with watching(topic, session) as viewer:
        assert await viewer.closed() == 4408
    assert topic.pk not in pollers


async def test_a_viewer_that_reads_along_stays(topic, session, impatient, monkeypatch, request_made):
    monkeypatch.setattr(LiveConsumer, "unpainted_seconds", 1.0)
    async with watching(topic, session) as viewer:
        await viewer.next()
        for _ in range(5):
            entry = await database(AttributeFactory, request=request_made)
            assert ids(await viewer.until(ids)) == [entry.pk]


async def test_sending_to_a_viewer_who_has_just_left_is_no_error(topic, session, request_made, monkeypatch):
    """Autobahn raises when its connection has closed between two messages."""
    raised = asyncio.Event()

    async def closed_socket(self, text_data=None, **kwargs):
        raised.set()
        raise RuntimeError("Attempt to send on a closed protocol")

    async with watching(topic, session) as viewer:
        await viewer.next()
        monkeypatch.setattr(LiveConsumer, "send", closed_socket)
        await database(AttributeFactory, request=request_made)
        async with asyncio.timeout(5):
            await raised.wait()


# Rights that are taken away


@pytest.mark.parametrize(
    ("loss", "code"),
    [
        (lambda user: Session.objects.all().delete(), 4401),
        (lambda user: type(user).objects.filter(pk=user.pk).update(is_active=False), 4401),
        (lambda user: user.user_permissions.clear(), 4403),
    ],
    ids=["signed out", "deactivated", "permission taken"],
)
async def test_a_viewer_is_sent_away_once_it_may_no_longer_look(topic, member, session, impatient, loss, code):
    async with watching(topic, session) as viewer:
        await viewer.next()
        await database(loss, member)
        assert await viewer.closed() == code
        assert topic.pk not in pollers


async def test_a_new_password_ends_what_the_old_one_opened(topic, member, session, impatient):
    def change_password():
        member.set_password("another one")
        member.save()

    async with watching(topic, session) as viewer:
        await viewer.next()
        await database(change_password)
        assert await viewer.closed() == 4401


async def test_a_viewer_who_may_look_stays(topic, session, impatient):
    async with watching(topic, session) as viewer:
        await viewer.next()
        await asyncio.sleep(0.3)  # several checks
        assert await viewer.socket.receive_nothing()


async def test_a_deleted_topic_sends_its_viewers_away(session):
    topic = await database(TopicFactory)
    async with watching(topic, session) as viewer:
        await viewer.next()
        await database(lambda: Topic.objects.filter(pk=topic.pk).delete())
        assert await viewer.closed() == 4404


async def test_who_leaves_leaves_nothing_behind(topic, session):
    before = asyncio.all_tasks()
    async with watching(topic, session) as viewer:
        await viewer.next()
    await until(lambda: asyncio.all_tasks() <= before)
    assert topic.pk not in pollers
    assert group_name(topic.pk) not in get_channel_layer().groups

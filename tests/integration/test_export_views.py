"""The pages of exports: who may, what is chosen, what is sent, and whose it is."""

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.admin.models import LogEntry
from django.db import connections
from django.test import AsyncClient
from django.urls import reverse
from django.utils import timezone

from tests.exporting import a_list, a_long_list, produced
from tests.factories import ExportFactory, ReviewFactory, TopicFactory, UserFactory
from tests.live import database
from topics.exports import tasks
from topics.exports.models import Export
from topics.exports.views import TOO_LARGE, TOO_MANY
from topics.models import Attribute

pytestmark = [pytest.mark.storage, pytest.mark.django_db]

MAY = ["topics.view_attribute"]
MINE = reverse("exports:mine")


@pytest.fixture(autouse=True)
def small_limits(settings, tmp_path):
    settings.IGENTAI_EXPORTS = tmp_path / "exports"
    settings.IGENTAI_EXPORT_AT_ONCE = 3
    return settings


@pytest.fixture
def small():
    return a_list("Louvre", "Élysée", "=1+1")


@pytest.fixture
def large():
    return a_list("a", "b", "c", "d")


@pytest.fixture
def member(client):
    user = UserFactory(permissions=MAY)
    client.force_login(user)
    client.user = user
    return client


@asynccontextmanager
async def signed_in(user):
    client = AsyncClient()
    await client.aforce_login(user)
    yield client
    # Django's test client leaves the connection of the thread that sync views run in open.
    await sync_to_async(connections.close_all)()


async def content_of(response: Any) -> bytes:
    return b"".join([piece async for piece in response.streaming_content])


def new(topic, query=""):
    return f"{reverse('exports:new')}?topic={topic.pk}{query}"


def change(export, wish):
    return reverse("exports:change", args=[export.pk, wish])


def ask(client, topic, **values):
    return client.post(new(topic), {"format": "csv", "scope": "all"} | values)


def asked(client, topic, **values):
    ask(client, topic, **values)
    return Export.objects.latest("id")


def page(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


# Who may


def test_a_stranger_signs_in_first(client, small):
    assert client.get(new(small)).headers["Location"].startswith("/admin/login/?next=/exports/new")
    assert ask(client, small).headers["Location"].startswith("/admin/login/")


def test_who_may_not_see_entries_is_told_why(client, small):
    client.force_login(UserFactory(permissions=["topics.view_topic"]))
    assert "Your account may not see entries: ask an administrator." in page(client, new(small), status=403)
    assert ask(client, small).status_code == 403
    assert client.get(MINE).status_code == 403
    assert not LogEntry.objects.exists()


# Choosing


def test_the_form_says_what_the_view_is_and_how_much(member, small):
    html = page(member, new(small, "&q=lou&slot=3"))
    assert "text contains “lou”" in html
    assert "found by producer 3" in html
    assert "</strong>: 1 entry" in html
    assert "</strong>: 3 entries" in html


def test_runs_and_providers_are_called_by_their_names(member, small):
    request = Attribute.objects.filter(topic=small)[0].request
    html = page(member, new(small, f"&run={request.run_id}&provider={request.provider_id}"))
    assert f"found by run {request.run.number}" in html
    assert f"from provider “{request.provider.name}”" in html
    assert "(gone: 404)" in page(member, new(small, "&run=404"))


def test_the_whole_list_is_not_called_a_view(member, small):
    assert "This view" not in page(member, new(small))


def test_a_large_one_is_announced_without_counting_it_all(member, large):
    assert "more than 3 entries, made in the background" in page(member, new(large))


def test_without_a_topic_one_is_chosen(member):
    assert "There is no topic yet" in page(member, reverse("exports:new"))
    topic = TopicFactory(name="<b>bold</b>")
    html = page(member, reverse("exports:new"))
    assert f'?topic={topic.pk}"><bdi>&lt;b&gt;bold' in html


def test_of_very_many_topics_the_first_are_offered_and_the_way_to_the_others(member, monkeypatch):
    monkeypatch.setattr("topics.exports.views.MOST_TOPICS", 2)
    for name in ("Arches", "Bridges"):
        TopicFactory(name=name)
    assert "There are more topics" not in page(member, reverse("exports:new"))
    TopicFactory(name="Castles")
    html = page(member, reverse("exports:new"))
    assert "There are more topics" in html
    assert "Bridges" in html
    assert "Castles" not in html


@pytest.mark.parametrize("query", ["&slot=x", "&run=-1", "&state=odd", f"&run={10**30}", "&slot=²"])
def test_a_filter_that_is_none_exports_nothing(member, small, query):
    assert member.get(new(small, query)).status_code == 404
    assert member.post(new(small, query), {"format": "txt", "scope": "view"}).status_code == 404


def test_what_does_not_exist_is_not_found(member, small):
    assert member.get(f"{reverse('exports:new')}?topic=404").status_code == 404
    assert ask(member, small, format="exe").status_code == 404
    assert ask(member, small, card="exe").status_code == 404


def test_the_card_of_a_small_export_fits_what_is_chosen(member, small):
    card = member.post(new(small, "&q=lou"), {"format": "csv", "scope": "view", "card": "json"})
    assert card["Content-Disposition"] == f'attachment; filename="{small.folder}.card.json"'
    values = card.json()
    assert (values["entries"], values["filter"]["words"]) == (1, ["text contains “lou”"])
    assert values["format"]["name"] == "csv"
    text = ask(member, small, card="md").content.decode()
    assert text.startswith(f"# {small.name}\n")
    assert "- Entries: 3\n" in text
    assert "What this cannot see:" in text


def test_the_card_of_a_large_export_comes_with_it(member, large):
    assert TOO_LARGE in member.post(new(large), {"format": "csv", "card": "md"}, follow=True).content.decode()


# Small ones


@pytest.mark.django_db(transaction=True)
async def test_a_small_export_starts_before_it_is_read_to_its_end(small_limits):
    small_limits.IGENTAI_EXPORT_AT_ONCE = 5_000

    def prepare():
        return a_long_list(4_500), UserFactory(permissions=MAY)

    topic, user = await database(prepare)
    async with signed_in(user) as client:
        response: Any = await client.post(new(topic), {"format": "txt", "scope": "all"})
        assert response["Content-Disposition"] == f'attachment; filename="{topic.folder}.txt"'
        first = await anext(response.streaming_content)
        assert first.count(b"\n") == 2_000
        # What is corrected now is read after it was written: the first bytes did not wait for the last ones.
        await database(lambda: ReviewFactory(attribute=topic.attributes.last(), verdict="", text="corrected"))
        rest = await content_of(response)
    assert first + rest == await database(produced, topic, "txt", 4_500)
    assert rest.endswith(b"\ncorrected\n")
    noted = await database(lambda: LogEntry.objects.get())
    assert (noted.user_id, noted.change_message) == (user.pk, "Exported: Plain text, the whole list")


# Large ones


def test_a_large_export_is_made_in_the_background_and_downloaded_by_its_owner(member, large):
    assert ask(member, large).headers["Location"] == MINE
    export = Export.objects.get()
    assert "Waiting" in page(member, MINE)
    assert tasks.make_export(export.pk) == "made"
    rows = page(member, f"{MINE}?rows")
    assert "Ready" in rows
    assert "4 entries" in rows
    assert reverse("exports:file", args=[export.pk]) in rows
    assert "<html" not in rows
    card = member.get(reverse("exports:card", args=[export.pk, "json"])).json()
    assert card["entries"] == 4
    notes = LogEntry.objects.values_list("user_id", "object_id", "change_message")
    assert list(notes) == [(member.user.pk, str(large.pk), "Export asked for: CSV, the whole list")]


@pytest.mark.django_db(transaction=True)
async def test_the_file_is_what_was_made(small_limits):
    def prepare():
        topic, user = a_list("a", "b", "c", "d"), UserFactory(permissions=MAY)
        export = ExportFactory(owner=user, topic=topic)
        assert tasks.make_export(export.pk) == "made"
        return export, user

    export, user = await database(prepare)
    async with signed_in(user) as client:
        response = await client.get(reverse("exports:file", args=[export.pk]))
        assert response["Content-Length"] == "8"
        assert await content_of(response) == b"a\nb\nc\nd\n"
    noted = await database(lambda: LogEntry.objects.get())
    assert noted.change_message == "Export downloaded: Plain text, the whole list"


def test_other_peoples_exports_do_not_exist_for_administrators_neither(member, client, large):
    export = asked(member, large)
    tasks.make_export(export.pk)
    client.force_login(UserFactory(admin=True))
    assert client.get(reverse("exports:file", args=[export.pk])).status_code == 404
    assert client.get(reverse("exports:card", args=[export.pk, "md"])).status_code == 404
    for wish in ("cancel", "again", "delete"):
        assert client.post(change(export, wish)).status_code == 404
    assert "No exports yet" in page(client, MINE)
    assert Export.objects.filter(state="ready").exists()


def test_whoever_lost_the_permission_downloads_no_more(member, large):
    export = asked(member, large)
    tasks.make_export(export.pk)
    member.user.user_permissions.clear()
    assert member.get(reverse("exports:file", args=[export.pk])).status_code == 403


def test_an_expired_file_is_not_given_away_even_before_it_is_deleted(member, large):
    export = asked(member, large)
    tasks.make_export(export.pk)
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert member.get(reverse("exports:file", args=[export.pk])).headers["Location"] == MINE
    html = page(member, MINE)
    assert "Expired" in html
    assert reverse("exports:file", args=[export.pk]) not in html
    assert change(export, "again") not in html


def test_a_file_that_has_vanished_is_said_and_can_be_made_again(member, large, small_limits):
    export = asked(member, large)
    tasks.make_export(export.pk)
    for path in small_limits.IGENTAI_EXPORTS.iterdir():
        path.unlink()
    html = member.get(reverse("exports:file", args=[export.pk]), follow=True).content.decode()
    assert "has vanished from the server" in html
    assert change(export, "again") in html
    assert member.post(change(export, "again")).status_code == 302
    assert tasks.make_export(export.pk) == "made"


def test_cancelling_trying_again_and_deleting(member, large, small_limits):
    export = asked(member, large)
    member.post(change(export, "cancel"))
    assert "Cancelled" in page(member, MINE)
    assert "Too late" in member.post(change(export, "cancel"), follow=True).content.decode()
    member.post(change(export, "again"))
    assert tasks.make_export(export.pk) == "made"
    member.post(change(export, "delete"))
    assert not Export.objects.exists()
    assert list(small_limits.IGENTAI_EXPORTS.iterdir()) == []
    assert member.post(change(export, "delete")).status_code == 404
    assert member.get(change(export, "delete")).status_code == 405


def test_too_many_at_once_are_refused_with_the_reason(member, large):
    for format_name in ("txt", "csv", "jsonl"):
        ask(member, large, format=format_name)
    answer = member.post(new(large), {"format": "parquet", "scope": "all"}, follow=True)
    assert TOO_MANY in answer.content.decode()
    assert Export.objects.count() == 3
    cancelled = Export.objects.latest("id")
    member.post(change(cancelled, "cancel"))
    ask(member, large, format="parquet")
    assert TOO_MANY in member.post(change(cancelled, "again"), follow=True).content.decode()
    assert Export.objects.under_way().count() == 3


def test_the_pages_of_a_topic_lead_here(client, small):
    client.force_login(UserFactory(admin=True))
    way = reverse("portal:export", args=[small.pk])
    assert way in page(client, reverse("portal:live", args=[small.pk]))
    assert client.get(way).headers["Location"] == new(small)
    assert new(small) in page(client, reverse("admin:topics_topic_change", args=[small.pk]))

"""The audit log: who did what, when, from both sources in one order; as a page and as files."""

import csv
import html
import io
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import connection, connections
from django.test import AsyncClient
from django.urls import reverse

from igentai_site.team.audit import admin as audit_admin
from igentai_site.team.audit import files
from igentai_site.team.audit.lines import Wanted
from igentai_site.team.audit.reading import read
from igentai_site.team.models import AuditEvent
from tests.factories import TopicFactory, UserFactory
from tests.live import database
from tests.programs import program
from topics.commands import COMMANDS, carry_out
from topics.models import Topic

pytestmark = [pytest.mark.storage, pytest.mark.django_db]

LOG = "/admin/team/auditevent/"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def administrator(client):
    client.force_login(UserFactory(username="boss", role="administrator"))
    return client


def did(user, what, thing, at=NOON):
    LogEntry.objects.log_actions(user.pk, [thing], CHANGE, what)
    LogEntry.objects.filter(pk=LogEntry.objects.latest("id").pk).update(action_time=at)


def event(kind="signed in", name="kim", at=NOON, **values):
    return AuditEvent.objects.create(kind=kind, name=name, at=at, **values)


def shown(**wanted):
    return [(line.who, line.details or line.action) for line in read(Wanted(**wanted), None, 50).lines]


def test_a_command_is_there_with_who_what_and_when(administrator):
    kim = UserFactory(username="kim", role="operator")
    topic = TopicFactory(name="Paris <b>", desired_state="running", starts=1)
    carry_out(COMMANDS["stop"], Topic.objects.filter(pk=topic.pk), kim)
    page = administrator.get(LOG).content.decode()
    row = page.split("<bdi>kim</bdi>")[1].split("</tr>")[0]
    assert "Asked to stop" in row
    assert (
        f'<a href="{reverse("admin:topics_topic_change", args=[topic.pk])}"><bdi>topic Paris &lt;b&gt;</bdi></a>'
        in row
    )
    assert "boss" in page  # who signed in to read it


def test_a_first_start_is_no_start_over():
    kim, new, old = UserFactory(username="kim"), TopicFactory(name="New"), TopicFactory(name="Old", starts=1)
    assert COMMANDS["start_over"].done_to([new]) == "asked to start"
    assert COMMANDS["start_over"].done_to([new, old]) == "asked to start over"
    carry_out(COMMANDS["start_over"], Topic.objects.all(), kim)
    history = LogEntry.objects.order_by("object_repr").values_list("object_repr", "change_message")
    assert list(history) == [("New", "Asked to start"), ("Old", "Asked to start over")]


def test_both_sources_are_in_one_order():
    kim, topic = UserFactory(username="kim"), TopicFactory()
    did(kim, "Second", topic, NOON + timedelta(seconds=2))
    event(at=NOON + timedelta(seconds=1))
    event(kind="signed out", at=NOON + timedelta(seconds=3))
    assert shown() == [("kim", "signed out"), ("kim", "Second"), ("kim", "signed in")]


def test_pages_follow_each_other_without_a_gap(administrator, monkeypatch):
    monkeypatch.setattr(audit_admin, "LINES", 3)
    kim, topic = UserFactory(username="kim"), TopicFactory()
    for number in range(4):
        did(kim, f"step {number}.", topic)
        event(detail=f"event {number}.")
    query, seen = "?who=kim", []
    while query:
        response = administrator.get(f"{LOG}{query}")
        seen += [line.details for line in response.context["page"].lines]
        older = re.search(r'href="([^"]+)" rel="next"', response.content.decode())
        query = html.unescape(older[1]) if older else ""
    assert sorted(seen) == sorted([f"step {n}." for n in range(4)] + [f"event {n}." for n in range(4)])


@pytest.mark.parametrize(
    ("wanted", "lines"),
    [
        ({"action": "commands"}, ["Asked to stop"]),
        ({"action": "exports"}, ["Exported: CSV"]),
        ({"action": "reviews"}, ["Rejected 3 entries: all"]),
        ({"action": "failures"}, ["nobody here"]),
        ({"action": "changed", "words": "asked"}, ["Asked to stop"]),
        ({"who": "sa"}, ["nobody here"]),
        ({"words": "csv"}, ["Exported: CSV"]),
        ({"since": NOON.date() + timedelta(days=1)}, ["Exported: CSV"]),
        ({"until": NOON.date(), "who": "kim"}, ["Rejected 3 entries: all", "Asked to stop"]),
    ],
)
def test_filters(wanted, lines):
    kim, topic = UserFactory(username="kim"), TopicFactory()
    did(kim, "Asked to stop", topic)
    did(kim, "Rejected 3 entries: all", topic, NOON.replace(hour=23, minute=59))
    did(kim, "Exported: CSV", topic, NOON + timedelta(days=1))
    event(kind="failed", name="sam", detail="nobody here")
    assert [details for _, details in shown(**wanted)] == lines


def test_a_page_takes_few_queries_whatever_it_shows(administrator, django_assert_max_num_queries):
    def some():
        for user in UserFactory.create_batch(5):
            did(user, "Something", TopicFactory())
            event(user=user)

    some()
    administrator.get(LOG)
    with django_assert_max_num_queries(8) as few:
        administrator.get(LOG)
    some()
    with django_assert_max_num_queries(len(few)):
        administrator.get(LOG)


def test_the_newest_are_found_by_an_index():
    with connection.cursor() as cursor:
        indexes = connection.introspection.get_constraints(cursor, LogEntry._meta.db_table)
    assert indexes["team_admin_log_by_time"]["columns"] == ["action_time", "id"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?who=nobody-at-all", "Nothing in the log matches."),
        ("?since=yesterday", "The filter cannot be read"),
        ("?action=everything", "The filter cannot be read"),
        ("?after=nonsense&who=nobody-at-all", "Nothing in the log matches."),
    ],
)
def test_an_empty_page_says_why(administrator, query, words):
    response = administrator.get(f"{LOG}{query}")
    assert (response.status_code, words in response.content.decode()) == (200, True)


def test_nothing_in_it_is_changed(administrator):
    made = event()
    for page in (f"{LOG}add/", f"{LOG}{made.pk}/change/", f"{LOG}{made.pk}/delete/"):
        assert administrator.post(page, {"post": "yes"}).status_code == 403


def test_what_was_refused_is_there_with_who_and_what(client):
    topic = TopicFactory()
    kim = UserFactory(username="kim", role="viewer")
    client.force_login(kim)
    command = reverse("portal:command", args=[topic.pk, "start_over"])
    assert client.post(command).status_code == 403
    assert client.get(reverse("admin:topics_topic_add")).status_code == 403  # to look is no attempt
    reason = "Your role (viewer) may look only: ask an administrator."
    assert shown(action="refusals") == [("kim", f"POST {command}: {reason}")]
    read_only = program(["topics.view_topic", "topics.change_topic"], read_only=True)
    viewer = program(["topics.view_topic"])
    for each in (read_only, viewer):
        assert each.post(f"/topics/{topic.pk}/stop").status_code == 403
    told = [what.partition(": ")[2] for _, what in shown(action="refusals")]
    assert told[1:] == ["the token may only read", reason]
    assert "may not change topics" in told[0]


# Files


@pytest.fixture
def written(transactional_db, monkeypatch):
    monkeypatch.setattr(files, "LINES_TOGETHER", 2)
    boss = UserFactory(username="boss", role="administrator")
    for number in range(4):
        did(boss, f"step {number}", TopicFactory(name=f"=formula {number}"), NOON + timedelta(seconds=number))
    event(kind="failed", name="=cmd|' /C calc'!A0")
    event(kind="failed", name=" =1+1", at=NOON + timedelta(minutes=1))  # programs strip the space
    return boss


async def download(boss, form, query=""):
    client = AsyncClient()
    await database(client.force_login, boss)
    response: Any = await client.get(f"{LOG}export.{form}{query}")
    assert response.status_code == 200
    assert f'.{form}"' in response.headers["Content-Disposition"]
    whole = b"".join([piece async for piece in response.streaming_content]).decode()
    await sync_to_async(connections.close_all)()  # of the thread that the view was in
    return whole


async def test_a_spreadsheet_has_every_line_and_no_formula(written):
    rows = list(csv.DictReader(io.StringIO(await download(written, "csv", "?until=2026-01-01"))))
    assert [(row["who"], row["details"]) for row in rows] == [
        ("' =1+1", ""),
        *[("boss", f"step {number}") for number in (3, 2, 1)],
        ("'=cmd|' /C calc'!A0", ""),
        ("boss", "step 0"),
    ]


async def test_json_lines_are_as_they_were_written(written):
    lines = [json.loads(line) for line in (await download(written, "jsonl", "?action=failures")).splitlines()]
    assert [(line["who"], line["action"], line["time"]) for line in lines[1:]] == [
        ("=cmd|' /C calc'!A0", "failed to sign in", NOON.isoformat())
    ]


@pytest.mark.parametrize("file", ["export.xml", "export.csv?since=x"])
def test_a_file_that_makes_no_sense_is_not_there(administrator, file):
    assert administrator.get(f"{LOG}{file}").status_code == 404


def test_what_no_database_takes_hides_no_refusal(client):
    client.force_login(UserFactory(username="kim", role="viewer"))
    assert client.post("/admin/topics/topic/%00/change/").status_code == 403
    refused = AuditEvent.objects.get(kind="refused")
    assert (refused.name, "POST /admin/topics/topic/\N{REPLACEMENT CHARACTER}/change/" in refused.detail) == (
        "kim",
        True,
    )

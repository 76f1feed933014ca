"""Large exports: made once, by whoever takes them; cancelled, failed, tried again, expired."""

import hashlib
import json
import os
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from tests.exporting import HOSTILE, a_list, produced, replace_list
from tests.factories import RunFiguresFactory, UserFactory
from topics.browsing.filters import Filters
from topics.exports import asking, tasks
from topics.exports.models import SILENCE, Export
from topics.exports.present import NO_WORKER, SILENT, shown
from topics.models import Topic

pytestmark = [pytest.mark.storage, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.IGENTAI_EXPORTS = tmp_path / "exports"
    return settings.IGENTAI_EXPORTS


@pytest.fixture
def topic():
    return a_list(*HOSTILE)


@pytest.fixture
def owner():
    return UserFactory()


@pytest.fixture
def export(owner, topic):
    return asking.ask(owner, topic, Filters(topic=topic.pk), "txt")


def made(export):
    assert tasks.make_export(export.pk) == "made"
    export.refresh_from_db()
    return export


def in_folder(folder):
    return sorted(os.listdir(folder)) if folder.exists() else []


class Before:
    """Does something just before the first statement with that word."""

    def __init__(self, word, act):
        self.word, self.act, self.done = word, act, False

    def __call__(self, execute, sql, params, many, context):
        if self.word in sql and not self.done:
            self.done = True
            self.act()
        return execute(sql, params, many, context)


def move(export, **changes):
    Export.objects.filter(pk=export.pk).update(**changes)
    export.refresh_from_db()


# Making


def test_a_task_makes_the_file_that_the_database_holds(export, topic, folder):
    made(export)
    path = folder / export.file
    assert path.read_bytes() == produced(topic, "txt")
    assert (export.written, export.expected, export.size) == (len(HOSTILE), len(HOSTILE), path.stat().st_size)
    assert export.card["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert export.expires_at - export.made_at == timedelta(days=7)
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_name_of_the_file_says_nothing_of_the_topic(export, folder):
    assert made(export).file.removesuffix(".txt").isalnum()
    assert in_folder(folder) == [export.file]


def test_the_file_has_what_the_filter_asks_for(owner, topic, folder):
    export = asking.ask(owner, topic, Filters(topic=topic.pk, q="quoted"), "jsonl")
    assert [json.loads(line)["text"] for line in (folder / made(export).file).read_text().splitlines()] == [
        'a "quoted" one'
    ]


def test_a_task_that_is_delivered_twice_makes_one_file(export, folder):
    made(export)
    assert tasks.make_export(export.pk) == "nothing to do"
    assert in_folder(folder) == [export.file]


def test_one_in_good_hands_is_left_alone(export):
    move(export, state=Export.State.MAKING, attempt=1, beat_at=timezone.now())
    assert tasks.make_export(export.pk) == "nothing to do"


def test_one_whose_worker_died_is_made_by_another(export):
    move(export, state=Export.State.MAKING, attempt=1, beat_at=timezone.now() - 2 * SILENCE)
    assert shown(export, timezone.now()).detail == SILENT
    assert made(export).attempt == 2


def test_a_worker_that_was_taken_for_dead_changes_nothing(export, folder):
    taken = tasks._take(export.pk)
    assert taken
    move(export, attempt=2)
    with pytest.raises(tasks.Withdrawn):
        tasks._make(taken)
    export.refresh_from_db()
    assert (export.state, in_folder(folder)) == (Export.State.MAKING, [])


def test_an_export_of_nothing_that_exists_is_no_task():
    assert tasks.make_export(404) == "nothing to do"


# Not coming to its end


def test_cancelling_stops_the_worker_at_the_next_piece_and_leaves_no_file(export, folder):
    with connection.execute_wrapper(Before("COALESCE", lambda: asking.cancel(export))):
        assert tasks.make_export(export.pk) == "withdrawn"
    export.refresh_from_db()
    assert (export.state, in_folder(folder)) == (Export.State.CANCELLED, [])


def test_one_that_waits_can_be_cancelled_before_it_begins(export):
    assert asking.cancel(export)
    assert tasks.make_export(export.pk) == "nothing to do"
    assert not asking.cancel(export)


def test_a_list_that_is_replaced_meanwhile_fails_the_export_and_it_can_be_tried_again(export, topic, folder):
    with connection.execute_wrapper(Before("COALESCE", lambda: replace_list(topic))):
        assert tasks.make_export(export.pk) == "failed"
    export.refresh_from_db()
    assert (export.state, export.detail, in_folder(folder)) == (Export.State.FAILED, tasks.REPLACED, [])
    assert asking.ask_again(export)
    assert LogEntry.objects.latest("id").change_message.startswith("Export asked for again: Plain text")
    assert (folder / made(export).file).read_text() == "of the new list\n"


def test_a_folder_that_cannot_be_written_to_is_said(export, folder):
    folder.write_text("a file where the folder should be")
    assert tasks.make_export(export.pk) == "failed"
    export.refresh_from_db()
    assert export.detail.startswith("The file could not be written: ")


def test_a_topic_that_was_deleted_is_said(export, topic):
    Topic.objects.filter(pk=topic.pk).update(name="gone")
    move(export, topic=None)
    assert tasks.make_export(export.pk) == "failed"
    export.refresh_from_db()
    assert export.detail == "The topic was deleted."


def test_a_failure_that_nobody_foresaw_is_said_and_not_hidden(export):
    move(export, query="topic=x")
    with pytest.raises(ValueError, match="not a number"):
        tasks.make_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.detail) == (Export.State.FAILED, tasks.UNEXPECTED)


def test_one_that_is_under_way_or_ready_is_not_asked_for_again(export):
    assert not asking.ask_again(export)
    assert not asking.ask_again(made(export))


def test_one_that_nobody_takes_says_so(export):
    assert shown(export, timezone.now()).detail == ""
    late = timezone.now() + timedelta(minutes=1)
    assert shown(export, late).detail == NO_WORKER


# Asking


def test_asking_twice_is_asking_once(export, owner, topic):
    assert asking.ask(owner, topic, Filters(topic=topic.pk), "txt") == export


def test_each_person_has_a_place_for_a_few(export, owner, topic):
    for format_name in ("csv", "jsonl"):
        asking.ask(owner, topic, Filters(topic=topic.pk), format_name)
    with pytest.raises(asking.TooManyUnderWay):
        asking.ask(owner, topic, Filters(topic=topic.pk), "parquet")
    asking.ask(UserFactory(), topic, Filters(topic=topic.pk), "parquet")


def test_asking_queues_the_task_in_the_same_transaction(export):
    task = OrmQ.objects.get().task
    assert (task["func"], task["args"]) == ("topics.exports.tasks.make_export", (export.pk,))


# The end of a file


def test_what_has_expired_is_deleted_and_nothing_else(export, owner, topic, folder):
    other = made(asking.ask(owner, topic, Filters(topic=topic.pk), "csv"))
    move(made(export), expires_at=timezone.now())
    assert tasks.delete_expired() == 1
    export.refresh_from_db()
    assert (export.state, in_folder(folder)) == (Export.State.EXPIRED, [other.file])
    assert tasks.delete_expired() == 0
    assert asking.ask_again(export)


def test_strays_are_deleted_once_they_are_old(folder, export):
    made(export)
    for name, age in (("old.csv", 2), (".killed.csv.part", 2), ("new.csv", 0)):
        (folder / name).write_text("x")
        moment = (timezone.now() - timedelta(days=age)).timestamp()
        os.utime(folder / name, (moment, moment))
    os.utime(folder / export.file, (0, 0))
    tasks.delete_expired()
    assert in_folder(folder) == sorted([export.file, "new.csv"])


def test_rows_of_what_is_long_gone_are_forgotten(export):
    move(export, state=Export.State.FAILED, asked_at=timezone.now() - 2 * tasks.FORGET_AFTER)
    tasks.delete_expired()
    assert not Export.objects.exists()


# The data card


def test_the_card_says_where_the_entries_come_from(export, topic):
    request = topic.attributes.first().request
    RunFiguresFactory(
        run=request.run,
        data={
            "estimates": {
                "coverage": {"estimate": None, "low": None, "high": None},
                "mass_coverage": {"estimate": 0.8, "low": 0.7, "high": 0.9},
                "coverage_of_probed": {"estimate": 0.5, "low": 0.4, "high": 0.6, "unprobed": ["shy one"]},
            }
        },
    )
    card = made(export).card
    assert card["topic"] == topic.name
    assert card["prompt"] == topic.prompt
    assert card["entries"] == len(HOSTILE)
    assert card["providers"] == [
        {
            "provider": request.provider.name,
            "model": "gpt-test",
            "kind": "openai",
            "simulated": False,
            "entries": len(HOSTILE),
            "share": 1.0,
            "requests": 1,
            "cost_usd": 0.01,
        }
    ]
    assert (card["cost"]["total_usd"], card["simulated_entries"]) == (0.01, 0)
    assert card["coverage"]["items_of_probed"] == {"estimate": 0.5, "low": 0.4, "high": 0.6}
    assert card["coverage"]["providers_not_probed"] == ["shy one"]
    assert card["coverage"]["cannot_see"]
    assert [run["number"] for run in card["runs"]] == [request.run.number]
    assert card["made_by"] == "igentai 0.1.0"

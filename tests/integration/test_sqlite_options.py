"""The live connection keeps what an acknowledgement promises: what was committed survives, and writers wait."""

import threading

import pytest
from django.db import connection, transaction

from igentai_site.databases import SQLITE_OPTIONS
from orchestration.models import EngineLease

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]

# What a connection says of itself; of PostgreSQL the tests' own server has no fsync, which is the server's matter.
SETTINGS: dict[str, dict[str, object]] = {
    "sqlite": {
        "PRAGMA journal_mode": "wal",
        "PRAGMA synchronous": 2,  # FULL
        "PRAGMA busy_timeout": SQLITE_OPTIONS["timeout"] * 1_000,  # type: ignore[operator]
        "PRAGMA foreign_keys": 1,
        "PRAGMA journal_size_limit": 67_108_864,
        "PRAGMA wal_autocheckpoint": 16_000,
        "PRAGMA temp_store": 2,
    },
    "postgresql": {
        "SHOW synchronous_commit": "on",
        "SHOW transaction_isolation": "read committed",
        "SHOW server_encoding": "UTF8",
        "SHOW timezone": "UTC",
    },
}


def answer(question):
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


def test_a_connection_has_the_settings_that_durability_needs():
    expected = SETTINGS[connection.vendor]
    assert {question: answer(question) for question in expected} == expected


def test_a_second_writer_waits_for_the_first_instead_of_failing():
    EngineLease.objects.create()
    errors: list[Exception] = []
    began = threading.Event()

    def write():
        began.set()
        try:
            with transaction.atomic():
                lease = EngineLease.objects.select_for_update().get()
                lease.epoch += 1
                lease.save()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    other = threading.Thread(target=write)
    with transaction.atomic():
        lease = EngineLease.objects.select_for_update().get()
        other.start()
        began.wait()
        lease.epoch += 1
        lease.save()
    other.join(30)
    assert not errors
    assert EngineLease.objects.get().epoch == 2


def test_a_transaction_begins_as_its_database_needs():
    """SQLite: with the lock of the writer, since one taken later can fail at once. PostgreSQL: as any."""
    with transaction.atomic():
        begun = connection.connection.in_transaction if connection.vendor == "sqlite" else connection.in_atomic_block
        assert begun
    expected = {"sqlite": "IMMEDIATE", "postgresql": None}[connection.vendor]
    assert getattr(connection, "transaction_mode", None) == expected

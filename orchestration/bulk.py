"""The hot path's SQL: many rows in one statement, on either database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from itertools import chain
from operator import itemgetter
from typing import Any

import psycopg
from django.db import connection, models

from orchestration.logic.uniqueness import TopicKeys
from orchestration.models import Request, Run
from topics.models import Attribute, Review

AttributeRow = tuple[int, int, bytes, str, int, str]  # id, topic, key, text, request, folded

ATTRIBUTE_COLUMNS = "id, topic_id, key, text, request_id, folded, times_seen"
ATTRIBUTE_TYPES = ("int8", "int8", "bytea", "varchar", "int8", "varchar", "int4")
UNIQUE_KEYS = "attribute_topic_key_unique"
ATTRIBUTES = Attribute._meta.db_table
# SQLite: how many rows go into a statement. With one each, the interpreter's lock would change hands at every row.
ROWS_TOGETHER = 500
REQUESTS_TOGETHER = 100
# PostgreSQL: with many more to a statement its planner reads the whole table instead of looking the rows up.
COUNTS_TOGETHER = 5_000
# SQLite: the fields whose values the driver does not take as they are.
ADAPTED = (models.DateTimeField, models.DecimalField)


class KeysTaken(Exception):
    """A topic has one of the keys already: nothing is inserted, and the transaction cannot go on."""


def insert_attributes(rows: Sequence[AttributeRow]) -> None:
    """Insert the rows. Raises KeysTaken if a topic has one of the keys, IntegrityError if one of the ids is taken,
    and one of the two if both are."""
    if not rows:
        return
    # As neighbours in the index share pages: a tenth less time.
    by_key = sorted(rows, key=itemgetter(2))
    if connection.vendor == "postgresql":
        _copy_attributes(by_key)
    elif _insert_together(by_key) != len(rows):
        raise KeysTaken


def _copy_attributes(rows: Sequence[AttributeRow]) -> None:
    """PostgreSQL: COPY writes a page at a time; INSERT with ON CONFLICT looks up and claims row by row."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        try:
            with cursor.copy(f"COPY {ATTRIBUTES} ({ATTRIBUTE_COLUMNS}) FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(ATTRIBUTE_TYPES)
                for row in rows:
                    copy.write_row((*row, 1))
        except psycopg.errors.UniqueViolation as error:
            if error.diag.constraint_name == UNIQUE_KEYS:
                raise KeysTaken from error
            raise


def _insert_together(rows: Sequence[AttributeRow]) -> int:
    """SQLite: insert those whose key is not there yet, many to a statement; returns how many were."""
    return _execute_with_rows(
        f"INSERT INTO {ATTRIBUTES} ({ATTRIBUTE_COLUMNS}) SELECT *, 1 FROM (VALUES {{rows}}) WHERE true "  # noqa: S608
        "ON CONFLICT (topic_id, key) DO NOTHING",
        rows,
        ROWS_TOGETHER,
    )


def insert_requests(requests: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows. `bulk_create` would build its statement anew each time, which costs more than the insert."""
    if not requests:
        return
    fields = Request._meta.concrete_fields
    into = ", ".join(f'"{field.column}"' for field in fields)
    insertion = f"INSERT INTO {Request._meta.db_table} ({into}) "
    if connection.vendor == "postgresql":
        arrays = ", ".join(f"%b::{field.db_type(connection)}[]" for field in fields)
        values = [[each[field.attname] for field in fields] for each in requests]
        _execute_with_arrays(f"{insertion} SELECT * FROM unnest({arrays})", values)  # noqa: S608 - names of columns
        return
    columns = [(field.attname, field.get_db_prep_save if isinstance(field, ADAPTED) else None) for field in fields]
    rows = [[adapt(each[name], connection) if adapt else each[name] for name, adapt in columns] for each in requests]
    _execute_with_rows(insertion + "VALUES {rows}", rows, REQUESTS_TOGETHER)


def add_to_run(run_id: int, additions: Mapping[str, int | Decimal]) -> None:
    """Add to the counters of a run."""
    changes = ", ".join(f'"{name}" = "{name}" + %s' for name in additions)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {Run._meta.db_table} SET {changes} WHERE id = %s", [*additions.values(), run_id])  # noqa: S608


def add_times_seen(additions: Sequence[tuple[int, int]]) -> None:
    """Add to the counts of attributes: pairs of attribute id and how often it was seen again."""
    if not additions:
        return
    if connection.vendor == "postgresql":
        for start in range(0, len(additions), COUNTS_TOGETHER):
            _execute_with_arrays(
                f"UPDATE {ATTRIBUTES} SET times_seen = times_seen + seen.more "  # noqa: S608 - no value is in the text
                f"FROM unnest(%b::bigint[], %b::int[]) AS seen (id, more) WHERE {ATTRIBUTES}.id = seen.id",
                additions[start : start + COUNTS_TOGETHER],
            )
        return
    _execute_with_rows(
        f"UPDATE {ATTRIBUTES} SET times_seen = times_seen + seen.column2 "  # noqa: S608
        f"FROM (VALUES {{rows}}) AS seen WHERE {ATTRIBUTES}.id = seen.column1",
        additions,
        ROWS_TOGETHER,
    )


def _execute_with_arrays(statement: str, rows: Sequence[Sequence[Any]]) -> int:
    """PostgreSQL: execute with each column of the rows as an array; returns how many rows were touched.

    The driver's own cursor sends the arrays in binary. Django's would write them into the text of the statement,
    which takes longer than what the database does with them.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])
        return int(cursor.rowcount)


def _execute_with_rows(statement: str, rows: Sequence[Sequence[Any]], together: int) -> int:
    """SQLite: execute with the rows in the place of "{rows}", so many at a time; returns how many were touched.

    By the driver's own cursor: Django's would go through the statement for each of its thousands of values.
    """
    connection.ensure_connection()
    touched = 0
    with connection.wrap_database_errors, closing(connection.connection.cursor()) as cursor:
        for start in range(0, len(rows), together):
            part = rows[start : start + together]
            row = f"({', '.join('?' * len(part[0]))})"
            cursor.execute(statement.format(rows=", ".join([row] * len(part))), list(chain.from_iterable(part)))
            touched += cursor.rowcount
    return touched


def known_resends(pairs: Sequence[tuple[int, str]]) -> set[tuple[int, str]]:
    """Those of the pairs of producer and batch id that are stored already."""
    batch_ids = [batch_id for _, batch_id in pairs]
    stored = Request.objects.filter(producer_id__in={producer for producer, _ in pairs}, batch_id__in=batch_ids)
    return set(stored.values_list("producer_id", "batch_id")) & set(pairs)


def texts_of(attribute_ids: Collection[int]) -> dict[int, str]:
    """The texts of these attributes, as far as they are there; ids below zero are of what people have rejected."""
    rejected = Review.objects.filter(id__in=[-each for each in attribute_ids if each < 0])
    return {
        **dict(Attribute.objects.filter(id__in=attribute_ids).values_list("id", "text")),
        **{-review_id: found for review_id, found in rejected.values_list("id", "found")},
    }


def delete_attributes(topic_id: int) -> None:
    """Empty a topic's list, without loading it."""
    # Nothing refers to an attribute, so the rows can go without Django's collector.
    rows = Attribute.objects.filter(topic_id=topic_id)
    rows._raw_delete(rows.db)


def load_keys(keys: TopicKeys) -> None:
    """Fill `keys` with what the database has."""
    rows = Attribute.objects.filter(topic_id=keys.topic_id).values_list("key", "id")
    keys.known.update((bytes(key), attribute_id) for key, attribute_id in rows.iterator(chunk_size=20_000))
    keys.settle()

"""What people say of entries: the only writers of reviews.

Each change raises `Topic.reviews` in its own transaction, which tells whoever has read the reviews to read them again
and makes two people who review one topic wait for each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F, Model

from topics.browsing.rows import said_of
from topics.models import Attribute, Review, Topic

PERMISSION = "topics.change_attribute"
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Action:
    """A verdict as people press it; `done` begins the sentence of the log."""

    name: str
    label: str
    done: str
    verdict: str


ACTIONS = {
    action.name: action
    for action in (
        Action("accept", "Accept", "Accepted", Review.Verdict.ACCEPTED),
        Action("reject", "Reject", "Rejected", Review.Verdict.REJECTED),
        Action("clear", "Clear verdict", "Cleared the verdict of", Review.Verdict.NONE),
    )
}


@dataclass(frozen=True, slots=True)
class By:
    """Who says it, and when."""

    user: AbstractBaseUser
    at: datetime


@dataclass(slots=True)
class Tally:
    """Topics with the line of the log that tells of an action, and how many entries it tells of.

    A long action is many transactions: each brings the line up to date, so that it is true whenever the work ends.
    """

    lines: dict[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(number for _, number in self.lines.values())

    def add(self, topic_id: int, number: int, action: Action, by: By, of: str) -> None:
        line, before = self.lines.get(topic_id, (0, 0))
        message = f"{action.done} {entries_in_words(before + number)}: {of}"
        if line:
            LogEntry.objects.filter(pk=line).update(change_message=message)
        else:
            line = note(by, Topic.objects.get(pk=topic_id), message).pk
        self.lines[topic_id] = line, before + number


def entries_in_words(number: int) -> str:
    return f"{number:,} {'entry' if number == 1 else 'entries'}"


def note(by: By, what: Model, message: str) -> LogEntry:
    """A line in the audit log."""
    return LogEntry.objects.create(
        user_id=by.user.pk,
        content_type=ContentType.objects.get_for_model(what),
        object_id=str(what.pk),
        object_repr=str(what)[:200],
        action_flag=CHANGE,
        change_message=message,
        action_time=by.at,
    )


def lock_reviews(topic_ids: Iterable[int]) -> None:
    """In one order: two actions over the same topics would else lock each other out. SQLite has one writer anyway."""
    list(Topic.objects.select_for_update().filter(pk__in=set(topic_ids)).order_by("pk").values_list("pk"))


def raise_reviews(topic_ids: Iterable[int]) -> None:
    wanted = set(topic_ids)
    lock_reviews(wanted)
    Topic.objects.filter(pk__in=wanted).update(reviews=F("reviews") + 1)


def review(ids: Sequence[int], action: Action, by: By, of: str, tally: Tally | None = None) -> dict[int, str]:
    """Say this of the entries; returns the verdicts that they had, by id, of those that are still there.

    One entry is noted with itself, several in one line of their topic, `of` telling which.
    """
    with transaction.atomic():
        entries = _entries(ids)
        raise_reviews(entry.topic_id for entry in entries)
        before = verdicts_of(entries)
        _write(entries, action.verdict, by)
        if len(ids) == 1 and entries and tally is None:
            note(by, entries[0], action.done if action.verdict else "Cleared the verdict")
            return before
        for topic_id, number in Counter(entry.topic_id for entry in entries).items():
            (tally := tally or Tally()).add(topic_id, number, action, by, of)
    return before


def restore(verdicts: Mapping[int, str], by: By) -> int:
    """Give the entries back the verdicts that they had; returns how many."""
    with transaction.atomic():
        entries = _entries(list(verdicts))
        raise_reviews(entry.topic_id for entry in entries)
        for verdict in sorted(set(verdicts.values())):
            _write([entry for entry in entries if verdicts[entry.pk] == verdict], verdict, by)
        message = f"Undid the last verdict of {entries_in_words(len(entries))}"
        for topic in Topic.objects.filter(pk__in={entry.topic_id for entry in entries}):
            note(by, entries[0] if len(entries) == 1 else topic, message)
    return len(entries)


def rewrite(entry: Attribute, text: str, by: By) -> None:
    """Have the entry written as `text`, or as it was found where that is empty. Callers see to what makes sense."""
    with transaction.atomic():
        raise_reviews([entry.topic_id])
        values: dict[str, Any] = {"found": entry.text, "text": text, "by": by.user, "at": by.at}
        Review.objects.update_or_create(topic_id=entry.topic_id, key=bytes(entry.key), defaults=values)
        note(by, entry, f"Corrected: {text}" if text else "Took the correction back")


def verdicts_of(entries: Sequence[Attribute]) -> dict[int, str]:
    said = said_of((entry.topic_id, bytes(entry.key)) for entry in entries)
    verdicts = {keyed: each.verdict for keyed, each in said.items()}
    return {entry.pk: verdicts.get((entry.topic_id, bytes(entry.key)), "") for entry in entries}


def _entries(ids: Sequence[int]) -> list[Attribute]:
    return list(Attribute.objects.filter(pk__in=ids).order_by("id").only("id", "topic_id", "key", "text"))


def _write(entries: Sequence[Attribute], verdict: str, by: By) -> None:
    """A cleared verdict leaves a correction as it is, and no row where there was none."""
    if not verdict:
        _clear(entries, by)
        return
    Review.objects.bulk_create(
        [
            Review(
                topic_id=entry.topic_id, key=entry.key, found=entry.text, verdict=verdict, by_id=by.user.pk, at=by.at
            )
            for entry in entries
        ],
        batch_size=AT_ONCE,
        update_conflicts=True,
        unique_fields=["topic", "key"],
        update_fields=["verdict", "by", "at"],
    )


def _clear(entries: Sequence[Attribute], by: By) -> None:
    keys: dict[int, list[bytes]] = {}
    for entry in entries:
        keys.setdefault(entry.topic_id, []).append(bytes(entry.key))
    for topic_id, some in keys.items():
        said = Review.objects.filter(topic=topic_id, key__in=some).exclude(verdict=Review.Verdict.NONE)
        said.update(verdict=Review.Verdict.NONE, by=by.user.pk, at=by.at)

"""Commits whose outcome an error hid: the database took them, and then the connection broke."""

import pytest
from django.db import OperationalError, connections

from orchestration.arrivals import unpacked_ids
from orchestration.models import Request, Run
from tests.integration.arriving import Sender
from topics.models import Attribute

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def breaks_after_commit(monkeypatch):
    """Let the next commit reach the database and then lose the answer."""

    connection = connections["default"]  # the thing itself: what stands for it cannot be patched

    def arm():
        commit = connection.commit

        def commit_and_break():
            commit()
            monkeypatch.setattr(connection, "commit", commit)
            raise OperationalError("server closed the connection unexpectedly")

        monkeypatch.setattr(connection, "commit", commit_and_break)

    return arm


def texts(committed):
    return [[text for _, text, _ in each.sifted.new] for each in committed]


def test_a_commit_that_was_taken_is_published_once_and_not_repeated(store, breaks_after_commit):
    sender = Sender()
    store.commit([sender.sends("Louvre")])
    arrivals = [sender.sends("Orsay", "LOUVRE"), sender.sends("Rodin")]
    breaks_after_commit()
    with pytest.raises(OperationalError):
        store.commit(arrivals)
    committed = store.commit(arrivals)
    assert texts(committed) == [["Orsay"], ["Rodin"]]
    assert not any(each.resent for each in committed)
    assert list(Attribute.objects.values_list("text", flat=True)) == ["Louvre", "Orsay", "Rodin"]
    assert Run.objects.get().requests == Request.objects.count() == 3


def test_what_arrived_meanwhile_is_committed_with_it(store, breaks_after_commit):
    sender = Sender()
    first, later = sender.sends("Louvre"), sender.sends("Orsay", "Louvre")
    breaks_after_commit()
    with pytest.raises(OperationalError):
        store.commit([first])
    assert texts(store.commit([first, later])) == [["Louvre"], ["Orsay"]]
    louvre = Attribute.objects.get(text="Louvre")
    assert [unpacked_ids(bytes(each.repeats)) for each in Request.objects.all()] == [(), (louvre.id,)]


def test_the_next_batches_are_stored_as_ever(store, breaks_after_commit):
    sender = Sender()
    arrival = sender.sends("Louvre")
    breaks_after_commit()
    with pytest.raises(OperationalError):
        store.commit([arrival])
    store.commit([arrival])
    assert texts(store.commit([sender.sends("Orsay")])) == [["Orsay"]]
    assert [each.resent for each in store.commit([arrival])] == [True]


def test_a_commit_that_was_not_taken_is_decided_anew(store, monkeypatch):
    sender = Sender()
    arrival = sender.sends("Louvre")

    connection = connections["default"]

    def refuse():
        monkeypatch.undo()
        connection.rollback()
        raise OperationalError("the disk is full")

    monkeypatch.setattr(connection, "commit", refuse)
    with pytest.raises(OperationalError):
        store.commit([arrival])
    assert texts(store.commit([arrival])) == [["Louvre"]]
    assert Request.objects.count() == Attribute.objects.count() == 1


def test_counts_that_were_written_are_not_written_again(store, breaks_after_commit):
    sender = Sender()
    store.commit([sender.sends("Louvre", "louvre")])
    breaks_after_commit()
    with pytest.raises(OperationalError):
        store.write_times_seen(sender.keys)
    store.commit([sender.sends("LOUVRE")])
    store.write_times_seen(sender.keys)
    assert Attribute.objects.get().times_seen == 3
    assert not sender.keys.seen


def test_what_was_settled_is_told_even_if_another_error_comes_first(store, breaks_after_commit):
    sender = Sender()
    again = sender.sends("Rodin")
    store.commit([again])
    arrivals = [sender.sends("Louvre"), again]
    for _ in range(2):
        breaks_after_commit()
        with pytest.raises(OperationalError):
            store.commit(arrivals)
    assert [each.resent for each in store.commit(arrivals)] == [False, True]
    assert [each.resent for each in store.commit(arrivals)] == [True, True]

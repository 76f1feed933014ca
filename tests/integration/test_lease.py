"""One engine per database: who gets the lease, and who has lost it."""

import os
import socket
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orchestration import lease
from orchestration.lease import LeaseHeld, LeaseLost, Owner
from orchestration.models import EngineLease

pytestmark = [pytest.mark.storage, pytest.mark.django_db(transaction=True)]


def an_owner(pid=None):
    return Owner(socket.gethostname(), os.getpid() if pid is None else pid, "now")


def held_by(**fields):
    epoch = lease.acquire(lease.this_process())
    EngineLease.objects.update(**fields)
    return epoch


@pytest.fixture
def dead_pid():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_the_first_engine_gets_the_lease():
    epoch = lease.acquire(lease.this_process())
    row = EngineLease.objects.get()
    assert (row.epoch, row.host, row.pid, row.released) == (epoch, socket.gethostname(), os.getpid(), False)


def test_a_second_engine_is_refused_and_told_who_owns_the_database():
    epoch = lease.acquire(lease.this_process())
    with pytest.raises(LeaseHeld, match=rf"process {os.getpid()} on {socket.gethostname()}"):
        lease.acquire(an_owner(pid=1))
    lease.beat(epoch)


def test_one_that_only_looks_is_refused_likewise_and_takes_nothing():
    lease.require_free()
    epoch = lease.acquire(lease.this_process())
    with pytest.raises(LeaseHeld, match=rf"process {os.getpid()} on {socket.gethostname()}"):
        lease.require_free()
    lease.release(epoch)
    lease.require_free()
    assert EngineLease.objects.get().epoch == epoch


def test_a_long_silence_is_no_death_of_a_process_that_can_be_seen():
    held_by(beat_at=timezone.now() - timedelta(days=1))
    with pytest.raises(LeaseHeld):
        lease.acquire(an_owner())


def test_the_lease_of_a_dead_process_is_taken_over_at_once(dead_pid):
    epoch = held_by(pid=dead_pid, beat_at=timezone.now())
    assert lease.acquire(an_owner()) == epoch + 1


def test_a_process_with_the_pid_of_a_dead_one_is_not_mistaken_for_it():
    epoch = held_by(process_started="another boot 123")
    assert lease.acquire(an_owner()) == epoch + 1


def test_a_process_that_ended_but_was_not_waited_for_is_dead():
    process = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout as output:
        output.read()  # until it is gone
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert lease.process_start(process.pid) == ""
    process.wait()


def test_an_engine_on_another_host_is_believed_alive_while_its_heart_beats():
    held_by(host="elsewhere", beat_at=timezone.now() - timedelta(seconds=lease.STALE_SECONDS - 5))
    with pytest.raises(LeaseHeld, match="elsewhere"):
        lease.acquire(lease.this_process())


@pytest.mark.parametrize("silence", [timedelta(seconds=lease.STALE_SECONDS + 1), None], ids=["stale", "never"])
def test_an_engine_on_another_host_that_fell_silent_is_replaced(silence):
    epoch = held_by(host="elsewhere", beat_at=None if silence is None else timezone.now() - silence)
    assert lease.acquire(lease.this_process()) == epoch + 1


def test_where_processes_cannot_be_told_apart_the_heartbeat_speaks():
    held_by(process_started="", beat_at=timezone.now())
    with pytest.raises(LeaseHeld):
        lease.acquire(an_owner())
    EngineLease.objects.update(beat_at=timezone.now() - timedelta(minutes=1))
    lease.acquire(an_owner())


def test_a_lease_that_was_given_back_is_free():
    epoch = lease.acquire(lease.this_process())
    lease.release(epoch)
    assert lease.acquire(an_owner()) == epoch + 1


def test_a_lease_that_has_passed_on_cannot_be_given_back():
    epoch = held_by(released=True)
    lease.acquire(lease.this_process())
    lease.release(epoch)
    assert not EngineLease.objects.get().released


def test_a_heartbeat_is_noted():
    epoch = held_by(beat_at=None)
    lease.beat(epoch)
    beat_at = EngineLease.objects.get().beat_at
    assert beat_at is not None
    assert timezone.now() - beat_at < timedelta(minutes=1)


def test_the_heart_of_an_engine_that_was_replaced_stops():
    epoch = held_by(released=True)
    lease.acquire(lease.this_process())
    with pytest.raises(LeaseLost, match=str(epoch)):
        lease.beat(epoch)


def test_the_fence_lets_only_the_owner_through():
    epoch = held_by(released=True)
    now = lease.acquire(lease.this_process())
    with transaction.atomic():
        lease.fence(now)
        with pytest.raises(LeaseLost):
            lease.fence(epoch)


def test_nobody_takes_over_within_a_transaction_that_has_passed_the_fence():
    epoch = held_by(released=True)
    taken: list[int] = []

    def take_over():
        try:
            taken.append(lease.acquire(an_owner()))
        finally:
            connection.close()

    other = threading.Thread(target=take_over)
    with transaction.atomic():
        with CaptureQueriesContext(connection) as queries:
            lease.fence(epoch)
        other.start()
        # PostgreSQL: the row is locked. SQLite: a transaction begins with the lock of the whole file.
        assert connection.vendor == "sqlite" or "FOR UPDATE" in queries[0]["sql"]
        other.join(0.2)
        assert not taken
        assert EngineLease.objects.get().epoch == epoch
    other.join(30)
    assert taken == [epoch + 1]

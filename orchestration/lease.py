"""One engine per database: who holds the lease, and how it changes hands."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from orchestration.models import EngineLease

STALE_SECONDS = 20.0


class LeaseLost(Exception):
    """Another engine has taken the database over; this one must write no more."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A process that no other can be mistaken for, even when its pid is used again."""

    host: str
    pid: int
    process_started: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"


class LeaseHeld(Exception):
    """Another engine owns the database."""

    def __init__(self, owner: Owner) -> None:
        super().__init__(f"the engine is already running: {owner}")
        self.owner = owner


def this_process() -> Owner:
    return Owner(socket.gethostname(), os.getpid(), process_start(os.getpid()))


def process_start(pid: int) -> str:
    """When the process began, in a form that differs after a reboot; empty when there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    # The command, in parentheses, may hold spaces; the state follows, and a zombie has ended.
    state, *fields = stat.rpartition(")")[2].split()
    return "" if state in "ZX" else f"{boot[:18]} {fields[18]}"


def acquire(owner: Owner) -> int:
    """Take the lease and return its epoch. Raises LeaseHeld, naming the owner."""
    with transaction.atomic():
        lease, _ = EngineLease.objects.select_for_update().get_or_create(id=EngineLease.SINGLETON)
        _refuse_if_held(lease)
        lease.epoch += 1
        lease.host, lease.pid, lease.process_started = owner.host, owner.pid, owner.process_started
        lease.beat_at, lease.released = timezone.now(), False
        lease.save()
    return lease.epoch


def require_free() -> None:
    """Raises LeaseHeld where `acquire` would, and takes nothing."""
    lease = EngineLease.objects.filter(id=EngineLease.SINGLETON).first()
    if lease is not None:
        _refuse_if_held(lease)


def _refuse_if_held(lease: EngineLease) -> None:
    if not lease.released and _is_alive(lease):
        raise LeaseHeld(Owner(lease.host, lease.pid or 0, lease.process_started))


def beat(epoch: int) -> None:
    """Say that the owner of `epoch` is alive. Raises LeaseLost."""
    if not EngineLease.objects.filter(epoch=epoch).update(beat_at=timezone.now()):
        raise LeaseLost(f"epoch {epoch} is over")


def release(epoch: int) -> None:
    """Give the lease back, if it is still ours."""
    EngineLease.objects.filter(epoch=epoch).update(released=True)


def fence(epoch: int) -> None:
    """Within a transaction: make sure that no other engine writes before this commit. Raises LeaseLost."""
    if not EngineLease.objects.select_for_update().filter(epoch=epoch).exists():
        raise LeaseLost(f"epoch {epoch} is over")


def _is_alive(lease: EngineLease) -> bool:
    if lease.host == socket.gethostname() and lease.pid is not None and lease.process_started:
        return process_start(lease.pid) == lease.process_started
    # Another machine's processes cannot be asked, nor those of a system without /proc; their heartbeat must speak.
    silence = timezone.now() - (lease.beat_at or timezone.now() - timedelta(days=1))
    return silence < timedelta(seconds=STALE_SECONDS)

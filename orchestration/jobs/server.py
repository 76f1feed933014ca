"""`python -m orchestration.jobs.server`: the cluster of background jobs (django-q2), which the engine supervises.

It is several processes: this one, the guard, which it starts, and workers, pusher and monitor, which the guard
starts. With `--parent PID` none of them outlives that process: each asks the kernel to be killed with the one that
started it (on Linux), and this one ends all when its standard input ends, which the parent holds open.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import wait
from typing import Any

from producers.worker.orphan import ORPHANED, die_with_parent

LOOK_SECONDS = 0.2
STANDARD_INPUT = 0
DATABASE_SECONDS = 2.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Work until told to stop; 0 when it was told to, 1 when the guard has died."""
    parser = argparse.ArgumentParser(prog="python -m orchestration.jobs.server", description=__doc__)
    parser.add_argument("--parent", type=int, metavar="PID", help="end when this process does")
    options = parser.parse_args(arguments)
    if options.parent:
        die_with_parent(options.parent)
        _have_children_die_with_us()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "igentai_site.settings")
    import django

    django.setup()
    return serve(is_child=options.parent is not None)


def serve(*, is_child: bool) -> int:
    # Here, since these need Django.
    from django_q.cluster import Cluster

    from orchestration.jobs import canary

    cluster = Cluster()
    # In place of the cluster's own handler, which waits for the guard's end wherever the signal comes in between.
    told_to_stop = _stop_signals()
    _wait_for_database(told_to_stop, is_child=is_child)
    if told_to_stop():
        return 0
    canary.listen()
    cluster.start()
    while not told_to_stop():
        if not cluster.sentinel.is_alive():
            print("the guard of the cluster has died", file=sys.stderr)  # noqa: T201 - what the engine logs
            return 1
        _look(is_child)
    cluster.stop()
    return 0


def _wait_for_database(told_to_stop: Callable[[], bool], *, is_child: bool) -> None:
    """Bring the rows up to date that the cluster goes by; a database that is away for a while is waited for."""
    from django.db import InterfaceError, OperationalError, connection

    from orchestration.jobs.models import JobsHealth
    from orchestration.jobs.periodic import plan

    while not told_to_stop():
        try:
            JobsHealth.objects.get_or_create(pk=JobsHealth.SINGLETON)
            plan()
        except (OperationalError, InterfaceError):
            until = time.monotonic() + DATABASE_SECONDS
            while time.monotonic() < until and not told_to_stop():
                _look(is_child)
        else:
            return
        finally:
            connection.close()  # no process may inherit it


def _look(is_child: bool) -> None:
    """Let some time pass, and end everything if the engine goes in the meantime."""
    if not is_child:
        time.sleep(LOOK_SECONDS)
    elif wait([STANDARD_INPUT], LOOK_SECONDS) and not os.read(STANDARD_INPUT, 4096):
        _end_all()


def _end_all() -> None:
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(ORPHANED)


def _stop_signals() -> Callable[[], bool]:
    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: told.append(number))
    return lambda: bool(told)


def _have_children_die_with_us() -> None:
    """Every process that is forked here, or by one of those."""
    parent: dict[str, Any] = {}
    os.register_at_fork(
        before=lambda: parent.update(pid=os.getpid()), after_in_child=lambda: die_with_parent(parent["pid"])
    )


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not waiting for threads or children: nothing here is unsaved.
    os._exit(status)

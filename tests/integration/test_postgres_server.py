"""The PostgreSQL that tests and benchmarks start for themselves."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.postgres import Binaries, PostgresServer, bundled_folders, find_binaries

OWNER = """
import sys, time
from tests.postgres import PostgresServer

with PostgresServer(fsync=False) as server:
    print(server.pid, server.folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture(params=["found", "bundled"])
def binaries(request: pytest.FixtureRequest) -> Binaries:
    return find_binaries() if request.param == "found" else bundled_folders()[0]


def test_a_server_answers_and_leaves_nothing_behind(binaries):
    with PostgresServer(fsync=False, binaries=binaries) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT upper('é')").fetchone() == ("É",)
        assert connection.execute("SHOW fsync").fetchone() == ("off",)
    assert not server.folder.exists()
    assert not alive(server.pid)


def test_a_benchmark_gets_real_durability():
    with PostgresServer(fsync=True) as server, psycopg.connect(server.url) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            assert connection.execute(f"SHOW {setting}").fetchone() == ("on",)


def test_what_was_committed_survives_a_crash():
    with PostgresServer(fsync=False) as server:
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
        server.halt(signal.SIGQUIT)
        server.launch()
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (1,)


def test_a_frozen_server_is_still_cleaned_up():
    with PostgresServer(fsync=False) as server:
        psycopg.connect(server.url).close()
        os.kill(server.pid, signal.SIGSTOP)
    assert not server.folder.exists()
    assert not alive(server.pid)


def test_the_server_goes_when_its_owner_is_killed():
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        pid, folder = owner.stdout.readline().split()
        owner.kill()
    wait_until(lambda: not alive(int(pid)) and not Path(folder).exists())


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def wait_until(condition: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "in vain"
        time.sleep(0.02)

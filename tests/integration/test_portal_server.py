"""The portal's process: it ends when it should, and never outlives its parent."""

import os
import signal
import socket
import subprocess
import sys
import time

import psutil  # type: ignore[import-untyped]
import pytest

from producers.worker.orphan import ORPHANED
from tests.browser.portal import Portal, free_port

SERVER = [sys.executable, "-m", "orchestration.portal.server"]
# A parent that starts the server, says which process that is, and then does nothing.
PARENT = """
import os, subprocess, sys, time
arguments = [*sys.argv[1:], "--parent", str(os.getpid())]
print(subprocess.Popen(arguments, stdin=subprocess.PIPE).pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def portal(tmp_path):
    portal = Portal(tmp_path / "log")
    portal.start()
    yield portal
    portal.kill()


def test_it_ends_in_good_order_when_it_is_told_to(portal):
    before = portal.log.read_text()
    assert portal.stop() == 0
    assert portal.log.read_text() == before


def test_it_ends_when_its_parent_lets_go_of_its_standard_input(portal):
    portal.process.stdin.close()
    assert portal.process.wait(timeout=5) == ORPHANED


def test_it_dies_with_a_parent_that_is_killed():
    port = free_port()
    arguments = [sys.executable, "-c", PARENT, *SERVER, "--port", str(port)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        assert parent.stdout
        child = psutil.Process(int(parent.stdout.readline()))
        _wait_until(lambda: _answers(port))
        parent.send_signal(signal.SIGKILL)
    psutil.wait_procs([child], timeout=5)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_it_does_not_even_start_for_a_parent_that_is_gone():
    arguments = [*SERVER, "--port", str(free_port()), "--parent", "1"]
    assert os.getpid() != 1
    assert subprocess.run(arguments, stdin=subprocess.PIPE, timeout=30).returncode == ORPHANED


def test_a_port_that_is_taken_is_said_so():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        arguments = [*SERVER, "--port", str(taken.getsockname()[1])]
        ended = subprocess.run(arguments, capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1
    assert "in use" in ended.stderr


def _answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _wait_until(true):
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_it_starts_without_what_only_some_exports_need():
    code = "import sys, igentai_site.asgi; sys.exit('pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0

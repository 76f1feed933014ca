"""The portal's server with long answers: slow readers, and answers that break off."""

import http.client
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager

import pytest

from tests.browser.portal import free_port

BLOCKS, BLOCK = 1_000, 64 * 1024
SERVER = f"""
import sys
from orchestration.portal.patience import PatientServer

sent = 0

async def application(scope, receive, send):
    global sent
    await send({{"type": "http.response.start", "status": 200, "headers": []}})
    if scope["path"] == "/long":
        sent = 0
        for _ in range({BLOCKS}):
            await send({{"type": "http.response.body", "body": bytes({BLOCK}), "more_body": True}})
            sent += 1
    elif scope["path"] == "/broken":
        await send({{"type": "http.response.body", "body": b"half", "more_body": True}})
        raise ValueError("half-way")
    await send({{"type": "http.response.body", "body": str(sent).encode()}})

PatientServer(application, endpoints=["tcp:port=" + sys.argv[1] + ":interface=127.0.0.1"]).run()
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    port = free_port()
    with (tmp_path_factory.mktemp("server") / "log").open("w") as log:
        process = subprocess.Popen([sys.executable, "-c", SERVER, str(port)], stdout=log, stderr=log)
        try:
            wait_for(port)
            yield port
        finally:
            process.kill()
            process.wait()


def wait_for(port):
    deadline = time.monotonic() + 30
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.02)


@contextmanager
def answer(port, path):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", path)
        with connection.getresponse() as response:
            yield response


def sent_so_far(port):
    with answer(port, "/sent") as response:
        return int(response.read())


def test_a_slow_reader_is_waited_for_and_holds_nobody_up(port):
    with answer(port, "/long") as long:
        long.read(1)
        # More than any buffer on the way holds is still to be written, and yet others are answered.
        assert sent_so_far(port) < BLOCKS
        assert len(long.read()) == BLOCKS * BLOCK - 1 + len(str(BLOCKS))


def test_a_reader_that_leaves_is_let_go(port):
    with answer(port, "/long"):
        pass
    assert sent_so_far(port) >= 0  # it answers others


def test_an_answer_that_breaks_off_does_not_look_whole(port):
    with answer(port, "/broken") as broken, pytest.raises(http.client.IncompleteRead) as caught:
        broken.read()
    assert caught.value.partial == b"half"
    assert sent_so_far(port) >= 0  # it goes on


def test_a_reader_without_chunks_notices_it_too(port):
    with socket.create_connection(("127.0.0.1", port), timeout=30) as old:
        old.sendall(b"GET /broken HTTP/1.0\r\n\r\n")
        with old.makefile("rb") as answer_, pytest.raises(ConnectionError):
            answer_.read()

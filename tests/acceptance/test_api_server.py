"""The API as programs meet it: a real server, the examples of docs/api.md, and streams over real sockets."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from http.client import HTTPConnection

import pytest
from django.conf import settings
from django.db import connection

from igentai_site.api.rates import MOST_STREAMS_OF_ONE
from orchestration.models import Run
from tests.acceptance.support import until
from tests.browser.portal import Portal
from tests.factories import (
    ApiTokenFactory,
    AttributeFactory,
    ProducerFactory,
    RequestFactory,
    RunFactory,
    TopicFactory,
    UserFactory,
)
from topics.models import Attribute, DesiredState, Topic

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "igentai_acceptance"
PAGE = settings.BASE_DIR / "docs" / "api.md"


@pytest.fixture
def token():
    return ApiTokenFactory(secret=SECRET, user=UserFactory(admin=True))


@pytest.fixture
def server(token, tmp_path):
    # A new one for each test: it remembers numbers of content types, which change from test to test.
    portal = Portal(tmp_path / "log")
    portal.start()
    yield portal
    portal.kill()


@pytest.fixture
def row():
    run = RunFactory(
        topic=TopicFactory(name="Paris attractions", starts=1, desired_state=DesiredState.RUNNING), number=1
    )
    return RequestFactory(producer=ProducerFactory(run=run))


def example(language):
    (code,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return code


def explore_in_place_of_the_engine():
    """Waits for the example's start, and answers it with a run that finds two entries and ends."""
    try:
        asked = Topic.objects.filter(name="Bridges of Paris", starts=1)
        until(asked.exists, seconds=60)
        topic = asked.get()
        request = RequestFactory(producer=ProducerFactory(run=RunFactory(topic=topic, number=1)))
        for text in ("Pont Neuf", "Pont Marie"):
            AttributeFactory(request=request, text=text)
        Run.objects.filter(topic=topic).update(state=Run.State.ENDED, ended_at=request.finished_at)
        Topic.objects.filter(pk=topic.pk).update(desired_state=DesiredState.STOPPED)
    finally:
        connection.close()


def run_example(command, server, folder):
    environment = {**os.environ, "IGENTAI_URL": server.url, "IGENTAI_TOKEN": SECRET}
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr + server.log.read_text()
    return done.stdout


def test_the_examples_of_the_documentation_work(server, row, tmp_path):
    entries = [AttributeFactory(request=row, text=f"Café {number}") for number in range(5)]
    said = run_example([sys.executable, "-c", example("python")], server, tmp_path)
    for entry in entries:
        assert f"{entry.pk} {entry.text} by {row.provider.name}" in said
    assert f"after = {entries[-1].pk}" in said

    assert shutil.which("curl"), "no curl: install it"
    engine = threading.Thread(target=explore_in_place_of_the_engine)
    engine.start()
    said = run_example(["bash", "-euo", "pipefail", "-c", example("sh")], server, tmp_path)
    engine.join(60)
    assert json.loads(said)["name"] == "Bridges of Paris"
    topic = Topic.objects.get(name="Bridges of Paris")
    assert (topic.target, topic.starts) == (40, 1)
    lines = (tmp_path / "bridges.ndjson").read_text().splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["Pont Neuf", "Pont Marie"]


class Stream:
    """One that is being read, a line at a time."""

    def __init__(self, server, path):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        head = f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{server.port}\r\nAuthorization: Bearer {SECRET}\r\n\r\n"
        self.socket.sendall(head.encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        while self.file.readline().strip():
            pass

    def __iter__(self):
        return (json.loads(line) for line in self.file if line.strip())

    def leave(self):
        self.file.close()
        self.socket.close()


@pytest.fixture
def read(server):
    """Opens a stream; all are closed in the end."""
    opened = []

    def read(path):
        opened.append(Stream(server, path))
        return opened[-1]

    yield read
    for stream in opened:
        stream.leave()


@pytest.fixture
def find_room(read):
    """Opens a stream as soon as there is a place for it."""

    def attempt(path):
        stream = read(path)
        assert stream.status in (200, 429)
        return stream if stream.status == 200 else None

    return lambda path: until(lambda: attempt(path), what="a place for a stream")


def test_a_refusal_has_a_reason_phrase(server, token):
    def answer():
        connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request("GET", "/api/v1/topics", headers={"Authorization": f"Bearer {SECRET}"})
        answer = connection.getresponse()
        connection.close()
        return answer

    refused = next(each for each in iter(answer, None) if each.status != 200)
    assert (refused.status, refused.reason) == (429, "Too Many Requests")
    assert int(refused.headers["Retry-After"]) > 0


def test_streams_over_the_wire(server, row, read, find_room):
    topic = row.run.topic
    Attribute.objects.bulk_create(AttributeFactory.build_batch(1200, request=row, topic=topic))
    path = f"/api/v1/topics/{topic.pk}/attributes.ndjson"

    # A whole one is the database.
    stored = list(Attribute.objects.order_by("id").values_list("id", "text"))
    assert [(entry["id"], entry["text"]) for entry in read(path)] == stored

    # One that follows has what is found meanwhile, at once, and ends with the run.
    following = read(f"{path}?follow=true&after={stored[-1][0]}")
    new = AttributeFactory(request=row, text="new")
    assert next(iter(following))["text"] == "new"
    Run.objects.update(state=Run.State.ENDED, ended_at=row.finished_at)
    Topic.objects.update(desired_state=DesiredState.STOPPED)
    assert list(following) == []

    # Whoever leaves gives the place back: more than one token may have open come one after the other.
    Run.objects.update(state=Run.State.RUNNING, ended_at=None)
    for _ in range(MOST_STREAMS_OF_ONE + 2):
        left = find_room(f"{path}?follow=true&after={stored[-1][0]}")
        assert next(iter(left))["id"] == new.pk
        left.leave()
    assert "Traceback" not in server.log.read_text()

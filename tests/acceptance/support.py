"""igentai as its users meet it: real processes, watched from outside.

Waiting is always for a condition, with a deadline that says what was waited for.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psutil  # type: ignore[import-untyped]
from django.conf import settings

from orchestration.models import Request
from producers.models import Producer, Provider, TopicProvider
from tests.factories import ProviderFactory, TopicFactory
from topics.models import Attribute, Topic

T = TypeVar("T")
MARK = "IGENTAI_TEST_MARK"
PATIENCE = 20.0
# Other tests run beside these, and whatever else the machine does: what takes so many times as long is no fault.
SLOWNESS = 6.0


class Waited(AssertionError):
    """What was waited for did not come."""


def until(true: Callable[[], T], seconds: float = PATIENCE, what: str = "") -> T:
    """The first truthy result of `true`, asked again and again; Waited after `seconds` of a machine with time."""
    deadline = time.monotonic() + seconds * SLOWNESS
    while not (result := true()):
        if time.monotonic() > deadline:
            raise Waited(f"not within {seconds:g} s: {what or getattr(true, '__doc__', None) or true}")
        time.sleep(0.02)
    return result


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass(frozen=True)
class Ended:
    """A process that is over."""

    status: int
    stdout: str
    stderr: str

    @property
    def summary(self) -> dict[str, Any]:
        """The closing summary: standard output must be one JSON object and nothing else."""
        assert self.stdout, f"no summary, status {self.status}: {self.stderr[-3000:]}"
        summary = json.loads(self.stdout)
        assert isinstance(summary, dict)
        return summary


class Orchestrator:
    """One `manage.py run_orchestrator`, under way."""

    def __init__(self, arguments: tuple[str, ...], environ: Mapping[str, str], log: Path) -> None:
        self._out, self._err = log.with_suffix(".out"), log.with_suffix(".err")
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "run_orchestrator", *arguments],
                cwd=settings.BASE_DIR,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        self.pid = self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def stderr(self) -> str:
        return self._err.read_text(errors="replace")

    def send(self, number: int) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def ended(self, seconds: float = 60.0) -> Ended:
        """Wait for the end, for `seconds` of a machine with time."""
        try:
            self._process.wait(seconds * SLOWNESS)
        except subprocess.TimeoutExpired as error:
            raise Waited(f"still running after {seconds:g} s; it said:\n{self.stderr[-3000:]}") from error
        return Ended(self._process.returncode, self._out.read_text(errors="replace"), self.stderr)

    def stopped(self, number: int = signal.SIGTERM) -> Ended:
        """Ask it to stop, in good order and in ten seconds."""
        self.send(number)
        return self.ended(10.0)


class Igentai:
    """Starts engines that share an outputs folder, and knows every process that descends from them."""

    def __init__(self, folder: Path) -> None:
        self.outputs = folder / "outputs"
        self._folder = folder
        self._started: list[Orchestrator] = []
        self._mark = uuid.uuid4().hex

    def start(self, *arguments: object, environ: Mapping[str, str] | None = None) -> Orchestrator:
        environ = {**os.environ, **(environ or {}), MARK: self._mark}
        words = ("--outputs", str(self.outputs), *map(str, arguments))
        engine = Orchestrator(words, environ, self._folder / f"engine{len(self._started)}")
        self._started.append(engine)
        return engine

    def explore(self, *arguments: object, environ: Mapping[str, str] | None = None, seconds: float = 60.0) -> Ended:
        """Batch mode, to its end."""
        return self.start(*arguments, environ=environ).ended(seconds)

    def processes(self, part: str = "") -> list[psutil.Process]:
        """Our living processes, of whatever parent, whose command line contains `part`."""
        return [process for process in psutil.process_iter() if self._is_ours(process, part)]

    def workers(self) -> list[psutil.Process]:
        return self.processes("producers.worker")

    def clean_up(self) -> list[str]:
        """Kill what is left; returns the command lines of processes that nobody tends any more."""
        for engine in self._started:
            with suppress(ProcessLookupError):
                engine.kill()
        with suppress(Waited):
            until(lambda: not self.processes(), 2.0)
        left = self.processes()
        words = [str(command_line(process)) for process in left]
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        return words

    def lines(self, topic: Topic) -> list[str]:
        """The lines of a topic's output.txt."""
        return read_lines(self.outputs / topic.folder / "output.txt")

    def read(self, topic: Topic, name: str) -> Any:
        return json.loads((self.outputs / topic.folder / name).read_text())

    def _is_ours(self, process: psutil.Process, part: str) -> bool:
        with suppress(psutil.Error):
            ours = process.environ().get(MARK) == self._mark and process.status() != psutil.STATUS_ZOMBIE
            return ours and part in " ".join(command_line(process))
        return False


def command_line(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return list(process.cmdline())
    return []


def read_lines(path: Path) -> list[str]:
    """The lines of a file whose every line must be whole."""
    *lines, rest = path.read_text().split("\n")
    assert rest == ""
    return lines


# ------------------------------------------------------------------------------------------------- rows


def fast_provider(name: str = "fast", **options: object) -> Provider:
    """A simulated provider that answers at once and without errors, from a large world."""
    options = {"latency": 0, "errors": 0, "world_size": 5_000, **options}
    return ProviderFactory(name=name, model="strong", options=options)


def steady_provider() -> Provider:
    """A simulated provider that does not run dry within a minute, however fast the machine is."""
    return fast_provider(latency=0.05, world_size=20_000)


def wanted_topic(provider: Provider, **fields: object) -> Topic:
    """A topic that should be running, as people ask for it in the portal."""
    topic = TopicFactory(**fields)
    TopicProvider.objects.create(topic=topic, provider=provider)
    wish(topic).start_over()
    return topic


def wish(topic: Topic) -> Any:
    """The topic, to want something of it."""
    return Topic.objects.filter(pk=topic.pk)


def newest_run(topic: Topic) -> Any:
    """The newest run, or None."""
    return topic.runs.order_by("-number").first()


def settled(topic: Topic, igentai: Igentai) -> bool:
    """The newest start was answered by a run that is over, down to its files."""
    topic.refresh_from_db()
    run = newest_run(topic)
    if run is None or run.number != topic.starts or run.ended_at is None:
        return False
    with suppress(FileNotFoundError):
        state = igentai.read(topic, "state.json")
        return bool((state["run"], state["state"]) == (run.number, run.state))
    return False


def texts(topic: Topic) -> list[str]:
    """The list in the database, in the order of commits."""
    return list(Attribute.objects.filter(topic=topic).order_by("id").values_list("text", flat=True))


def requests_made() -> int:
    return Request.objects.count()


def producers_of(topic: Topic) -> dict[int, Producer]:
    """The producers of the newest run, by slot."""
    run = newest_run(topic)
    return {row.slot: row for row in Producer.objects.filter(run=run)} if run else {}

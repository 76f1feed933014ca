"""A portal process and a browser for tests that look at real pages."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.conf import settings
from django.db import connections

T = TypeVar("T")
START_SECONDS = 30.0
EXECUTABLES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def browser_executable() -> str | None:
    return next(filter(None, map(shutil.which, EXECUTABLES)), None)


class DatabaseThread:
    """Playwright's synchronous interface runs an event loop in our thread, where Django refuses to query."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1)

    def __call__(self, work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return self._thread.submit(work, *args, **kwargs).result()

    def close(self) -> None:
        self._thread.submit(connections.close_all).result()
        self._thread.shutdown()


class Portal:
    """The real server process, on a port that it keeps when it is started again."""

    def __init__(self, log: Any) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def make_sure_it_runs(self) -> None:
        if self.process is None or self.process.poll() is not None:
            self.start()

    def start(self) -> None:
        # DATABASE_URL names the test database: the plugin tests.databases sees to that.
        environment = {**os.environ, "DJANGO_SECRET_KEY": settings.SECRET_KEY}
        with self.log.open("ab") as log:
            server = [sys.executable, "-m", "orchestration.portal.server"]
            self.process = subprocess.Popen(
                [*server, "--port", str(self.port), "--parent", str(os.getpid())],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=environment,
                cwd=settings.BASE_DIR,
            )
        self.wait_until_it_listens()

    def wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError as error:
                ended = self.process is None or self.process.poll() is not None
                if ended or time.monotonic() > deadline:
                    raise AssertionError(f"the portal did not start:\n{self.log.read_text()}") from error
                time.sleep(0.02)

    def kill(self) -> None:
        """As the kernel does when memory is short."""
        if self.process:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def stop(self) -> int:
        """End it in good order; its exit status."""
        assert self.process
        self.process.terminate()
        status = self.process.wait(timeout=5)
        self.process.communicate()
        self.process = None
        return status


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

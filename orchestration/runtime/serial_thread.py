"""One thread that does one thing after another, for work that must not run on the event loop."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, ParamSpec, TypeVar

logger = logging.getLogger(__name__)

WAITING_CALLS = 1_000

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class SerialThread:
    """Runs calls in the order they are given. A daemon: a call that hangs cannot keep the process alive.

    Callers of `call` wait for it, so there are as many as their tasks; of those given to `post`, 1,000 may wait.
    """

    def __init__(self, name: str) -> None:
        self._calls: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = queue.SimpleQueue()
        threading.Thread(target=self._work, name=name, daemon=True).start()

    async def call(
        self, function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Result:
        """What `function` returns or raises, from the thread."""
        future: Future[Result] = Future()
        self._calls.put((future, lambda: function(*args, **kwargs)))
        return await asyncio.wrap_future(future)

    def post(
        self, function: Callable[Parameters, object], *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> bool:
        """Have `function` called without waiting for it; False, and nothing is done, when too much is waiting."""
        if self._calls.qsize() >= WAITING_CALLS:
            return False
        future: Future[object] = Future()
        future.add_done_callback(_report_failure)
        self._calls.put((future, lambda: function(*args, **kwargs)))
        return True

    def _work(self) -> None:
        while True:
            future, function = self._calls.get()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(function())
            except BaseException as error:  # the caller's to handle, whatever it is
                future.set_exception(error)
            del future, function


def _report_failure(future: Future[object]) -> None:
    if (error := future.exception()) is not None:
        logger.error("a call that nobody waits for failed", exc_info=error)

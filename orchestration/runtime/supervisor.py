"""Keeps one child process alive: starts it, restarts it with back-off, and stops it with its whole group."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from orchestration.key_names import without_keys
from orchestration.logic.lifecycle import REDEEMED, Lives, after_life, restart_delay

logger = logging.getLogger(__name__)

ASK_SECONDS = 4.0
TERM_SECONDS = 4.0
EXIT_SECONDS = 0.05  # between two looks at whether the child has exited
TAIL_BYTES = 2_000
KEY_SUFFIX = "_API_KEY"


class ChildState(StrEnum):
    STARTING = "starting"
    RUNNING = "running"
    BACKING_OFF = "backing_off"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Command:
    """A child process: its arguments, what it reads first from standard input, and its environment (None: ours)."""

    arguments: Sequence[str]
    first_input: bytes = b""
    directory: str | None = None
    environment: Mapping[str, str] | None = None


class Supervised:
    """One child and its successors.

    `command` is called for each life, so that each gets a fresh token. Output of the child is drained always and
    kept as a short tail, so that a flood of it neither blocks the child nor fills a log.
    """

    def __init__(self, name: str, command: Callable[[], Command]) -> None:
        self._name = name
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self._roused = asyncio.Event()  # no need to wait for the next life any more
        self._asked_anew = False
        self._reason = ""
        self._tail = b""
        self.lives = Lives()
        self.state = ChildState.STARTING
        self.detail = ""
        self.started_at = time.monotonic()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def restarts(self) -> int:
        return self.lives.restarts

    async def run(self) -> None:
        """Live until `stop`, or until five short lives in a row."""
        while not self._stopping.is_set():
            seconds, ended = await self._live()
            if self._stopping.is_set():
                break
            if self._asked_anew:
                logger.info("%s is started anew, as people asked", self._name)
                continue
            self.lives = after_life(self.lives, seconds)
            logger.warning("%s %s", self._name, ended)
            if self.lives.failed:
                self._become(ChildState.FAILED, f"gave up after repeated early ends: {ended}")
                return
            self._become(ChildState.BACKING_OFF, ended)
            await self._pause(restart_delay(self.lives, random.random()))  # noqa: S311 - jitter
        self._become(ChildState.STOPPED, "")

    async def stop(self, ask: Callable[[], None] | None = None) -> None:
        """End the child: ask, then TERM, then KILL its group; 8 s at most until the KILL."""
        self._stopping.set()
        self._roused.set()
        await self._end(self._process, ask)

    async def restart(self, ask: Callable[[], None] | None = None) -> None:
        """End this life in the same way and begin the next one at once, its past redeemed.

        One that has given up is ready for another `run` afterwards.
        """
        self.lives = REDEEMED
        self._roused.set()
        if (process := self._process) is not None:
            self._asked_anew = True
            await self._end(process, ask)

    async def _end(self, process: asyncio.subprocess.Process | None, ask: Callable[[], None] | None) -> None:
        if ask is not None and process is not None:
            ask()
            if await self._ended_within(ASK_SECONDS, process):
                return
        self._signal(signal.SIGTERM, process)
        if not await self._ended_within(TERM_SECONDS, process):
            self._signal(signal.SIGKILL, process)

    def kill(self, reason: str) -> None:
        """End this life at once, for a reason that is shown; the next begins as after a crash."""
        self._reason = reason
        self._signal(signal.SIGKILL, self._process)

    def mark_running(self) -> None:
        """The child has shown that it works."""
        self._become(ChildState.RUNNING, "")

    async def _live(self) -> tuple[float, str]:
        self._become(ChildState.STARTING, self.detail)
        self._reason, self._tail, self._asked_anew = "", b"", False
        self.started_at = time.monotonic()
        command = self._command()
        try:
            self._process = process = await _spawn(command)
        except OSError as error:
            return 0.0, f"cannot be started: {error}"
        if self._stopping.is_set():
            self._signal(signal.SIGKILL, process)  # the stop came while it was being born and could not reach it
        try:
            _give(process, command.first_input)
            await self._drain(process)
            status = await _exit_of(process)
        finally:
            # The group outlives its leader when a grandchild was left behind.
            self._signal(signal.SIGKILL, process)
            self._process = None
        return time.monotonic() - self.started_at, self._reason or _ending(status, self._tail)

    async def _drain(self, process: asyncio.subprocess.Process) -> None:
        # In chunks, never lines: a line may be longer than any buffer.
        output = process.stdout
        assert output is not None  # noqa: S101 - it was opened as a pipe
        exited = asyncio.ensure_future(_exit_of(process))
        try:
            while chunk := await _read_or_exit(output, exited):
                self._tail = (self._tail + chunk)[-TAIL_BYTES:]
        finally:
            exited.cancel()

    async def _ended_within(self, seconds: float, process: asyncio.subprocess.Process | None) -> bool:
        # This very process: the next one may be there already.
        deadline = time.monotonic() + seconds
        while process is not None and self._process is process and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        return process is None or self._process is not process

    async def _pause(self, seconds: float) -> None:
        self._roused.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._roused.wait(), seconds)

    def _signal(self, number: int, process: asyncio.subprocess.Process | None) -> None:
        if process is not None and self._process is process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, number)

    def _become(self, state: ChildState, detail: str) -> None:
        self.state, self.detail = state, detail


def environment_without_keys() -> dict[str, str]:
    """Ours, for a child that calls no provider and so shall not hold their keys, only know which are set."""
    return without_keys(os.environ, KEY_SUFFIX)


async def _spawn(command: Command) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *command.arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=command.directory,
        env=command.environment,
        start_new_session=True,  # a group of its own: a terminal's Ctrl-C reaches only the engine
    )


async def _exit_of(process: asyncio.subprocess.Process) -> int:
    # Not `process.wait()`: that also waits for the end of the output, which a grandchild may hold open.
    while process.returncode is None:
        await asyncio.sleep(EXIT_SECONDS)
    return process.returncode


def _give(process: asyncio.subprocess.Process, data: bytes) -> None:
    # The pipe stays open: its end tells the child that the engine is gone.
    assert process.stdin is not None  # noqa: S101 - it was opened as a pipe
    process.stdin.write(data)


async def _read_or_exit(output: asyncio.StreamReader, exited: asyncio.Future[int]) -> bytes:
    """The next output, or nothing once the child has exited, even if a grandchild holds the pipe open."""
    reading = asyncio.ensure_future(output.read(65_536))
    await asyncio.wait([reading, exited], return_when=asyncio.FIRST_COMPLETED)  # type: ignore[type-var]
    if reading.done():
        return reading.result()
    await asyncio.wait([reading], timeout=0.2)  # what it said last
    if reading.done():
        return reading.result()
    reading.cancel()
    return b""


def _ending(status: int, tail: bytes) -> str:
    if status < 0:
        return f"ended by signal {-status}"  # what it said last has nothing to do with it
    words = f"ended with status {status}"
    last = tail.decode(errors="replace").strip().splitlines()[-1:]
    said = "".join(character for character in "".join(last) if character.isprintable())[:300]
    return f"{words}: {said}" if said else words

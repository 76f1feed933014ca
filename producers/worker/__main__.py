"""`python -m producers.worker`: reads its configuration from the first line of standard input, then works."""

from __future__ import annotations

import asyncio
import signal
import sys

import msgspec

from producers.link.client import LinkClient, TokenRefused
from producers.link.outbox import Outbox
from producers.worker.configuration import WorkerConfig
from producers.worker.orphan import die_at_end_of_input, die_with_parent
from producers.worker.worker import Worker

WRONG_CONFIGURATION = 2
REFUSED = 3


def main() -> int:
    try:
        config = msgspec.json.decode(_first_line(), type=WorkerConfig)
    except msgspec.DecodeError as error:
        print(f"producer: standard input must begin with a line of JSON: {error}", file=sys.stderr)  # noqa: T201
        return WRONG_CONFIGURATION
    die_with_parent(config.parent_pid)
    die_at_end_of_input()
    try:
        asyncio.run(_work(config))
    except TokenRefused:
        print("producer: the engine refused the token", file=sys.stderr)  # noqa: T201
        return REFUSED
    return 0


async def _work(config: WorkerConfig) -> None:
    link = LinkClient(config.link_url, config.token, Outbox())
    worker = Worker(link)
    working = asyncio.create_task(worker.run())
    companions = [
        asyncio.create_task(link.run(worker.receive)),
        asyncio.create_task(worker.beat(config.heartbeat_seconds)),
    ]
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
    try:
        done, _ = await asyncio.wait([working, *companions], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if not task.cancelled():
                task.result()  # a companion that ended takes the worker down, visibly
    finally:
        for task in [working, *companions]:
            task.cancel()
        await asyncio.gather(working, *companions, return_exceptions=True)


def _first_line() -> bytes:
    # Unbuffered: what follows belongs to the watch for the end of input.
    with open(0, "rb", buffering=0, closefd=False) as source:
        return source.readline()


if __name__ == "__main__":
    sys.exit(main())

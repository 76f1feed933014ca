"""Database reads off the event loop.

Not through Django's thread-sensitive executor: it is one thread that all sync views share, and a slow one of
those would stall every live page. Pollers have threads of their own, so that no crowd of reconnecting viewers
delays them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
T = TypeVar("T")

POLLERS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="portal-poller")
VIEWERS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="portal-viewer")


async def in_thread(executor: ThreadPoolExecutor, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`read(...)` in a thread of `executor`, with a connection that works, and without leaving one open."""

    def fresh() -> T:
        close_old_connections()
        try:
            return read(*args, **kwargs)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(executor, fresh)

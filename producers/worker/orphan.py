"""A child of the engine must not outlive it, even when the engine is killed without a word.

Two nets. On Linux the kernel is asked to kill this process when its parent dies; it holds even for a stopped or
hung process. Everywhere, the end of standard input means that the engine is gone: it holds the other end.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading

PR_SET_PDEATHSIG = 1
ORPHANED = 4


def die_with_parent(parent_pid: int | None) -> None:
    """Ask the kernel to kill this process with its parent; leave at once when the parent is gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # The parent may have died before the call above; then nobody would tell us.
    if parent_pid is not None and os.getppid() != parent_pid:
        os._exit(ORPHANED)


def die_at_end_of_input() -> None:
    """Leave when standard input ends. In a thread, so that a hung event loop does not matter."""
    threading.Thread(target=_read_to_the_end, name="engine watch", daemon=True).start()


def _read_to_the_end() -> None:
    while os.read(0, 4096):
        pass
    os._exit(ORPHANED)

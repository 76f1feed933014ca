"""Run a command so that a Ctrl-C at the terminal reaches it alone: foreground.py COMMAND...

GNU make dies of a SIGINT that it receives itself, and so reports status 130 however well the command ended.
In a terminal's foreground the command therefore gets a process group of its own, as a shell gives its jobs,
and its status becomes ours. Anywhere else (no terminal, a background job) there is nothing to shield: the
command takes our place.
"""

import contextlib
import os
import signal
import subprocess
import sys
from types import FrameType


def main(command: list[str]) -> int:
    terminal = controlling_terminal()
    if terminal is None or not in_foreground(terminal, os.getpgrp()):
        os.execvp(command[0], command)  # noqa: S606 - the command is the Makefile's own
    child = subprocess.Popen(command, process_group=0).pid  # noqa: S603 - as above
    forward_signals(child)
    # Whoever hands over the terminal from the background is stopped by SIGTTOU, unless it is ignored.
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        return wait(child, terminal)
    finally:
        hand_over(terminal, child, os.getpgrp())


def controlling_terminal() -> int | None:
    try:
        return os.open("/dev/tty", os.O_RDWR)
    except OSError:
        return None


def in_foreground(terminal: int, group: int) -> bool:
    return os.tcgetpgrp(terminal) == group


def hand_over(terminal: int, giver: int, taker: int) -> None:
    with contextlib.suppress(OSError):  # the terminal or the group is gone: nothing left to arrange
        if in_foreground(terminal, giver):
            os.tcsetpgrp(terminal, taker)


def forward_signals(child: int) -> None:
    def forward(number: int, frame: FrameType | None) -> None:
        os.kill(child, number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, forward)


def wait(child: int, terminal: int) -> int:
    """The child's exit status. A Ctrl-Z suspends us and make as well, until the shell resumes all three."""
    while True:
        hand_over(terminal, os.getpgrp(), child)
        os.killpg(child, signal.SIGCONT)
        _, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code
        hand_over(terminal, child, os.getpgrp())
        os.killpg(0, signal.SIGTSTP)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Where an engine's portal is: from the flags of its command line, be it ours or that of one that runs already."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from orchestration.lease import Owner, process_start

COMMAND = "run_orchestrator"
USUAL_PORT = 8000


def port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65_535:
        raise argparse.ArgumentTypeError("must be from 0 to 65535")
    return number


def add_portal_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-p", "--port", type=port, help=f"the portal's port; 0: no portal ({USUAL_PORT})")
    parser.add_argument("--bind", default="127.0.0.1", help="the portal's address (127.0.0.1)")


def portal_port(number: int | None, *, in_batch: bool) -> int:
    """0: no portal, which is what batch mode has where nothing is said."""
    return number if number is not None else (0 if in_batch else USUAL_PORT)


def portal_url(bind: str, number: int) -> str:
    host = f"[{bind}]" if ":" in bind else bind
    return f"http://{host}:{number}/"


def portal_of(owner: Owner) -> str:
    """The URL of another engine's portal; empty where it has none, or where its process cannot be looked at."""
    if not owner.process_started or process_start(owner.pid) != owner.process_started:
        return ""  # of another machine: what has its number here is something else
    try:
        words = Path(f"/proc/{owner.pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return ""
    return portal_by_flags(words[words.index(COMMAND) + 1 :]) if COMMAND in words else ""


def portal_by_flags(words: Sequence[str]) -> str:
    """Empty where they ask for none. Flags that are not of the portal are passed over."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    add_portal_arguments(parser)
    parser.add_argument("--topic")
    try:
        flags, _ = parser.parse_known_args(words)
    except argparse.ArgumentError:
        return ""
    number = portal_port(flags.port, in_batch=flags.topic is not None)
    return portal_url(flags.bind, number) if number else ""

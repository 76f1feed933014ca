"""`python -m orchestration.portal.server`: the portal as a process of its own, which the engine supervises.

With `--parent PID` it never outlives that process: the kernel kills it when its parent dies (on Linux), and
it ends when its standard input does, which the parent holds open.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import warnings
from collections.abc import Sequence
from http import HTTPStatus

from orchestration.wrong_settings import explained
from producers.worker.orphan import die_at_end_of_input, die_with_parent

SHUTDOWN_SECONDS = 0.8
# Frames are limited as they come in, messages in both directions: the longest page of entries has half a limit.
MAX_FRAME_BYTES = 4096
MAX_MESSAGE_BYTES = 4 * 1024 * 1024
FOREVER = -1


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop; 0 when it was told to, 1 when it could not listen. Wrong settings: status 2."""
    options = parse(arguments)
    if options.parent:
        die_with_parent(options.parent)
        die_at_end_of_input()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "igentai_site.settings")
    # Static files are small and read at once, which is what Django warns of here.
    warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
    with explained():
        return serve(options.bind, options.port)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m orchestration.portal.server", description=__doc__)
    parser.add_argument("--bind", default="127.0.0.1", metavar="ADDRESS", help="default: %(default)s")
    parser.add_argument("--port", type=int, default=8000, help="default: %(default)s")
    parser.add_argument("--parent", type=int, metavar="PID", help="end when this process does")
    return parser.parse_args(arguments)


def serve(bind: str, port: int) -> int:
    # Here, since importing daphne sets up Twisted's reactor.
    from channels.routing import get_default_application
    from daphne.endpoints import build_endpoint_description_strings
    from orchestration.portal.patience import PatientServer  # isort: skip - daphne before the reactor
    from twisted.internet import reactor
    from twisted.web.http import RESPONSES

    # Twisted knows no phrase for some that we answer with, 429 among them.
    RESPONSES.update({status.value: status.phrase.encode() for status in HTTPStatus if status not in RESPONSES})
    server = PatientServer(
        application=get_default_application(),
        endpoints=build_endpoint_description_strings(host=bind, port=port),
        websocket_timeout=FOREVER,
        ping_interval=20,
        ping_timeout=20,
        websocket_max_message_size=MAX_MESSAGE_BYTES,
        websocket_max_frame_size=MAX_FRAME_BYTES,
        application_close_timeout=2,
        verbosity=0,
        server_name="igentai",
    )
    reactor.addSystemEventTrigger("before", "shutdown", end_soon)  # type: ignore[arg-type]
    server.run()
    return 0 if server.listening_addresses else 1


def end_soon() -> None:
    """Daphne waits for every page under way, without a limit; we do not."""
    timer = threading.Timer(SHUTDOWN_SECONDS, os._exit, [0])
    timer.daemon = True
    timer.start()


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not waiting for threads that may be waiting for a database: nothing here is unsaved.
    os._exit(status)

#!/usr/bin/env python
"""Django's command line for igentai."""

import os
import signal
import sys


def leave_in_good_order(*_: object) -> None:
    """Nothing has begun yet, so there is nothing to bring to an end."""
    os._exit(0)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "igentai_site.settings")
    if sys.argv[1:2] == ["run_orchestrator"]:
        # Loading Django takes most of a second, in which a Ctrl-C must not end in a traceback.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, leave_in_good_order)

    from django.core.management import execute_from_command_line

    from orchestration.wrong_settings import explained

    with explained():
        execute_from_command_line(sys.argv)

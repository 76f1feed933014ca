"""The portal as a child of the engine."""

from __future__ import annotations

import os
import sys

from django.conf import settings

from orchestration.runtime.supervisor import Command, Supervised, environment_without_keys


def portal_process(bind: str, port: int) -> Supervised:
    """A portal that listens there once it is run, and is started again when it dies."""
    return Supervised("portal", lambda: _command(bind, port))


def _command(bind: str, port: int) -> Command:
    module = "orchestration.portal.server"
    return Command(
        arguments=(sys.executable, "-m", module, f"--bind={bind}", f"--port={port}", f"--parent={os.getpid()}"),
        directory=str(settings.BASE_DIR),
        environment=environment_without_keys(),
    )

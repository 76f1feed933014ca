"""aimock, a scripted server of another origin. Its reply depends on the model, as tests/aimock/answers.json says.

It runs on Node.js; scripts/setup installs both where they are missing.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

HOME = Path(sys.prefix) / "aimock"
PROGRAM = HOME / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
ANSWERS = Path(__file__).parent.parent / "aimock" / "answers.json"


@dataclass(frozen=True)
class Aimock:
    """A server that runs, at `url`."""

    url: str

    def requests(self, model: str) -> list[dict[str, Any]]:
        """Every request for `model` so far, as aimock understood it."""
        with build_opener(ProxyHandler({})).open(f"{self.url}/__aimock/journal") as response:
            journal = json.load(response)
        return [entry for entry in journal if entry["body"]["model"] == model]


@contextmanager
def running_aimock() -> Iterator[Aimock]:
    """Start it on a free port, and end it."""
    command = [str(HOME / "node"), str(PROGRAM), "--port", "0", "--fixtures", str(ANSWERS), "--validate-on-load"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield Aimock(_address(process))
        finally:
            process.terminate()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if found := re.search(r"listening on (http://\S+)", line):
            return found[1]
    raise RuntimeError(f"aimock did not start: {said}")

"""Django's secret key for an installation that was given none."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from django.core.management.utils import get_random_secret_key


def stored_secret_key(path: Path) -> str:
    """The key kept in `path`, made on first use and readable by its owner only."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    # Written first and named afterwards: nobody reads half a key. Of two first starts one takes the name.
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # for its owner only
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(get_random_secret_key())
        with suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        os.unlink(temporary)
    return path.read_text().strip()

"""Settings that cannot be read, as people read it. Imported before any settings are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

WRONG_ENVIRONMENT = 2


@contextmanager
def explained() -> Iterator[None]:
    """Settings that cannot be read end the process with one line that says why, and status 2; all else is raised."""
    try:
        yield
    except ImproperlyConfigured as error:
        if settings.configured:
            raise  # the settings were read: it is a fault of something else
        print(f"igentai cannot start: {error}", file=sys.stderr)  # noqa: T201 - nothing else is set up yet
        sys.exit(WRONG_ENVIRONMENT)

"""Static files, compressed once and kept: WhiteNoise itself sends compressed only what was collected before.

The copies lie under the hash of what they hold, made when a browser first asks. So there is nothing to collect after
an upgrade, and nothing old is ever served.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

logger = logging.getLogger(__name__)

COMPRESSIBLE = (".css", ".js", ".json", ".mjs", ".svg", ".txt", ".html")
SMALLEST = 512
# What WhiteNoise works out for each variant of a file.
WORKED_OUT = frozenset({"Content-Length", "Content-Encoding", "Last-Modified", "ETag", "Vary"})


class CompressedStaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]
    """Gives each static file that is worth it a compressed copy, when it is first asked for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._plain: dict[str, str] = {}
        super().__init__(*args, **kwargs)

    def add_file_to_dictionary(self, url: str, path: str, stat_cache: Any = None) -> None:
        super().add_file_to_dictionary(url, path, stat_cache=stat_cache)
        if path.endswith(COMPRESSIBLE) and os.stat(path).st_size >= SMALLEST:
            self._plain[url] = path

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if path := self._plain.pop(request.path_info, ""):
            self._compress(request.path_info, path)
        response: HttpResponse = super().__call__(request)
        return response

    def _compress(self, url: str, path: str) -> None:
        alternatives = self.files[url].alternatives
        if len(alternatives) > 1:
            return  # a compressed copy stands beside it
        try:
            copy = compressed_copy(Path(path), settings.VAR_DIR / "compressed")
        except OSError as error:
            logger.warning("%s is sent as it is: %s", url, error)
            return
        [(_, _, headers)] = alternatives
        kept = [header for header in headers if header[0] not in WORKED_OUT]
        self.files[url] = StaticFile(path, kept, encodings={"gzip": str(copy)})


def compressed_copy(path: Path, folder: Path) -> Path:
    """The path of a compressed copy of the file, made now or earlier."""
    data = path.read_bytes()
    copy = folder / f"{hashlib.sha256(data).hexdigest()}.gz"
    if not copy.exists():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = copy.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(gzip.compress(data, 9, mtime=0))
        unfinished.replace(copy)
    return copy

"""Bytes to a browser, off the event loop and one piece at a time.

An async generator, as Django would gather a plain one whole before it sends the first byte. The threads are exports'
own, so that no download delays the live pages, and their connections are closed after each piece.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.db import close_old_connections
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from topics.exports.formats import Format
from topics.exports.producing import Production

READERS = ThreadPoolExecutor(max_workers=3, thread_name_prefix="export-reader")
BLOCK = 128 * 1024


async def each_in_thread(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces, each made in a thread when it is asked for."""

    def following() -> bytes | None:
        close_old_connections()
        try:
            return next(pieces, None)
        finally:
            close_old_connections()

    loop = asyncio.get_running_loop()
    while (piece := await loop.run_in_executor(READERS, following)) is not None:
        if piece:
            yield piece


def made_now(production: Production) -> AsyncIterator[bytes]:
    return each_in_thread(piece.data for piece in production.pieces())


def from_file(path: Path) -> AsyncIterator[bytes]:
    """Raises FileNotFoundError, at once."""
    path.stat()

    def blocks() -> Iterator[bytes]:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                yield block

    return each_in_thread(blocks())


def download(pieces: AsyncIterator[bytes], format_: Format, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type=format_.content_type)
    filename = f"{name}.{format_.extension}"
    response["Content-Disposition"] = content_disposition_header(True, filename) or "attachment"
    # A proxy that gathers the answer would take away what streaming gives.
    response["X-Accel-Buffering"] = "no"
    return response

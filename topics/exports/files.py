"""The folder of made exports. Names in it are ours, random, and never from what people typed."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Written:
    name: str
    size: int
    sha256: str


def folder() -> Path:
    path = Path(settings.IGENTAI_EXPORTS)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def path_of(name: str) -> Path:
    return folder() / name


def write(pieces: Iterable[bytes], extension: str) -> Written:
    """A new file, whole and on the disk; nothing is left of one that could not be finished."""
    name = f"{secrets.token_hex(16)}.{extension}"
    temporary = path_of(f".{name}.part")
    digest = hashlib.sha256()
    try:
        with temporary.open("xb") as file:
            temporary.chmod(0o600)
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
            size = file.tell()
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path_of(name))
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _sync_folder()
    return Written(name, size, digest.hexdigest())


def remove(name: str) -> None:
    if name:
        path_of(name).unlink(missing_ok=True)


def strays(known: set[str], before: float) -> list[str]:
    """Files that belong to no export and were last written before that time (seconds since the epoch)."""
    found = []
    for path in folder().iterdir():
        with suppress(FileNotFoundError):
            if path.name not in known and path.stat().st_mtime < before:
                found.append(path.name)
    return found


def _sync_folder() -> None:
    descriptor = os.open(folder(), os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

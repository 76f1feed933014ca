"""Which keys there are, for a process that must not have them: their names alone."""

from __future__ import annotations

from collections.abc import Mapping

VARIABLE = "IGENTAI_KEYS_SET"  # the engine tells its portal


def without_keys(environ: Mapping[str, str], suffix: str) -> dict[str, str]:
    """The environment for a process that calls no provider: no key, but the names of those that are set."""
    kept = {name: value for name, value in environ.items() if not name.endswith(suffix)}
    names = sorted(name for name, value in environ.items() if name.endswith(suffix) and value.strip())
    return {**kept, VARIABLE: ",".join(names)}


def is_set(name: str, environ: Mapping[str, str]) -> bool | None:
    """Whether the key is set here, or where the engine runs; None: this process has not been told."""
    if environ.get(name, "").strip():
        return True
    if VARIABLE not in environ:
        return None
    return name in environ[VARIABLE].split(",")

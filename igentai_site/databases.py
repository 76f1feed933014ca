"""Database settings from DATABASE_URL, with the options that make SQLite fit for several processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

# Measured: with Django's defaults half of the writes of six writers fail; with these options none does.
# FULL makes a commit survive power loss, as an acknowledgement promises.
# A checkpoint every 16,000 pages (64 MB): a commit of the engine may fill the usual 1,000 by itself, and each would
# then write its pages to the file, many of them pages of the commit before.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=16000; "
        "PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32768"
    ),
}
NO_ADDRESS = (
    "DATABASE_URL is no address of a database: use postgresql://user:password@host:5432/name or "
    "sqlite:////folder/file.sqlite3 (special characters of a password as %40), or unset it for SQLite in var/"
)


def database_settings(url: str | None, default_file: Path) -> dict[str, Any]:
    """Django's settings of the database at `url`; SQLite in `default_file` when it is empty.

    Raises ImproperlyConfigured, which never holds the password.
    """
    if not url:
        default_file.parent.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{default_file}"
    try:
        settings: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=0))
    except ValueError:  # not chained, as the words of a library may hold the password
        raise ImproperlyConfigured(NO_ADDRESS) from None
    if settings["ENGINE"].endswith("sqlite3"):
        settings["OPTIONS"] = SQLITE_OPTIONS
        if settings["NAME"] != ":memory:":
            # The engine's children run in another folder than it may have been started in.
            settings["NAME"] = str(Path(settings["NAME"]).resolve())
    else:
        settings["OPTIONS"] = {**settings.get("OPTIONS", {}), "connect_timeout": 5}
    return settings

"""Moments as pages carry them. Pure."""

from __future__ import annotations

from datetime import UTC, datetime


def exact(at: datetime | None) -> str:
    """In UTC, to the millisecond; nothing where there is none."""
    return "" if at is None else at.astimezone(UTC).isoformat(timespec="milliseconds")

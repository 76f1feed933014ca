"""Typed readers of environment variables: a wrong value is named, with what would be right."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off", ""})


def read_bool(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    """The truth of variable `name`; `default` when it is unset. Raises ImproperlyConfigured."""
    word = environ.get(name)
    if word is None:
        return default
    if word.strip().lower() in TRUE_WORDS:
        return True
    if word.strip().lower() in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name}={word!r} is neither true nor false; use 1 or 0")


def read_list(environ: Mapping[str, str], name: str) -> list[str]:
    """The comma-separated words of variable `name`; empty when it is unset."""
    return [word.strip() for word in environ.get(name, "").split(",") if word.strip()]


def read_amount(environ: Mapping[str, str], name: str) -> Decimal | None:
    """The amount of money in variable `name`, 0 or more; None when it is unset. Raises ImproperlyConfigured."""
    word = environ.get(name, "").strip()
    if not word:
        return None
    try:
        amount = Decimal(word)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise ImproperlyConfigured(f"{name}={word!r} is no amount; use a number such as 5 or 0.50")
    return amount


def read_seconds(environ: Mapping[str, str], name: str, *, default: float) -> float:
    """The seconds in variable `name`, more than 0; `default` when it is unset. Raises ImproperlyConfigured."""
    word = environ.get(name, "").strip()
    try:
        seconds = float(word) if word else default
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise ImproperlyConfigured(f"{name}={word!r} is no number of seconds; use a number such as 120")
    return seconds

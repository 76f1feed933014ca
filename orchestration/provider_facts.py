"""What there is to say of a configured provider: its key, its price, its health. Never the key itself."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import SplitResult, urlsplit

from orchestration.models import ProviderHealth
from orchestration.prices import rates_of
from producers.link.messages import ProviderSpec
from producers.models import Provider
from producers.providers.vendors import VENDORS


@dataclass(frozen=True, slots=True)
class Key:
    """The variable whose key a provider is called with (empty: none), and whether this process has it.

    `needed` is False where the server may do without, as many that imitate OpenAI do.
    """

    variable: str = ""
    present: bool = False
    needed: bool = False

    @property
    def state(self) -> str:
        if not self.variable:
            return "none needed"
        if self.present:
            return "present"
        return "missing" if self.needed else "not set"

    @property
    def is_elsewhere(self) -> bool:
        """Whether a key may be sent that the engine may have, and this process has not."""
        return bool(self.variable) and not self.present

    @property
    def words(self) -> str:
        return f"{self.state}: {self.variable}" if self.variable else self.state


def key_of(provider: Provider, environ: Mapping[str, str]) -> Key:
    """Which key a call would use: a vendor's key goes to the vendor's address alone."""
    vendor = VENDORS.get(provider.kind)
    if vendor is None:
        return Key()
    usual = environ.get(vendor.base_url_variable, "").strip()
    own, base_url = provider.key_variable, provider.base_url.strip()
    leads_home = _host(base_url or usual or vendor.key_host) == vendor.key_host
    if own:
        return Key(own, _has(environ, own), needed=True)
    if leads_home or not base_url or _same(base_url, usual):
        return Key(vendor.key_variable, _has(environ, vendor.key_variable), needed=leads_home)
    return Key()


def command_to_test(provider: Provider, environ: Mapping[str, str]) -> str:
    """What tests the provider where its key is; empty where this process can do so itself."""
    if not key_of(provider, environ).is_elsewhere:
        return ""
    return f"manage.py providers test {shlex.quote(printable(provider.name, 100))}"


def price_words(provider: Provider) -> str:
    """The price, in USD per million tokens in and out."""
    rates = rates_of(provider)
    if rates is None:
        return "unknown: state a rate"
    if not rates.tokens_in and not rates.tokens_out:
        return "free"
    price = f"{_usd(rates.tokens_in)}/{_usd(rates.tokens_out)}"
    return f"{price} simulated" if provider.is_simulated else price


def health_of(provider: Provider) -> ProviderHealth | None:
    """What the engine noted last; None: it has not used the provider."""
    return getattr(provider, "health", None)


def health_words(provider: Provider, now: datetime) -> str:
    """How the provider is, and how old the news are."""
    health = health_of(provider)
    if health is None:
        return "not used yet"
    words = str(health.get_state_display()).lower()
    if health.state == ProviderHealth.State.PAUSED and health.paused_until and health.paused_until > now:
        words = f"{words} for {duration_words(health.paused_until - now)} more"
    detail = f": {health.detail}" if health.detail and health.state != ProviderHealth.State.READY else ""
    return f"{words}, {duration_words(now - health.updated_at)} ago{detail}"


def duration_words(length: timedelta) -> str:
    seconds = max(int(length.total_seconds()), 0)
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def printable(text: str, most: int) -> str:
    """On one line, without what would steer a terminal, and bounded: the words may be a stranger's."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _usd(rate: Decimal) -> str:
    return f"{rate.normalize():f}"


def _has(environ: Mapping[str, str], variable: str) -> bool:
    return bool(environ.get(variable, "").strip())


def _host(address: str) -> str:
    parts = _parts(address if "://" in address else f"https://{address}")
    return (parts.hostname or "").rstrip(".") if parts else ""


def _same(one: str, other: str) -> bool:
    return bool(other) and _parts(one.rstrip("/")) == _parts(other.rstrip("/"))


def _parts(address: str) -> SplitResult | None:
    try:
        return urlsplit(address)
    except ValueError:
        return None


def spec_of(provider: Provider) -> ProviderSpec:
    """The provider as an adapter wants to know it."""
    return ProviderSpec(
        name=provider.name,
        kind=provider.kind,
        model=provider.model,
        base_url=provider.base_url,
        key_variable=provider.key_variable,
        options=provider.options,
        thinking_tokens=provider.thinking_tokens or 0,
    )

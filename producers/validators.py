"""What people may write into a provider's fields."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ValidationError

from producers.providers.addresses import is_forbidden

# Only what is named as a key can be sent to a provider, and not, say, Django's own secret.
KEY_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*_API_KEY")

HOST = re.compile(r"[A-Za-z0-9._-]+")
# IPv6 networks whose last 32 bits are an IPv4 address, which is reached through them.
IN_LAST_BITS = tuple(map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96")))


def validate_key_variable(text: str) -> None:
    """The name of a variable that holds a provider's key; never the key itself."""
    if not KEY_VARIABLE.fullmatch(text):
        raise ValidationError("Name a variable that ends in _API_KEY, such as TEAM_API_KEY. Never paste a key here.")


def validate_base_url(text: str) -> None:
    """An address of a server: http or https, a host, and nothing that a key could be told by."""
    parts = _parts(text)
    if parts is None:
        raise ValidationError("Give an address that begins with http:// or https:// and names a host.")
    # The characters themselves: a lone ? or @ leaves nothing behind in the parts.
    if "@" in parts.netloc or "?" in text or "#" in text:
        raise ValidationError("The address must not hold a user name, a password, a query or a fragment.")
    host = (parts.hostname or "").rstrip(".")
    if any(is_forbidden(each) for each in (host, *_within(host))):
        raise ValidationError("This address belongs to the machine's own network, where no provider is.")
    if ":" not in host and not HOST.fullmatch(host):
        raise ValidationError("The host may hold letters of A to Z, digits, dots and hyphens; write others as xn--…")


def _parts(text: str) -> SplitResult | None:
    # Readers of URLs disagree about blanks, control characters and backslashes: some drop them, some stop there.
    if not text.isprintable() or " " in text or "\\" in text:
        return None
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if usable else None


def _within(host: str) -> list[str]:
    """The address without its zone, and the IPv4 address that an IPv6 address carries."""
    try:
        address = ipaddress.IPv6Address(host.partition("%")[0])
    except ValueError:
        return []
    if any(address in network for network in IN_LAST_BITS):
        return [str(address), str(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))]
    return [str(address), str(address.sixtofour or address)]

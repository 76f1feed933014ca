"""What people may write into a provider's fields."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError

# Only what is named as a key can be sent to a provider, and not, say, Django's own secret.
KEY_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*_API_KEY")


def validate_key_variable(text: str) -> None:
    """The name of a variable that holds a provider's key; never the key itself."""
    if not KEY_VARIABLE.fullmatch(text):
        raise ValidationError("Name a variable that ends in _API_KEY, such as TEAM_API_KEY. Never paste a key here.")


def validate_base_url(text: str) -> None:
    """An address of a server: http or https, a host, and nothing that a key could be told by."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValidationError("Give an address that begins with http:// or https:// and names a host.")
    if _is_link_local(parts.hostname or ""):
        raise ValidationError("This address belongs to the machine's own network, where no provider is.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValidationError("The address must not hold a user name, a password, a query or a fragment.")


def _is_link_local(host: str) -> bool:
    # Where clouds keep their metadata, and with it the machine's credentials.
    try:
        return ipaddress.ip_address(host).is_link_local
    except ValueError:
        return host == "metadata.google.internal"

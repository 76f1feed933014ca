"""Which hosts no key and no question may ever go to. Pure: names are looked up, and checked again, in `network`.

Clouds keep the credentials of a machine at link-local addresses and at a few names. A base URL that leads there is
an attack or a slip; localhost and private networks are where people's own servers are, and stay allowed.
"""

from __future__ import annotations

import ipaddress
import socket

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

METADATA_NAMES = frozenset({"metadata.google.internal", "metadata.goog"})
METADATA_ADDRESSES = tuple(
    map(
        ipaddress.ip_network,
        (
            "fd00:ec2::/32",  # Amazon: the machine's and, beside it, the containers' credentials
            "fd20:ce::254",  # Google
            "100.100.100.200",  # Alibaba
            "168.63.129.16",  # Azure: what its machines are set up by
            "192.0.0.192",  # Oracle
        ),
    )
)
TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # NAT64


def is_forbidden(host: str) -> bool:
    """Whether `host`, a name or an address in any spelling, is a metadata service or link-local."""
    name = host.lower().rstrip(".")
    address = _address(name)
    if address is None:
        return name in METADATA_NAMES
    return address.is_link_local or any(address in network for network in METADATA_ADDRESSES)


def is_address(host: str) -> bool:
    """Whether `host` is an address in any spelling, and no name."""
    return _address(host.lower().rstrip(".")) is not None


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine."""
    address = _address(host.lower())
    return host.lower() == "localhost" or (address is not None and address.is_loopback)


def _address(host: str) -> Address | None:
    """The address that `host` spells; also in the old ways: 2852039166, 0xa9fea9fe, 169.254.43518."""
    try:
        address: Address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return _old_spelling(host)
    return (isinstance(address, ipaddress.IPv6Address) and _inner(address)) or address


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The address of the old kind to which a gateway, or the system itself, translates `address`."""
    if address in TRANSLATED:
        return ipaddress.IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour


def _old_spelling(host: str) -> Address | None:
    # It stops reading at a blank, so that a name with one would pass for the number before it.
    if not host or not host[0].isdigit() or " " in host:
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeEncodeError):
        return None

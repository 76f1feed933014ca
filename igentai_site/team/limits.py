"""How many failures to sign in are too many, and for how long. Pure.

Three limits, as each alone does harm. By name and address together: five, which stops a guesser and locks nobody else
out. By address: fifty, against one who tries many names; it takes that many for a whole office behind one address to
feel it. By name: a hundred, against one who guesses from many addresses; a lower one would let a stranger with a few
of them keep a member out. Whoever is signed in stays so in any case.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

PAIR_LIMIT, ADDRESS_LIMIT, NAME_LIMIT = 5, 50, 100
COOL_OFF = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Limit:
    """Among recent failures that have these values, `most` are too many."""

    by: dict[str, str | None]
    most: int


def limits(name: str | None, address: str | None) -> list[Limit]:
    """Those that hold for this name from this address; people without a known one are not counted together."""
    pair = Limit({"username": name, "ip_address": address}, PAIR_LIMIT)
    by_address = [Limit({"ip_address": address}, ADDRESS_LIMIT)] if address else []
    return [pair, *by_address, Limit({"username": name}, NAME_LIMIT)]


def opens_at(failures: Iterable[tuple[datetime, int]], most: int) -> datetime | None:
    """When fewer than `most` of the failures, each a time and a number, will be recent; None: fewer are already."""
    counted = 0
    for at, number in sorted(failures, reverse=True):
        counted += number
        if counted >= most:
            return at + COOL_OFF
    return None


def folded_address(text: str) -> str | None:
    """Whose failures count together: an IPv4 address, or the network of an IPv6 one, which a client owns whole.

    None where the text is no address.
    """
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), 64), strict=False).network_address)

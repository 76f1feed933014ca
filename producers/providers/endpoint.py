"""Where to ask and with which key. Pure: the environment is an argument.

A key belongs to the base URL it was configured for. The vendor's key of the environment goes to the environment's
base URL (or to the vendor); another base URL gets a key only if the provider names a variable of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx2

from producers.link.messages import ProviderSpec
from producers.providers.addresses import is_forbidden
from producers.providers.errors import Misconfigured
from producers.providers.vendors import VENDOR_KEYS, Vendor

DEFAULT_PORTS: Mapping[str, int] = {"http": 80, "https": 443}

_VERSION = re.compile(r"/v[0-9]+[a-z]*[0-9]*$")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to ask, and the key that may be shown there (empty: none, and `no_key` says why)."""

    base_url: str
    key: str = field(default="", repr=False)
    no_key: str = field(default="", compare=False)

    @property
    def origin(self) -> str:
        """Scheme, host and port: what a message may tell of the base URL."""
        url = httpx2.URL(self.base_url)
        host = f"[{url.host}]" if ":" in url.host else url.host
        return f"{url.scheme}://{host}:{url.port or DEFAULT_PORTS[url.scheme]}"


def find_endpoint(vendor: Vendor, spec: ProviderSpec, environ: Mapping[str, str]) -> Endpoint:
    """Where `spec` leads, with its key. Raises Misconfigured."""
    usual = environ.get(vendor.base_url_variable, "").strip() or vendor.base_url
    url = _base_url(vendor, spec.base_url.strip() or usual)
    variable = spec.key_variable or vendor.key_variable
    if variable in VENDOR_KEYS - {vendor.key_variable}:
        raise Misconfigured(f"{variable} is another vendor's key: name a variable of this provider's own")
    own_key = variable != vendor.key_variable
    may_send = own_key or not spec.base_url.strip() or url == _base_url(vendor, usual)
    key = _key(variable, environ) if may_send else ""
    advice = "" if key else _no_key(vendor, variable, may_send)
    if url.host == vendor.key_host and not key:
        raise Misconfigured(f"{vendor.key_host} needs a key: {advice}")
    return Endpoint(str(url).rstrip("/"), key, advice)


def _base_url(vendor: Vendor, text: str) -> httpx2.URL:
    """The checked URL without its last slash. Messages do not repeat it: it may hold a password."""
    try:
        url = httpx2.URL(text.rstrip("/"))
    except httpx2.InvalidURL as error:
        raise Misconfigured("the base URL is not a URL") from error
    if url.scheme not in DEFAULT_PORTS or not url.host:
        raise Misconfigured("the base URL must begin with http:// or https:// and name a host")
    if url.userinfo or url.query or url.fragment:
        raise Misconfigured("the base URL must not hold a user name, a password, a query or a fragment")
    if is_forbidden(url.host):
        raise Misconfigured("the base URL leads to a link-local address or a metadata service, where no provider is")
    if url.host == vendor.key_host and url.scheme != "https":
        raise Misconfigured(f"the base URL of {vendor.key_host} must begin with https://")
    return _versioned(url, vendor.version)


def _versioned(url: httpx2.URL, version: str) -> httpx2.URL:
    """`url` with a version at its end; one that is there already, whichever, is kept."""
    path = url.path.rstrip("/")
    return url.copy_with(path=path if _VERSION.search(path) else path + version) if version else url


def _key(variable: str, environ: Mapping[str, str]) -> str:
    key = environ.get(variable, "").strip()
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise Misconfigured(f"the value of {variable} is no key: it holds blanks or unprintable characters")
    return key


def _no_key(vendor: Vendor, variable: str, may_send: bool) -> str:
    if may_send:
        return f"the environment variable {variable} is not set"
    return f"{variable} belongs to {vendor.base_url_variable}: name a variable of this provider's own for its key"

"""From a kind to its adapter. A new vendor is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from producers.link.messages import ProviderSpec
from producers.providers.base import Provider
from producers.providers.errors import Misconfigured

# Adapters are imported when first used: a producer that only simulates need not load an HTTP client.
ADAPTERS: Mapping[str, str] = {
    "simulated": "producers.providers.simulated",
    "openai": "producers.providers.openai",
    "anthropic": "producers.providers.anthropic",
    "gemini": "producers.providers.gemini",
}


def make_provider(spec: ProviderSpec, environ: Mapping[str, str]) -> Provider:
    """The adapter for `spec`, its key taken from `environ`. Raises Misconfigured."""
    try:
        module = import_module(ADAPTERS[spec.kind])
    except KeyError:
        known = ", ".join(sorted(ADAPTERS))
        raise Misconfigured(f"there is no provider of kind {spec.kind!r}; kinds: {known}") from None
    build: Callable[[ProviderSpec, Mapping[str, str]], Provider] = module.build
    return build(spec, environ)

"""Providers that come up by themselves: from the keys of the environment, and from model servers on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

from orchestration.choosing import LONGEST_NAME
from producers.models import Provider
from producers.providers.addresses import is_loopback
from producers.providers.vendors import VENDORS

SWITCH = "IGENTAI_DISCOVERY"
OFF = frozenset({"0", "false", "no", "off"})

TIMEOUT = 0.3
TOTAL_SECONDS = 1.0  # a server that drips its answer keeps every single read short
MAX_BYTES = 1024 * 1024
LONGEST_MODEL = 200  # what the column holds
NOT_FOR_CHAT = ("embed", "whisper", "tts", "rerank")
LOCAL_CONCURRENCY = 4  # one machine answers all of them


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A kind of OpenAI-compatible server, and the port it usually listens on."""

    name: str
    port: int

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"


LOCAL_SERVERS = (
    LocalServer("ollama", 11434),
    LocalServer("lmstudio", 1234),
    LocalServer("llamacpp", 8080),
    LocalServer("vllm", 8000),  # or the portal, which has no models to tell of
)


class Model(msgspec.Struct, frozen=True):
    id: str


class ModelList(msgspec.Struct, frozen=True):
    data: list[Model]


_decoder = msgspec.json.Decoder(ModelList)


def is_switched_off(environ: Mapping[str, str]) -> bool:
    return environ.get(SWITCH, "").strip().lower() in OFF


def bring_up(environ: Mapping[str, str], servers: Iterable[LocalServer] = LOCAL_SERVERS) -> list[Provider]:
    """Configure what the environment offers, unless it is switched off; returns the providers that are new.

    Whatever the network does, nothing is raised for it. It blocks for up to a second: call it from a thread that
    runs no event loop.
    """
    return [] if is_switched_off(environ) else discover(environ, servers)


def discover(environ: Mapping[str, str], servers: Iterable[LocalServer] = LOCAL_SERVERS) -> list[Provider]:
    """One provider for each vendor whose key is there, one for each model server of this machine; each once only."""
    return [*_from_keys(environ), *_from_servers(servers)]


def _from_keys(environ: Mapping[str, str]) -> list[Provider]:
    # A model server of this machine speaks like OpenAI, but is no reason to leave OpenAI's key unused.
    configured = {provider.kind for provider in Provider.objects.all() if _local_port(provider) is None}
    made = [
        _make(f"{kind}:{vendor.model}", kind=kind, model=vendor.model)
        for kind, vendor in VENDORS.items()
        if environ.get(vendor.key_variable, "").strip() and kind not in configured
    ]
    return [provider for provider in made if provider is not None]


def _from_servers(servers: Iterable[LocalServer]) -> list[Provider]:
    taken = {_local_port(provider) for provider in Provider.objects.filter(kind=Provider.Kind.OPENAI)}
    free = [server for server in servers if server.port not in taken]
    if not free:
        return []
    answers = asyncio.run(_models_of_all(free))
    made = [_make_local(server, model) for server, models in zip(free, answers, strict=True) for model in models[:1]]
    return [provider for provider in made if provider is not None]


def _local_port(provider: Provider) -> int | None:
    """The port of this machine that the provider leads to; None: it leads elsewhere."""
    try:
        parts = urlsplit(provider.base_url)
        return (parts.port or 80) if is_loopback(parts.hostname or "") else None
    except ValueError:
        return None


def _make_local(server: LocalServer, model: str) -> Provider | None:
    values: dict[str, Any] = {
        "kind": Provider.Kind.OPENAI,
        "model": model,
        "base_url": server.base_url,
        "input_rate": 0,
        "output_rate": 0,
        "concurrency": LOCAL_CONCURRENCY,
    }
    return _make(f"{server.name}:{model}", **values) or _make(f"{server.name}-{server.port}:{model}", **values)


def _make(name: str, **values: Any) -> Provider | None:
    """A new provider, or None where the name is taken."""
    provider, is_new = Provider.objects.get_or_create(name=name[:LONGEST_NAME], defaults=values)
    return provider if is_new else None


async def _models_of_all(servers: Iterable[LocalServer]) -> list[list[str]]:
    # Imported here: the portal, which discovers nothing, shall not carry an HTTP client.
    import httpx2

    # Nothing of the environment: a proxy would be asked for its own 127.0.0.1, and .netrc holds passwords.
    async with httpx2.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client:
        return await asyncio.gather(*(_models_of(client, server) for server in servers))


async def _models_of(client: Any, server: LocalServer) -> list[str]:
    """The chat models of the server, as it names them; none where there is no such server."""
    from producers.providers.errors import ProviderError
    from producers.providers.http_errors import translated

    try:
        with translated():
            async with asyncio.timeout(TOTAL_SECONDS):
                return chat_models(await _body(client, f"{server.base_url}/models"))
    except ProviderError:
        return []


async def _body(client: Any, url: str) -> bytes:
    # Not encoded, and taken as it comes: nothing of a few bytes can swell up here.
    async with client.stream("GET", url, headers={"Accept-Encoding": "identity"}) as response:
        if response.status_code != 200:
            return b""
        body = bytearray()
        async for piece in response.aiter_raw():
            body += piece
            if len(body) > MAX_BYTES:
                return b""
        return bytes(body)


def chat_models(body: bytes) -> list[str]:
    """The models in an answer to GET /v1/models that may be chatted with; none in anything else.

    A name is the text of a stranger: one that is too long for the column, or not printable, is passed over.
    """
    try:
        named = [model.id for model in _decoder.decode(body).data]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
    return [name for name in named if _is_usable(name) and not any(word in name.lower() for word in NOT_FOR_CHAT)]


def _is_usable(name: str) -> bool:
    return bool(name.strip()) and name.isprintable() and len(name) <= LONGEST_MODEL

"""The adapter of every vendor over HTTP: it asks in a dialect and streams the answer. All I/O, no format."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing

import httpx2
import msgspec

from producers.link.messages import ProviderSpec
from producers.providers.base import Event, Question, TextDelta
from producers.providers.dialect import Answer, Asking, Dialect, Sampling, read_sampling
from producers.providers.endpoint import Endpoint, find_endpoint
from producers.providers.http import Deadlines, beginning_of, open_client, payloads_of
from producers.providers.http_errors import Asked, status_error, stream_error, translated
from producers.providers.network import Resolve, system_addresses

HEADERS: Mapping[str, str] = {
    "Content-Type": "application/json",
    "Accept": "text/event-stream, application/json",
}
REFUSES_PARAMETER = (400, 422)

_encoder = msgspec.json.Encoder()


def make_http_provider(dialect: Dialect, spec: ProviderSpec, environ: Mapping[str, str]) -> HTTPProvider:
    """The adapter for `spec`. Raises Misconfigured."""
    sampling = read_sampling(spec.options, dialect.options)
    endpoint = find_endpoint(dialect.vendor, spec, environ)
    return HTTPProvider(dialect, endpoint, spec.model, sampling, thinking_tokens=spec.thinking_tokens)


class HTTPProvider:
    """One model behind one endpoint. Belongs to the event loop in which it is first asked."""

    def __init__(
        self,
        dialect: Dialect,
        endpoint: Endpoint,
        model: str,
        sampling: Sampling | None = None,
        *,
        thinking_tokens: int = 0,
        deadlines: Deadlines | None = None,
        clock: Callable[[], float] = time.time,
        resolve: Resolve = system_addresses,
    ) -> None:
        self._dialect = dialect
        self._asked = Asked(endpoint.origin, endpoint.key, endpoint.no_key)
        self._url = endpoint.base_url + dialect.path(model)
        self._headers = {**HEADERS, **dialect.headers(endpoint.key)}
        self._model = model
        self._sampling = sampling or Sampling()
        self._thinking_tokens = thinking_tokens
        self._deadlines = deadlines or Deadlines()
        self._clock = clock
        self._resolve = resolve
        self._client: httpx2.AsyncClient | None = None
        self._avoided = dialect.avoided.get(httpx2.URL(endpoint.base_url).host, frozenset())

    async def stream(self, question: Question) -> AsyncGenerator[Event, None]:
        """Ask, and yield the answer as it arrives; close the generator to cut the request."""
        until = asyncio.get_running_loop().time() + self._deadlines.total
        answer = Answer(self._dialect.reasons)
        with translated(self._asked):
            async with (
                aclosing(await self._ask(question, until)) as response,
                aclosing(payloads_of(response, until, lambda: answer.over)) as payloads,
            ):
                async for payload in payloads:
                    for said in self._dialect.read(payload):
                        if said.error:
                            raise stream_error(said.error, asked=self._asked)
                        if text := answer.take(said):
                            yield TextDelta(text)
        for event in answer.ending():
            yield event

    async def close(self) -> None:
        """Give back connections. A later request would open new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _ask(self, question: Question, until: float) -> httpx2.Response:
        """A response whose body is an answer. Raises the error that any other response stands for.

        Some servers refuse a parameter: they are asked once more without it, and never with it again if that helps.
        """
        avoided, tried = self._avoided, frozenset[str]()
        while True:
            asking = Asking(self._model, question, self._sampling, avoided, self._thinking_tokens)
            request = self._dialect.compose(asking)
            response = await self._send(_encoder.encode(request), until)
            if response.is_success:
                if tried:
                    self._avoided = avoided
                return response
            async with aclosing(response):
                body = await beginning_of(response, until)
            refused = refused_parameter(self._dialect, request, response.status_code, body)
            instead = self._dialect.substitutes.get(refused, "")
            if not refused or tried & {refused, instead}:
                raise status_error(response.status_code, response.headers, body, now=self._clock(), asked=self._asked)
            tried |= {refused}
            avoided = avoided - {instead} | {refused}

    async def _send(self, body: bytes, until: float) -> httpx2.Response:
        if self._client is None:
            self._client = open_client(httpx2.URL(self._url), self._deadlines, self._resolve)
        request = self._client.build_request("POST", self._url, content=body, headers=self._headers)
        async with asyncio.timeout_at(until):
            return await self._client.send(request, stream=True)


def refused_parameter(dialect: Dialect, request: msgspec.Struct, status: int, body: bytes) -> str:
    """The parameter of `request` for which a server refuses it and which can be done without; empty: none."""
    if status not in REFUSES_PARAMETER:
        return ""
    named = {_plain(word) for word in re.findall(r"\w+", body.decode(errors="replace"))}
    sent = (name for name in dialect.substitutes if getattr(request, name) is not msgspec.UNSET)
    return next((name for name in sent if _plain(name) in named), "")


def _plain(name: str) -> str:
    """Some say `thinking_config` what others call `thinkingConfig`."""
    return name.replace("_", "").casefold()

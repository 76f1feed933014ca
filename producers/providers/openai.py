"""Chat completions of any OpenAI-compatible server: OpenAI, and the many that imitate its wire format.

Top to bottom: where to ask and with which key (pure), what goes over the wire (typed, lenient about what is
unknown), what an answer says (pure), and the adapter, which does the I/O.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field

import httpx2
import msgspec

from producers.link.messages import ProviderSpec
from producers.providers.base import Event, Finished, Question, TextDelta, Usage
from producers.providers.errors import BadAnswer, Misconfigured
from producers.providers.http import Deadlines, beginning_of, body_of, open_client, settle
from producers.providers.http_errors import ErrorObject, status_error, stream_error, translated
from producers.providers.sse import SSEParser

DEFAULT_BASE_URL = "https://api.openai.com/v1"
KEY_HOST = "api.openai.com"
KEY_VARIABLE = "OPENAI_API_KEY"
BASE_URL_VARIABLE = "OPENAI_BASE_URL"

SYSTEM_MESSAGE = "You compile exhaustive lists. Answer with the entries only: no introduction, no comments."
COMPLETE = "stop"
MAX_REASON = 40

STREAM_TYPES = frozenset({"text/event-stream", "text/plain", "application/octet-stream", ""})
WHOLE_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to ask, and the key that may be shown there (empty: none)."""

    base_url: str
    key: str = field(default="", repr=False)


def build(spec: ProviderSpec, environ: Mapping[str, str]) -> OpenAIProvider:
    """The adapter for `spec`. Raises Misconfigured."""
    return OpenAIProvider(find_endpoint(spec, environ), spec.model)


def find_endpoint(spec: ProviderSpec, environ: Mapping[str, str]) -> Endpoint:
    """Where `spec` leads, with its key. Raises Misconfigured.

    A key belongs to the base URL it was configured for: the environment's key goes to the environment's base
    URL. Another base URL gets a key only if the provider names the variable that holds it.
    """
    usual = environ.get(BASE_URL_VARIABLE, "").strip() or DEFAULT_BASE_URL
    url = _base_url(spec.base_url.strip() or usual)
    variable = spec.key_variable or KEY_VARIABLE
    own_key = bool(spec.key_variable) and spec.key_variable != KEY_VARIABLE
    may_send = own_key or not spec.base_url.strip() or url == _base_url(usual)
    key = _key(variable, environ) if may_send else ""
    if url.host == KEY_HOST and not key:
        raise Misconfigured(_missing_key(variable, may_send))
    return Endpoint(str(url).rstrip("/"), key)


def _base_url(text: str) -> httpx2.URL:
    """The checked URL without its last slash. Messages do not repeat it: it may hold a password."""
    try:
        url = httpx2.URL(text.rstrip("/"))
    except httpx2.InvalidURL as error:
        raise Misconfigured("the base URL is not a URL") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise Misconfigured("the base URL must begin with http:// or https:// and name a host")
    if url.userinfo or url.query or url.fragment:
        raise Misconfigured("the base URL must not hold a user name, a password, a query or a fragment")
    if url.host == KEY_HOST and url.scheme != "https":
        raise Misconfigured(f"the base URL of {KEY_HOST} must begin with https://")
    return url


def _key(variable: str, environ: Mapping[str, str]) -> str:
    key = environ.get(variable, "").strip()
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise Misconfigured(f"the value of {variable} is no key: it holds blanks or unprintable characters")
    return key


def _missing_key(variable: str, may_send: bool) -> str:
    if may_send:
        return f"{KEY_HOST} needs a key: set the environment variable {variable}"
    return f"{KEY_HOST} needs a key, and {variable} belongs to {BASE_URL_VARIABLE}: name this provider's key variable"


class WireMessage(msgspec.Struct, frozen=True):
    role: str
    content: str


class StreamOptions(msgspec.Struct, frozen=True):
    include_usage: bool


class ChatRequest(msgspec.Struct, frozen=True, kw_only=True):
    model: str
    messages: tuple[WireMessage, ...]
    stream: bool
    stream_options: StreamOptions | msgspec.UnsetType


class ContentPart(msgspec.Struct, frozen=True):
    """Some servers send content as typed parts; only parts of text have a text."""

    text: str = ""


class Spoken(msgspec.Struct, frozen=True):
    """A delta or a whole message. Reasoning comes in fields of its own, which are not read."""

    content: str | list[ContentPart] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "".join(part.text for part in self.content)
        return self.content or ""


class Choice(msgspec.Struct, frozen=True):
    delta: Spoken | None = None
    message: Spoken | None = None
    finish_reason: str | None = None


class WireUsage(msgspec.Struct, frozen=True):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Chunk(msgspec.Struct, frozen=True):
    """One event of a stream, or the whole body of an answer that is not streamed: they differ in one name."""

    choices: list[Choice] | None = None
    usage: WireUsage | None = None
    error: ErrorObject | str | None = None


_encoder = msgspec.json.Encoder()
_chunk_decoder: msgspec.json.Decoder[Chunk] = msgspec.json.Decoder(Chunk)


def decode_chunk(payload: str | bytes) -> Chunk:
    """Raises BadAnswer where `payload` is not in the format."""
    try:
        return _chunk_decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadAnswer("the server sent something that is no chat completion") from error


def encode_request(model: str, question: Question, *, asks_usage: bool) -> bytes:
    """The body of a request. No temperature: some models refuse it, and diversity comes from the prompt."""
    request = ChatRequest(
        model=model,
        messages=(WireMessage("system", SYSTEM_MESSAGE), WireMessage("user", question.text)),
        stream=True,
        stream_options=StreamOptions(include_usage=True) if asks_usage else msgspec.UNSET,
    )
    return _encoder.encode(request)


class Answer:
    """What one answer has said so far. Text goes out at once; tokens and the end are kept for `ending`.

    Usage comes after the finish reason, and from some servers in every chunk: only the last one counts.
    """

    def __init__(self) -> None:
        self._usage: WireUsage | None = None
        self._finish_reason = ""

    def take(self, chunk: Chunk) -> str:
        """The text in `chunk`."""
        self._usage = chunk.usage or self._usage
        if not chunk.choices:
            return ""
        choice = chunk.choices[0]
        self._finish_reason = choice.finish_reason or self._finish_reason
        spoken = choice.delta or choice.message
        return spoken.text if spoken else ""

    def ending(self) -> Iterator[Event]:
        """What is to be said after the last text: no Finished unless the server gave a reason to end.

        A usage of nothing at all is a server that does not count; saying so would make the request free.
        """
        tokens_in = max((self._usage and self._usage.prompt_tokens) or 0, 0)
        tokens_out = max((self._usage and self._usage.completion_tokens) or 0, 0)
        if tokens_in or tokens_out:
            yield Usage(tokens_in, tokens_out)
        if self._finish_reason:
            yield Finished(self._finish_reason[:MAX_REASON], complete=self._finish_reason == COMPLETE)


class OpenAIProvider:
    """One model behind one endpoint. Belongs to the event loop in which it is first asked."""

    def __init__(
        self,
        endpoint: Endpoint,
        model: str,
        *,
        deadlines: Deadlines | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._endpoint = endpoint
        self._model = model
        self._deadlines = deadlines or Deadlines()
        self._clock = clock
        self._client: httpx2.AsyncClient | None = None
        self._asks_usage = True

    async def stream(self, question: Question) -> AsyncGenerator[Event, None]:
        """Ask, and yield the answer as it arrives; close the generator to cut the request."""
        until = asyncio.get_running_loop().time() + self._deadlines.total
        answer = Answer()
        with translated(secret=self._endpoint.key):
            async with (
                aclosing(await self._ask(question, until, asks_usage=self._asks_usage)) as response,
                aclosing(_payloads(response, until)) as payloads,
            ):
                async for payload in payloads:
                    chunk = decode_chunk(payload)
                    if chunk.error:
                        raise stream_error(chunk.error, secret=self._endpoint.key)
                    if text := answer.take(chunk):
                        yield TextDelta(text)
        for event in answer.ending():
            yield event

    async def close(self) -> None:
        """Give back connections. A later request would open new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _ask(self, question: Question, until: float, *, asks_usage: bool) -> httpx2.Response:
        """A response whose body is an answer. Raises the error that any other response stands for.

        Some servers refuse `stream_options`: they are asked once more without it, and never with it again.
        """
        response = await self._send(encode_request(self._model, question, asks_usage=asks_usage), until)
        if response.is_success:
            return response
        async with aclosing(response):
            body = await beginning_of(response, until)
        if asks_usage and response.status_code in (400, 422) and b"stream_options" in body:
            self._asks_usage = False
            return await self._ask(question, until, asks_usage=False)
        raise status_error(response.status_code, response.headers, body, now=self._clock(), secret=self._endpoint.key)

    async def _send(self, body: bytes, until: float) -> httpx2.Response:
        if self._client is None:
            self._client = open_client(self._deadlines)
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream, application/json"}
        if self._endpoint.key:
            headers["Authorization"] = f"Bearer {self._endpoint.key}"
        url = f"{self._endpoint.base_url}/chat/completions"
        request = self._client.build_request("POST", url, content=body, headers=headers)
        async with asyncio.timeout_at(until):
            return await self._client.send(request, stream=True)


async def _payloads(response: httpx2.Response, until: float) -> AsyncGenerator[str | bytes, None]:
    """The JSON texts of an answer: one for each event of a stream, or one in all. Raises BadAnswer."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != WHOLE_TYPE and kind not in STREAM_TYPES:
        raise BadAnswer("the server answered with neither JSON nor an event stream: is the base URL right?")
    async with aclosing(body_of(response, until)) as body:
        if kind == WHOLE_TYPE:
            yield b"".join([piece async for piece in body])
            return
        parser = SSEParser()
        async for piece in body:
            for payload in parser.feed(piece):
                yield payload
            if parser.done:
                await settle(body)
                return

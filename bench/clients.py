"""Our adapters beside the vendors' own clients: processor time per streamed answer, start, and resident memory.

    python -m bench.clients ours|sdk KIND URL COUNT    one client, which tells its figures on standard output
    python -m bench.clients server KIND PACE           the server that it asks, until standard input ends

Each client is a process of its own, and so is the server: no figure holds the other's work. A client loads only what
it needs, so what the parent needs is imported late.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from bench.table import Row

PACKAGES = {"openai": "openai", "anthropic": "anthropic", "gemini": "google-genai"}
WARM_UP = 5
ANSWERS = 60
ROUNDS = 3
ENTRIES = 100
EVENT_SIZE = 4
PACES = ("event by event", "at once")
PAUSE = 0.0003
MEBIBYTE = 1024 * 1024
KEY, KEY_VARIABLE = "sk-bench", "BENCH_API_KEY"
MODEL, SYSTEM, PROMPT = "any", "You compile exhaustive lists.", "List 100 entries, one per line."
MAX_TOKENS = 4_000
ANSWER = "\n".join(f"Entry number {number}" for number in range(ENTRIES)) + "\n"
PIECES = tuple(ANSWER[start : start + EVENT_SIZE] for start in range(0, len(ANSWER), EVENT_SIZE))
EVENTS = len(PIECES)
GOAL = "at most 0.33"

Ask = Callable[[], AsyncGenerator[str, None]]


# ------------------------------------------------------------------------------------------ the parent


@dataclass(frozen=True, slots=True)
class Life:
    """One client: seconds from the spawn until it was there and until it had its first text, and what it took."""

    constructed: float
    first_text: float
    milliseconds: float
    megabytes: float


def measure(*, answers: int = ANSWERS, rounds: int = ROUNDS) -> list[Row]:
    """Five rows for each vendor: medians of rounds in which ours and the vendor's take turns."""
    peers = {kind: f"{package} {_version(package)}" for kind, package in PACKAGES.items()}
    return [row for kind, peer in peers.items() for row in _compared(kind, peer, answers, rounds)]


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        raise SystemExit(f"{package} is not installed: scripts/setup bench installs it") from None


def _compared(kind: str, peer: str, answers: int, rounds: int) -> list[Row]:
    from statistics import median

    taken: dict[str, list[tuple[Life, Life]]] = {}
    for pace in PACES:
        with _server(kind, pace) as url:
            taken[pace] = [
                (_life("ours", kind, url, answers), _life("sdk", kind, url, answers)) for _ in range(rounds)
            ]

    def row(pace: str, what: str, unit: str, digits: int, figure: Callable[[Life], float], goal: str = "") -> Row:
        ours, theirs = (median(map(figure, lives)) for lives in zip(*taken[pace], strict=True))
        ours_shown, theirs_shown = (f"{each:.{digits}f} {unit}" for each in (ours, theirs))
        return Row(f"{kind}, {what}", ours_shown, f"{theirs_shown}, {peer}", f"{ours / theirs:.2f}", goal)

    first = PACES[0]
    return [
        *(row(pace, f"processor time, {pace}", "ms", 1, lambda life: life.milliseconds, GOAL) for pace in PACES),
        row(first, "start to a client", "s", 2, lambda life: life.constructed),
        row(first, "start to the first text", "s", 2, lambda life: life.first_text),
        row(first, f"client process after {WARM_UP + answers} answers", "MB", 0, lambda life: life.megabytes),
    ]


@contextmanager
def _server(kind: str, pace: str) -> Iterator[str]:
    """The base URL of a server in a process of its own."""
    with _run("server", kind, pace) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]


def _life(whose: str, kind: str, url: str, answers: int) -> Life:
    import psutil  # type: ignore[import-untyped]

    began = time.monotonic()
    with _run(whose, kind, url, str(answers)) as process:
        assert process.stdout is not None
        moments = {}
        for line in process.stdout:
            told = json.loads(line)
            moments[told["now"]] = time.monotonic() - began
            if "milliseconds" in told:
                size = psutil.Process(process.pid).memory_info().rss / MEBIBYTE
                return Life(moments["constructed"], moments["first text"], told["milliseconds"], size)
    raise RuntimeError(f"the client {whose} of {kind} ended early with status {process.returncode}")


@contextmanager
def _run(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`python -m bench.clients`, which ends when its standard input does. No proxy leads to this machine."""
    environ = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    command = [sys.executable, "-m", "bench.clients", *arguments]
    with subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process


# ------------------------------------------------------------------------------------------ the server


def _serve(kind: str, pace: str) -> None:
    """Answer until standard input ends: the whole answer at once, or each event by itself, as from a model."""
    from tests.fakes import dialects
    from tests.fakes.replies import Split, Streamed, always
    from tests.fakes.server import ScriptedServer

    dialect = {"openai": dialects.OPENAI, "anthropic": dialects.ANTHROPIC, "gemini": dialects.GEMINI}[kind]

    def framed(payload: str) -> bytes:
        time.sleep(PAUSE)  # the client has read what came before; nobody else is served meanwhile
        return dialect.framed(payload)

    answer = Streamed(PIECES, usage=(EVENTS, EVENTS))
    if pace == "at once":
        server = ScriptedServer(always(Split(answer, MEBIBYTE)), dialect)
    else:
        server = ScriptedServer(always(answer), replace(dialect, framed=framed))
    with server:
        _tell(url=server.base_url)
        sys.stdin.read()


# ----------------------------------------------------------------------------------------- the clients


async def _live(whose: str, kind: str, url: str, answers: int) -> None:
    ask = _ours(kind, url) if whose == "ours" else SDKS[kind](url)
    _tell(now="constructed")
    async with aclosing(ask()) as pieces:
        assert await anext(pieces)
    _tell(now="first text")
    for _ in range(WARM_UP):
        await _heard(ask)
    began = time.process_time()
    for _ in range(answers):
        await _heard(ask)
    _tell(now="end", milliseconds=(time.process_time() - began) / answers * 1000)
    sys.stdin.read()  # so that its size can be looked at


async def _heard(ask: Ask) -> None:
    assert sum([len(piece) async for piece in ask()]) == len(ANSWER)


def _ours(kind: str, url: str) -> Ask:
    """The adapter as a producer has it, without what a producer makes of the text."""
    from producers.link.messages import ProviderSpec
    from producers.providers.base import Question, TextDelta
    from producers.providers.registry import make_provider

    spec = ProviderSpec(name="bench", kind=kind, model=MODEL, base_url=url, key_variable=KEY_VARIABLE)
    provider = make_provider(spec, {KEY_VARIABLE: KEY})
    question = Question(topic="Entries", prompt=PROMPT, count=ENTRIES, max_tokens_out=MAX_TOKENS)

    async def ask() -> AsyncGenerator[str, None]:
        async with aclosing(provider.stream(question)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    yield event.text

    return ask


def _openai(url: str) -> Ask:
    client = importlib.import_module("openai").AsyncOpenAI(base_url=url, api_key=KEY, max_retries=0)
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": PROMPT}]

    async def ask() -> AsyncGenerator[str, None]:
        async with await client.chat.completions.create(
            model=MODEL,
            messages=messages,
            max_tokens=MAX_TOKENS,
            stream=True,
            stream_options={"include_usage": True},
        ) as chunks:
            async for chunk in chunks:
                if chunk.choices and chunk.choices[0].delta.content:
                    yield chunk.choices[0].delta.content

    return ask


def _anthropic(url: str) -> Ask:
    """Of its two ways to stream the lighter one, which does not put the message together."""
    client = importlib.import_module("anthropic").AsyncAnthropic(base_url=url, api_key=KEY, max_retries=0)
    messages = [{"role": "user", "content": PROMPT}]

    async def ask() -> AsyncGenerator[str, None]:
        async with await client.messages.create(
            model=MODEL, system=SYSTEM, messages=messages, max_tokens=MAX_TOKENS, stream=True
        ) as events:
            async for event in events:
                if event.type == "content_block_delta" and event.delta.type == "text_delta":
                    yield event.delta.text

    return ask


def _gemini(url: str) -> Ask:
    """It tries once unless told otherwise."""
    client = importlib.import_module("google.genai").Client(api_key=KEY, http_options={"base_url": url})
    config = {"system_instruction": SYSTEM, "max_output_tokens": MAX_TOKENS}

    async def ask() -> AsyncGenerator[str, None]:
        async for chunk in await client.aio.models.generate_content_stream(
            model=MODEL, contents=PROMPT, config=config
        ):
            if chunk.text:
                yield chunk.text

    return ask


SDKS: dict[str, Callable[[str], Ask]] = {"openai": _openai, "anthropic": _anthropic, "gemini": _gemini}


def _tell(**said: Any) -> None:
    print(json.dumps(said), flush=True)


def main() -> None:
    whose, kind, *rest = sys.argv[1:]
    if whose == "server":
        _serve(kind, *rest)
    else:
        url, answers = rest
        asyncio.run(_live(whose, kind, url, int(answers)))


if __name__ == "__main__":
    main()

"""One tiny real call to a provider, and in words how it went or what to do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from decimal import Decimal
from threading import Thread

from django.core.exceptions import ValidationError

from orchestration.logic.pricing import cost_of
from orchestration.prices import rates_of
from orchestration.provider_facts import Key, key_of, printable, spec_of
from producers.models import Provider
from producers.providers.addresses import is_loopback
from producers.providers.base import Event, Finished, Question, TextDelta, Usage
from producers.providers.base import Provider as Adapter
from producers.providers.errors import Misconfigured, ProviderError, TimedOut
from producers.providers.registry import make_provider
from producers.providers.vendors import VENDORS
from producers.validators import validate_base_url

TOPIC, MOST_TOKENS = "colours", 200
QUESTION = Question(topic=TOPIC, prompt=f"List names of {TOPIC}.", count=3, max_tokens_out=MOST_TOKENS)
GRACE_SECONDS = 1.0
MOST_SHOWN = 200
MOST_KEPT = 4_000  # of an answer: no honest one to this question is longer

ADVICE: Mapping[str, str] = {
    "misconfigured": "mend the provider's settings",
    "key_rejected": "the key is wrong, expired, or not allowed to use this model: put a valid one into {variable}",
    "payment_required": "the account has no money left: pay in at {vendor}, or use another key in {variable}",
    "model_unknown": "{vendor} has no such model, or not at this address: check the model's name and the base URL",
    "request_refused": "{vendor} does not take this kind of request: try another model, or look at the options",
    "quota_exhausted": "the day's quota is used up: wait until tomorrow, or ask {vendor} for more",
    "content_refused": "{vendor} will not list even colours: try another model, or look at the account's filters",
    "rate_limited": "too many requests or tokens for now: wait{wait}, or lower the provider's limits",
    "server_fault": "the fault is at {vendor}: try again in a few minutes",
    "unreachable": "{reach}",
    "timed_out": "too slow: try again; a local server may still be loading the model",
    "bad_answer": "what answers there does not speak this provider's format: check the kind and the base URL",
    "empty_answer": "the call works, but no text came within the bound of the answer, as with models that think at "
    "length: give the provider thinking tokens, or try another model",
}


@dataclass(frozen=True, slots=True)
class Probe:
    """How the call went. `text` and `error` are bounded and printable; `cost` is None where no price is known."""

    provider: str
    simulated: bool
    seconds: float
    text: str = ""
    usage: Usage | None = None
    cost: Decimal | None = None
    note: str = ""
    error_kind: str = ""
    error: str = ""
    advice: str = ""

    @property
    def ok(self) -> bool:
        return not self.error_kind


@dataclass
class Heard:
    """An answer as far as it has arrived."""

    text: str = ""
    usage: Usage | None = None
    finished: Finished | None = None
    error: ProviderError | None = None
    seconds: float = 0.0
    started: float = field(default_factory=time.monotonic)

    def take(self, event: Event) -> None:
        if isinstance(event, TextDelta):
            self.text += event.text[: MOST_KEPT - len(self.text)]
        elif isinstance(event, Usage):
            self.usage = event
        else:
            self.finished = event


def probe(provider: Provider, environ: Mapping[str, str], seconds: float | None = None) -> Probe:
    """Ask the provider one small question, which costs what it costs; after `seconds`, if given, it is given up."""
    key = key_of(provider, environ)
    heard = Heard()
    try:
        _check(provider, key)
        adapter = make_provider(spec_of(provider), environ)
        question = replace(QUESTION, max_tokens_out=MOST_TOKENS + (provider.thinking_tokens or 0))
        in_thread(
            lambda: asyncio.run(_hear(adapter, question, heard, seconds)),
            None if seconds is None else seconds + GRACE_SECONDS,
        )
    except ProviderError as error:
        heard.error = error
    heard.seconds = time.monotonic() - heard.started
    return _judged(provider, key, heard, environ)


def _check(provider: Provider, key: Key) -> None:
    """What needs no call to be known. Raises Misconfigured."""
    if key.needed and not key.present:
        raise Misconfigured(f"there is no key: the environment variable {key.variable} is not set")
    try:
        if provider.base_url:
            validate_base_url(provider.base_url)  # again: a row need not have come through a form
    except ValidationError as error:
        raise Misconfigured(f"the base URL cannot be used. {error.messages[0]}") from error


def in_thread(work: Callable[[], None], seconds: float | None) -> None:
    """Do the work; after `seconds`, if given, leave it to itself. Raises what it raises, and TimedOut.

    An event loop that ends waits for its look-ups of names, which nothing can cut and which may take a minute.
    """
    done: Future[None] = Future()

    def run() -> None:
        try:
            work()
            done.set_result(None)
        except BaseException as error:
            done.set_exception(error)

    Thread(target=run, name="probe", daemon=True).start()
    try:
        done.result(seconds)
    except TimeoutError as error:
        raise TimedOut(f"no complete answer within {seconds or 0:g} s") from error


async def _hear(adapter: Adapter, question: Question, heard: Heard, seconds: float | None) -> None:
    try:
        async with asyncio.timeout(seconds), aclosing(adapter.stream(question)) as events:
            async for event in events:
                heard.take(event)
    finally:
        await adapter.close()


def _judged(provider: Provider, key: Key, heard: Heard, environ: Mapping[str, str]) -> Probe:
    error = heard.error
    usage = heard.usage
    return Probe(
        provider=provider.name,
        simulated=provider.is_simulated,
        seconds=heard.seconds,
        text=printable(", ".join(filter(None, map(str.strip, heard.text.splitlines()))), MOST_SHOWN),
        usage=usage,
        cost=cost_of(rates_of(provider), usage.tokens_in, usage.tokens_out, usage.tokens_cached) if usage else None,
        note="" if error else _note(heard),
        error_kind=error.kind if error else "",
        error=printable(str(error), MOST_SHOWN) if error else "",
        advice=_advice(provider, key, error, environ) if error else "",
    )


def _note(heard: Heard) -> str:
    finished = heard.finished
    if finished is not None and not finished.complete:
        return f"the answer was cut ({printable(finished.reason, 40)}), as a model that thinks at length may be here"
    if not heard.text.strip():
        return "the answer is empty: another model may do better"
    return "" if finished else "the answer ended without saying that it was complete"


def _advice(provider: Provider, key: Key, error: ProviderError, environ: Mapping[str, str]) -> str:
    if error.kind == Misconfigured.kind and key.needed and not key.present:
        return f"set {key.variable} in the environment of the engine, then start it again"
    vendor = VENDORS.get(provider.kind)
    variable = vendor.base_url_variable if vendor else ""
    elsewhere = "" if provider.base_url else environ.get(variable, "").strip()
    at_home = vendor is not None and not provider.base_url and not elsewhere
    return ADVICE.get(error.kind, "try again").format(
        variable=key.variable or "a variable that the provider names as its key variable",
        vendor=vendor.title if vendor and at_home else "the server",
        wait=f" {error.retry_after:.0f} s" if error.retry_after else "",
        reach=_reach(provider.base_url or elsewhere, variable if elsewhere else "the base URL"),
    )


def _reach(base_url: str, whose: str) -> str:
    try:
        validate_base_url(base_url)
    except ValidationError:
        return "check this machine's connection to the internet, and its proxy"
    host = base_url.split("://", 1)[1].split("/", 1)[0]
    here = " on this machine" if is_loopback(host.rpartition(":")[0].strip("[]") or host) else ""
    return f"is the server running{here}? Start it, or correct {whose} ({printable(host, 80)})"


# In words


def lines_of(result: Probe) -> list[str]:
    """The result for a person, line by line."""
    name = f"{printable(result.provider, 100)}{' (simulated)' if result.simulated else ''}"
    if not result.ok:
        told = f" It had answered: {result.text}" if result.text else ""
        return [
            f"{name} failed after {result.seconds:.1f} s.{told}",
            f"Wrong: {result.error}",
            f"Do: {result.advice}",
        ]
    return [
        f"{name} works: it answered in {result.seconds:.1f} s.",
        f"Answer: {result.text or '(nothing)'}",
        f"Tokens: {_tokens(result)}. Cost: {_cost(result)}",
        *([f"Note: {result.note}"] if result.note else []),
    ]


def _tokens(result: Probe) -> str:
    if result.usage is None:
        return "the provider did not say"
    return f"{result.usage.tokens_in} in, {result.usage.tokens_out} out"


def _cost(result: Probe) -> str:
    if result.cost is None:
        return "unknown" if result.usage is None else "unknown, as no price is known: state a rate"
    if result.cost == 0:
        return "nothing"
    return f"${result.cost:.6f}{' of simulated money' if result.simulated else ''}"

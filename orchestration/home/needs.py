"""What needs a person, in sentences, with the page where it can be mended. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from orchestration.home.facts import FailedProducer, Over, Running, is_out
from orchestration.provider_facts import key_of, printable
from orchestration.sentences import as_sentence, ending
from producers.models import Provider

START_ENGINE = "python manage.py run_orchestrator"


@dataclass(frozen=True, slots=True)
class Need:
    """`page` and `key` say where the link leads: to the live page of a topic, or to a provider or producer."""

    title: str
    detail: str = ""
    page: str = ""
    key: int = 0
    link: str = ""
    command: str = ""
    is_error: bool = False


def engine_need(running: bool) -> list[Need]:
    if running:
        return []
    detail = "Nothing is explored until someone starts it:"
    return [Need("The engine is not running.", detail, command=START_ENGINE, is_error=True)]


def jobs_need(trouble: str) -> list[Need]:
    """What ails the background jobs, if anything does."""
    return [Need("Background jobs do not run as they should.", trouble, is_error=True)] if trouble else []


def producer_needs(failed: Iterable[FailedProducer]) -> list[Need]:
    return [
        Need(
            f"Producer {each.slot} of “{each.topic}” failed.",
            printable(each.detail, 200),
            page="live",
            key=each.topic_id,
            link="Look at its live page",
            is_error=True,
        )
        for each in failed
    ]


def run_needs(runs: Iterable[Over]) -> list[Need]:
    return [_run_need(run) for run in runs]


def _run_need(run: Over) -> Need:
    failed = run.state == "failed"
    title = f"“{run.topic}” failed." if failed else f"“{run.topic}” stopped at a limit."
    link = "See why" if failed else "Raise the limit"
    page = "live" if failed else "topic"
    return Need(title, ending(run.stop_reason, run.stop_detail), page, run.topic_id, link, is_error=failed)


def warning_needs(runs: Iterable[Running]) -> list[Need]:
    """Runs that say themselves that a cap is near."""
    return [
        Need(
            f"“{run.topic}” nears a cap.",
            as_sentence(run.warning),
            "topic",
            run.topic_id,
            "Open",
        )
        for run in runs
        if run.warning
    ]


def provider_needs(
    providers: Sequence[Provider],
    spent: Mapping[int, Decimal],
    environ: Mapping[str, str],
    key_is_set: Callable[[str], bool | None],
) -> list[Need]:
    """At most one need of each provider: its missing key, else why it is out, else its daily cap."""
    found = (_provider_need(each, spent.get(each.pk, Decimal(0)), environ, key_is_set) for each in providers)
    return [need for need in found if need is not None]


def _provider_need(
    provider: Provider, spent: Decimal, environ: Mapping[str, str], key_is_set: Callable[[str], bool | None]
) -> Need | None:
    key = key_of(provider, environ)
    if key.variable and key.needed and key_is_set(key.variable) is False:
        detail = f"Set {key.variable} where the engine runs, and start the engine again; or disable the provider."
        return _of(provider, f"The provider “{provider.name}” has no key.", detail)
    if health := is_out(provider):
        return _of(provider, f"The provider “{provider.name}” is out of use.", printable(health.detail, 200))
    if provider.daily_cap_usd is not None and spent >= provider.daily_cap_usd > 0:
        detail = "It is asked again after midnight UTC, or when the cap is raised."
        return _of(provider, f"The provider “{provider.name}” has spent its daily cap.", detail)
    return None


def _of(provider: Provider, title: str, detail: str) -> Need:
    return Need(title, detail, page="provider", key=provider.pk, link="Open the provider")

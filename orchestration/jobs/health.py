"""How the background jobs are: written by the engine, read by it and by the portal."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from orchestration.jobs.models import JobsHealth

IN_TROUBLE = (JobsHealth.State.BACKING_OFF, JobsHealth.State.FAILED)


@dataclass(frozen=True, slots=True)
class Sign:
    """The number of the last sign of life, and how many seconds more than usual may pass before the next."""

    number: int
    busy_seconds: int


def last_sign() -> Sign:
    found = JobsHealth.objects.filter(pk=JobsHealth.SINGLETON).values_list("signs", "busy_seconds").first()
    return Sign(*found) if found else Sign(0, 0)


def forget_what_was_busy() -> None:
    """A new cluster has nothing to do yet, whatever the one before it was killed at."""
    JobsHealth.objects.filter(pk=JobsHealth.SINGLETON).update(busy_seconds=0)


def record(state: str, detail: str, restarts: int) -> None:
    columns = {"state": state, "detail": detail[:500], "restarts": restarts, "changed_at": timezone.now()}
    JobsHealth.objects.update_or_create(pk=JobsHealth.SINGLETON, defaults=columns)


def jobs_trouble() -> str:
    """What is wrong with the background jobs, in a sentence; empty when nothing is, or when nobody tried to run them.

    Without an engine there are none, which is for the page to say that says that there is no engine.
    """
    health = JobsHealth.objects.filter(pk=JobsHealth.SINGLETON, state__in=IN_TROUBLE).first()
    if health is None:
        return ""
    after = f" ({health.detail})" if health.detail else ""
    if health.state == JobsHealth.State.FAILED:
        return f"Background jobs do not run{after}: schedules, notifications and large exports wait."
    return f"Background jobs are about to be started again{after}."

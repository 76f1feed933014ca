"""What callers mean: they name runs and providers as people do, the database has numbers."""

from __future__ import annotations

from igentai_site.api.entry_schemas import AttributeQuery, NewExport
from igentai_site.api.errors import invalid
from orchestration.models import Run
from producers.models import Provider
from topics.browsing.filters import Filters

HIGHEST_NUMBER = 2**31 - 1


def filters_of(asked: AttributeQuery | NewExport) -> Filters:
    """Which entries. `asked` has the fields of a query for attributes."""
    return Filters(
        topic=asked.topic,
        run=run_of(asked.topic, asked.run),
        provider=provider_of(asked.provider),
        slot=asked.producer,
        partition=line_of(asked.partition),
        state=asked.state,
        q=line_of(asked.q),
    )


def run_of(topic: int | None, number: int | None) -> int | None:
    """The id of that run of the topic."""
    if number is None:
        return None
    if topic is None:
        raise invalid({"run": "Runs are numbered by topic."}, "Say which topic, too.")
    found = Run.objects.filter(topic=topic, number=min(number, HIGHEST_NUMBER)).values_list("pk", flat=True).first()
    if found is None:
        raise invalid({"run": "The topic has no run of this number."}, "The topic's status has the newest number.")
    return found


def provider_of(name: str) -> int | None:
    """The id of the provider of that name."""
    if not name:
        return None
    found = Provider.objects.filter(name=line_of(name)).values_list("pk", flat=True).first()
    if found is None:
        raise invalid({"provider": "There is no provider of this name."}, "A topic's status names its providers.")
    return found


def line_of(text: str) -> str:
    """Without what PostgreSQL refuses."""
    return text.replace("\0", "")

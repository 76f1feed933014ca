"""`python -m bench.viewers_world`: the database of DATABASE_URL gets a run that finds entries while others look.

It says in a line of JSON what there is to look at; then, for each line of its input with a number of seconds, it
finds 20 entries a second, each in a commit of its own, and says when each was committed, by the machine's clock.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import django

A_SECOND = 20
PRODUCERS, PROVIDERS = 20, 5


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "igentai_site.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    request, session = _world()
    _tell({"topic": request.run.topic_id, "session": session})
    for line in sys.stdin:
        _tell(_found(request, float(line)))


def _world() -> tuple[Any, str]:
    from tests.factories import (
        ProducerFactory,
        ProviderFactory,
        ProviderWeightFactory,
        RequestFactory,
        RunFactory,
        RunFiguresFactory,
        UserFactory,
    )
    from tests.live import session_of

    run = RunFactory(topic__name="Watched", target=100_000)
    providers = ProviderFactory.create_batch(PROVIDERS)
    for slot in range(PRODUCERS):
        producer = ProducerFactory(run=run, slot=slot)
        for provider in providers:
            ProviderWeightFactory(producer=producer, provider=provider, weight=1 / PROVIDERS)
    RunFiguresFactory(run=run)
    request = RequestFactory(producer=producer, provider=providers[0])
    return request, session_of(UserFactory(permissions=["topics.view_topic"]))


def _found(request: Any, seconds: float) -> dict[int, float]:
    """When each new entry was committed."""
    from django.db import transaction
    from django.db.models import F

    from orchestration.models import Run
    from tests.factories import AttributeFactory

    committed: dict[int, float] = {}
    due = time.monotonic()
    for _ in range(int(seconds * A_SECOND)):
        due += 1 / A_SECOND
        time.sleep(max(0.0, due - time.monotonic()))
        with transaction.atomic():
            entry = AttributeFactory(request=request)
            Run.objects.filter(pk=request.run_id).update(unique=F("unique") + 1, candidates=F("candidates") + 2)
        committed[entry.pk] = time.monotonic()
    return committed


def _tell(said: Any) -> None:
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()

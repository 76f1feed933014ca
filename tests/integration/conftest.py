"""Each test has the database to itself, so what the portal remembers of an earlier one is wrong."""

from contextlib import contextmanager

import pytest
from django.db.models.signals import pre_save

from orchestration.portal import panels, series
from tests.integration.arriving import Sender, new_engine
from topics.models import Topic


@pytest.fixture(autouse=True)
def nothing_remembered():
    panels._recent.forget()
    series._recent.forget()


@pytest.fixture
def started_before_it_is_saved():
    """While it holds, somebody starts each topic after it was read and before it is written."""

    @contextmanager
    def holding():
        def start(instance, **kwargs):
            Topic.objects.filter(pk=instance.pk).start_over()

        pre_save.connect(start, sender=Topic)
        try:
            yield
        finally:
            pre_save.disconnect(start, sender=Topic)

    return holding


@pytest.fixture
def store(transactional_db):
    """That of an engine that has just started."""
    return new_engine()


@pytest.fixture
def sender(store):
    """A producer of a run of its own, while that engine is there."""
    return Sender()

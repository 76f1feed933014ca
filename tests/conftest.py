"""Settings of the tools that tests use, and what no test may leave to the next."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

# No test asserts a timing, nor may a busy machine fail one.
settings.register_profile("igentai", deadline=None)
settings.load_profile("igentai")


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix() -> None:
    """No suffix: each worker has a database of its own, under the name that the processes of its tests are given."""


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Ids are used again in the next test's database, so what is remembered by them must go."""
    yield
    from topics.rejected import forget

    forget()

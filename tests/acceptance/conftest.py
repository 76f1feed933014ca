from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.acceptance.support", "tests.acceptance.wholeness")

from tests.acceptance.support import Igentai  # noqa: E402 - after the line above


@pytest.fixture
def igentai(transactional_db: None, tmp_path: Path) -> Iterator[Igentai]:
    """Starts engines on the test's database; at its end no process may be left."""
    started = Igentai(tmp_path)
    try:
        yield started
    finally:
        left = started.clean_up()
    assert not left, f"left behind: {left}"

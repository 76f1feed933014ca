"""Each test has the database to itself, so what the portal remembers of an earlier one is wrong."""

import pytest

from orchestration.portal import panels, series


@pytest.fixture(autouse=True)
def nothing_remembered():
    panels._recent.forget()
    series._recent.forget()

"""What several tests without a database share."""

import pytest

pytest.register_assert_rewrite("tests.unit.histories")

"""Whether a provider may be asked now."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.providers.errors import KeyRejected, RateLimited, ServerFault
from producers.worker.health import Health, after_failure, after_success

NOW = 100.0


def failed(times, health=None, error=None, now=NOW):
    health = health or Health()
    for _ in range(times):
        health = after_failure(health, error or ServerFault("no luck"), now)
    return health


def pause(health):
    return health.paused_until - NOW


def test_a_provider_that_nobody_has_asked_may_be_asked():
    assert Health().usable(0.0)


@pytest.mark.parametrize(("failures", "seconds"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (50, 60), (5_000, 60)])
def test_pauses_double_up_to_a_minute(failures, seconds):
    assert pause(failed(failures)) == seconds


def test_it_may_be_asked_when_its_pause_is_over():
    health = failed(1)
    assert not health.usable(NOW + 0.99)
    assert health.usable(NOW + 1.0)


def test_an_answer_makes_it_as_good_as_new():
    assert pause(failed(1, after_success(failed(5)), now=NOW + 100)) == 101


def test_a_late_answer_does_not_end_a_pause():
    """Of two requests under way one was told to wait, and then the other succeeded."""
    health = after_success(failed(1, error=RateLimited("later", retry_after=30)))
    assert pause(health) == 30
    assert health.failures == 0


def test_it_waits_as_long_as_it_is_told():
    assert pause(failed(1, error=RateLimited("later", retry_after=42))) == 42


def test_it_waits_no_shorter_for_being_told():
    assert pause(failed(4, error=RateLimited("later", retry_after=0))) == 8


def test_no_wait_is_longer_than_five_minutes():
    assert pause(failed(1, error=RateLimited("later", retry_after=1e9))) == 300


def test_of_several_pauses_the_longest_counts():
    health = failed(1, error=RateLimited("later", retry_after=100))
    assert pause(after_failure(health, ServerFault("no luck"), NOW + 1)) == 100


def test_a_provider_that_refuses_for_good_is_out_for_good():
    health = after_success(failed(1, error=KeyRejected("no such key")))
    assert health.out == "no such key"
    assert not health.usable(NOW + 1e9)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 100), st.none() | st.floats(0, 1_000)), max_size=20))
def test_a_deadline_never_moves_forward(history):
    health, now = Health(), NOW
    for success, later, retry_after in history:
        now += later
        before = health.paused_until
        health = (
            after_success(health) if success else after_failure(health, ServerFault("", retry_after=retry_after), now)
        )
        assert health.paused_until >= before
        assert success or health.paused_until >= now + min(retry_after or 0.0, 300.0)

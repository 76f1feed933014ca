"""Whether a silent process is stuck."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.silence import START_SECONDS, Silence, is_stuck, listened


def after(*looks, silence=None):
    """The silence after looks, each a sign and the seconds since the one before."""
    silence = silence or Silence()
    for sign, elapsed in looks:
        silence = listened(silence, sign, elapsed)
    return silence


def test_what_sings_is_not_stuck():
    assert not is_stuck(after(*((number, 5.0) for number in range(100))), limit=10)


def test_one_that_sang_and_fell_silent_is_stuck_after_the_limit():
    heard = after((1, 0.0), (2, 5.0))
    assert not is_stuck(after((2, 5.0), (2, 5.0), silence=heard), limit=10)
    assert is_stuck(after((2, 5.0), (2, 5.0), (2, 1.0), silence=heard), limit=10)


def test_one_that_was_never_heard_gets_time_to_start():
    assert not is_stuck(after((7, 0.0), (7, 10.0 + START_SECONDS)), limit=10)
    assert is_stuck(after((7, 0.0), (7, 10.1 + START_SECONDS)), limit=10)


def test_one_that_is_busy_gets_the_time_that_it_asked_for():
    silent = after((1, 0.0), (2, 5.0), (2, 600.0))
    assert not is_stuck(silent, limit=10, busy_seconds=900)
    assert is_stuck(silent, limit=10)


def test_the_signs_of_an_earlier_life_are_no_sign_of_this_one():
    assert not after((41, 0.0), (41, 1.0)).heard


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 100)), max_size=30))
def test_the_silence_is_the_time_since_the_sign_last_changed(looks):
    silence = after(*looks)
    expected = 0.0
    for (before, _), (sign, elapsed) in pairwise(looks):
        expected = expected + elapsed if sign == before else 0.0
    assert silence.seconds == expected

"""How much a viewer may ask for, and how far it may fall behind."""

from orchestration.portal.limits import Allowance, Unpainted


def test_a_burst_is_allowed_and_then_the_long_run():
    allowance = Allowance(burst=3, per_second=2)
    assert [allowance.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert [allowance.take(1.0) for _ in range(3)] == [True, True, False]


def test_the_allowance_never_grows_beyond_a_burst():
    allowance = Allowance(burst=2, per_second=2)
    allowance.take(0.0)
    assert [allowance.take(1000.0) for _ in range(3)] == [True, True, False]


def test_a_viewer_that_paints_is_never_behind():
    unpainted = Unpainted(most=2, seconds=10)
    for count in range(1, 100):
        unpainted.sent(now=float(count))
        assert unpainted.painted(count)
    assert not unpainted.is_too_far_behind(now=1000.0)


def test_a_viewer_may_be_some_messages_behind_and_no_more():
    unpainted = Unpainted(most=2, seconds=10)
    unpainted.sent(0.0)
    unpainted.sent(0.0)
    assert not unpainted.is_too_far_behind(0.0)
    unpainted.sent(0.0)
    assert unpainted.is_too_far_behind(0.0)


def test_a_viewer_may_be_silent_for_a_while_and_no_longer():
    unpainted = Unpainted(most=64, seconds=10)
    unpainted.sent(5.0)
    assert not unpainted.is_too_far_behind(15.0)
    assert unpainted.is_too_far_behind(15.1)


def test_silence_is_counted_from_the_oldest_message_that_is_not_painted():
    unpainted = Unpainted(most=64, seconds=10)
    unpainted.sent(0.0)
    unpainted.sent(9.0)
    unpainted.painted(1)
    assert not unpainted.is_too_far_behind(15.0)


def test_nobody_can_have_painted_what_was_not_sent():
    unpainted = Unpainted(most=64, seconds=10)
    unpainted.sent(0.0)
    assert not unpainted.painted(2)

"""A provider's door: when it is open, and for how many."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.gate import FAILURES_TO_OPEN, FIRST_OPEN, FIRST_PAUSE, LONGEST_OPEN, Gate, GateLimits

NOW = 1_000.0


def used(gate: Gate, now: float, how, **said) -> None:
    gate.begin(now, 0)
    gate.end(now, how, begun=now, **said)


def failed(gate: Gate, now: float, times: int = 1) -> None:
    for _ in range(times):
        used(gate, now, "failed", reason="server fault")


def seconds(gate: Gate, now: float, tokens: int = 0) -> float:
    wait = gate.wait(now, tokens)
    assert wait is None or wait.seconds is not None
    return wait.seconds if wait and wait.seconds else 0.0


def test_a_door_that_nobody_has_used_is_open():
    assert Gate().wait(NOW, 1_000_000) is None


def test_a_pause_lasts_as_long_as_the_vendor_says():
    gate = Gate()
    used(gate, NOW, "rate_limited", retry_after=45.8, reason="slow down")
    wait = gate.wait(NOW + 5.8, 0)
    assert wait is not None
    assert (round(wait.seconds or 0, 6), wait.reason) == (40, "slow down")
    assert gate.wait(NOW + 45.8, 0) is None


def test_of_several_pauses_the_longest_counts():
    gate = Gate()
    used(gate, NOW, "rate_limited", retry_after=60)
    used(gate, NOW, "rate_limited", retry_after=1)
    used(gate, NOW, "answered")
    assert seconds(gate, NOW) == 60


def test_without_a_word_of_the_vendor_the_pauses_double_up_to_a_minute():
    gate, now, pauses = Gate(), NOW, []
    for _ in range(9):
        used(gate, now, "rate_limited")
        pauses.append(seconds(gate, now))
        now += pauses[-1]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_failure_is_followed_by_a_short_pause_and_an_answer_makes_good_for_all():
    gate = Gate()
    failed(gate, NOW)
    assert seconds(gate, NOW) == 0.5
    failed(gate, NOW + 0.5)
    assert seconds(gate, NOW + 0.5) == 1
    used(gate, NOW + 1.5, "answered")
    failed(gate, NOW + 2)
    assert seconds(gate, NOW + 2) == 0.5


def test_after_five_failures_in_a_row_one_request_tries_after_thirty_seconds():
    gate = Gate()
    failed(gate, NOW, FAILURES_TO_OPEN)
    assert seconds(gate, NOW) == FIRST_OPEN
    later = NOW + FIRST_OPEN
    assert gate.wait(later, 0) is None
    gate.begin(later, 0)
    assert seconds(gate, later) > 0, "a second one must not go along"
    gate.end(later, "answered", begun=later)
    assert gate.wait(later, 0) is None


def test_as_long_as_the_tries_fail_the_waits_double_up_to_five_minutes():
    gate, now, waits = Gate(), NOW, []
    failed(gate, now, FAILURES_TO_OPEN)
    for _ in range(6):
        waits.append(seconds(gate, now))
        now += waits[-1]
        failed(gate, now)
    assert waits == [30, 60, 120, 240, LONGEST_OPEN, LONGEST_OPEN]


def under_way(gate: Gate, since: float, requests: int) -> None:
    for _ in range(requests):
        gate.begin(since, 0)


def ended(gate: Gate, now: float, how, begun: float, **said) -> None:
    gate.end(now, how, begun=begun, **said)


def test_those_that_were_under_way_together_are_one_failure():
    gate = Gate()
    under_way(gate, NOW, 8)
    for at in range(8):
        ended(gate, NOW + 1 + at / 100, "failed", NOW)
    assert gate.failures == 1
    assert gate.wait(NOW + 1.5, 0) is None, "none of them makes the short pause longer"


def test_short_blips_open_the_breaker_when_they_come_five_times_in_a_row_and_not_before():
    gate, now = Gate(), NOW
    for blip in range(1, FAILURES_TO_OPEN + 1):
        under_way(gate, now, 5)
        for _ in range(5):
            ended(gate, now + 0.1, "failed", now)
        assert gate.failures == blip
        assert (seconds(gate, now + 0.1) > FIRST_OPEN / 2) == (blip == FAILURES_TO_OPEN)
        now = gate.paused_until


def test_those_under_way_together_are_one_opening_too():
    gate = Gate()
    failed(gate, NOW, FAILURES_TO_OPEN - 1)
    later = gate.paused_until
    under_way(gate, later, 5)
    for _ in range(5):
        ended(gate, later + 1, "failed", later)
    assert seconds(gate, later + 1) == FIRST_OPEN
    failed(gate, gate.paused_until)
    assert gate.paused_until == later + 1 + FIRST_OPEN + 2 * FIRST_OPEN


def test_an_answer_to_what_was_under_way_shows_that_the_provider_works_and_ends_the_breakers_pause():
    gate = Gate()
    under_way(gate, NOW, 1)
    failed(gate, NOW + 1, FAILURES_TO_OPEN)
    assert seconds(gate, NOW + 2) > FIRST_PAUSE
    ended(gate, NOW + 2, "answered", NOW)
    assert gate.wait(NOW + 2, 0) is None


@pytest.mark.parametrize("how", ["failed", "rate_limited"])
def test_no_answer_cuts_short_what_the_vendor_ordered(how):
    gate = Gate()
    under_way(gate, NOW, 2)
    ended(gate, NOW + 1, how, NOW, retry_after=10, reason="come back later")
    failed(gate, NOW + 1, FAILURES_TO_OPEN)
    ended(gate, NOW + 2, "answered", NOW)
    wait = gate.wait(NOW + 2, 0)
    assert wait is not None
    assert (wait.seconds, wait.reason) == (9, "come back later")
    assert gate.told_until == NOW + 11


def test_an_answer_does_not_end_the_pause_after_a_429():
    gate = Gate()
    under_way(gate, NOW, 2)
    ended(gate, NOW + 1, "rate_limited", NOW)
    ended(gate, NOW + 1, "answered", NOW)
    assert seconds(gate, NOW + 1) == 1


def test_the_breakers_pause_is_ours_also_where_the_vendor_ordered_a_shorter_one():
    gate = Gate()
    for _ in range(FAILURES_TO_OPEN):
        used(gate, NOW, "failed", retry_after=2)
    assert (seconds(gate, NOW), gate.told_until) == (FIRST_OPEN, NOW + 2)


def test_a_refusal_for_good_holds_until_a_run_begins():
    gate = Gate()
    used(gate, NOW, "refused", reason="no such key")
    wait = gate.wait(NOW + 1e6, 0)
    assert wait is not None
    assert (wait.seconds, wait.reason) == (None, "no such key")
    gate.reopen(GateLimits())
    assert gate.wait(NOW, 0) is None


@pytest.mark.parametrize("how", ["unknown", "answered"])
def test_what_is_no_failure_does_not_open_the_breaker(how):
    gate = Gate()
    for _ in range(50):
        used(gate, NOW, how)
    assert gate.wait(NOW, 0) is None


# How many at a time


def test_no_more_are_under_way_than_the_window_holds():
    gate = Gate(GateLimits(concurrency=3), window=10)
    for _ in range(3):
        assert gate.wait(NOW, 0) is None
        gate.begin(NOW, 0)
    assert seconds(gate, NOW) > 0
    gate.end(NOW, "answered", begun=NOW)
    assert gate.wait(NOW, 0) is None


def test_the_window_grows_with_every_answer_until_there_is_trouble():
    gate = Gate(GateLimits(concurrency=10))
    limits = []
    for _ in range(10):
        limits.append(gate.limit)
        used(gate, NOW, "answered")
    assert limits == [2, 3, 4, 5, 6, 7, 8, 9, 10, 10]


def test_after_trouble_it_grows_by_one_with_a_round_of_answers_and_a_429_halves_it():
    gate = Gate(GateLimits(concurrency=100), window=8, careful=True)
    for _ in range(9):
        used(gate, NOW, "answered")
    assert gate.limit == 9
    used(gate, NOW, "rate_limited")
    assert gate.limit == 4


def test_many_429_at_a_time_halve_it_once():
    gate = Gate(GateLimits(concurrency=16), window=16)
    for _ in range(16):
        gate.begin(NOW, 0)
    for _ in range(16):
        gate.end(NOW, "rate_limited", begun=NOW)
    assert gate.limit == 8


@given(st.lists(st.sampled_from(["answered", "rate_limited", "failed", "unknown"]), max_size=80), st.integers(1, 20))
def test_the_limit_stays_between_one_and_the_providers_and_a_door_never_shuts_for_ever(history, most):
    gate, now = Gate(GateLimits(concurrency=most)), NOW
    for how in history:
        used(gate, now, how)
        now += 0.3
    assert 1 <= gate.limit <= most
    assert gate.in_flight == 0
    assert gate.wait(now + LONGEST_OPEN, 0) is None


# By the minute


def test_no_more_requests_begin_in_a_minute_than_the_contract_says():
    gate = Gate(GateLimits(requests_per_minute=2))
    used(gate, NOW, "answered")
    used(gate, NOW + 10, "answered")
    assert seconds(gate, NOW + 20) == 40
    used(gate, NOW + 60, "answered")
    assert seconds(gate, NOW + 60) == 10


def test_no_more_tokens_go_out_in_a_minute_than_the_contract_says():
    gate = Gate(GateLimits(tokens_per_minute=1_000), window=8)
    gate.begin(NOW, 600)
    gate.begin(NOW + 10, 300)
    assert gate.wait(NOW + 20, 100) is None
    assert seconds(gate, NOW + 20, 200) == 40
    assert seconds(gate, NOW + 20, 800) == 50
    assert Gate(GateLimits(tokens_per_minute=1_000)).wait(NOW, 5_000) is None, "a large one may go alone"

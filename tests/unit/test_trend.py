"""Whether the novelty rate rises or falls: against a plain computation, and how often it is wrong."""

import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from orchestration.logic.trend import FEWEST_REQUESTS, UNKNOWN, Moments, _two_sided, trend_of

LATE = 12_345_678  # blocks since the machine was started

answers = st.tuples(st.integers(0, 200), st.integers(1, 60), st.integers(0, 60)).map(
    lambda drawn: (drawn[0], drawn[1], min(drawn[1], drawn[2]))
)


def moments_of(history, offset=0):
    moments = Moments()
    for t, n, x in history:
        moments.count(t + offset, n, x)
    return moments


def falling(rates, requests_each=3, size=50):
    return moments_of((t, size, round(rate * size)) for t, rate in enumerate(rates) for _ in range(requests_each))


def plain_p_value(history):
    """The score test, from the requests themselves."""
    total = sum(n for _, n, _ in history)
    rate, middle = sum(x for *_, x in history) / total, sum(t * n for t, n, _ in history) / total
    shares = [(t - middle) * (x - n * rate) for t, n, x in history]
    score = sum(shares)
    spread = sum(n * (t - middle) ** 2 for t, n, _ in history)
    variance = max(sum(share**2 for share in shares) - score**2 / len(history), spread * rate * (1 - rate))
    return _two_sided(abs(score) / variance**0.5, len(history) - 2)


@given(st.lists(answers, min_size=FEWEST_REQUESTS, max_size=40), st.sampled_from([0, LATE]))
def test_the_sums_give_the_p_value_that_the_requests_give(history, offset):
    assume(len({t for t, *_ in history}) > 1)
    assume(0 < sum(x for *_, x in history) < sum(n for _, n, _ in history))
    assert trend_of(moments_of(history, offset)).p_value == pytest.approx(plain_p_value(history), rel=1e-6, abs=1e-9)


def test_a_clear_fall_and_a_clear_rise():
    down = trend_of(falling([0.9, 0.8, 0.65, 0.5, 0.4, 0.2]))
    up = trend_of(falling([0.2, 0.4, 0.5, 0.65, 0.8, 0.9]))
    assert (down.direction, up.direction) == ("falling", "rising")
    assert down.p_value == pytest.approx(up.p_value)
    assert down.p_value == pytest.approx(0.0, abs=0.001)
    assert down.per_block == pytest.approx(-0.14, abs=0.01)
    assert up.per_block == pytest.approx(0.14, abs=0.01)


@pytest.mark.parametrize("rate", [0.0, 0.3, 1.0])
def test_what_does_not_change_is_steady(rate):
    trend = trend_of(falling([rate] * 6))
    assert (trend.direction, trend.p_value, trend.per_block) == ("steady", 1.0, 0.0)


@pytest.mark.parametrize(
    "history",
    [
        [],
        [(t, 10, t) for t in range(FEWEST_REQUESTS - 1)],
        [(5, 10, x) for x in range(9)],
        [(t, 0, 0) for t in range(9)],
    ],
    ids=["no request", "too few", "all at once", "no candidates"],
)
def test_where_nothing_can_be_said_nothing_is(history):
    assert trend_of(moments_of(history)) == UNKNOWN


def test_few_candidates_are_no_more_certain_than_a_coin():
    """One candidate each: by chance their spread around the line can be next to nothing."""
    p_value = trend_of(moments_of([(t, 1, int(t < 4)) for t in range(8)])).p_value
    assert p_value
    assert p_value > 0.005


# Values of Student's distribution from the tables: two-sided 0.05 and 0.01
@pytest.mark.parametrize(
    ("freedom", "t", "p"),
    [(6, 2.447, 0.05), (10, 2.228, 0.05), (30, 2.042, 0.05), (120, 1.980, 0.05), (6, 3.707, 0.01), (30, 2.750, 0.01)],
)
def test_the_distribution_agrees_with_the_tables(freedom, t, p):
    assert _two_sided(t, freedom) == pytest.approx(p, abs=0.001)


@pytest.mark.parametrize("alike", [0.0, 0.2], ids=["independent candidates", "answers that are all new or all old"])
def test_a_steady_rate_is_rarely_taken_for_a_trend(alike):
    """Answers of many sizes, whose candidates may go together: wrong in about one of twenty cases, by design."""
    draw = random.Random(5)
    wrong = sum(trend_of(moments_of(steady_history(draw, alike))).direction != "steady" for _ in range(400))
    assert wrong <= 400 * 0.09


def steady_history(draw, alike):
    for t in range(30):
        size = draw.choice([5, 20, 60])
        rate = draw.betavariate(0.4 / alike, 0.4 / alike) if alike else 0.5
        yield t, size, sum(draw.random() < rate for _ in range(size))

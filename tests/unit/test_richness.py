"""Lower bounds of a total: published examples, formulas worked out by hand, and what holds for any counts."""

from collections import Counter
from math import exp, log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic import richness
from orchestration.logic.intervals import Interval, Z, lognormal

frequencies = st.dictionaries(st.integers(1, 30), st.integers(0, 400), max_size=12)


def known(interval: Interval | None) -> Interval:
    assert interval is not None
    return interval


def of(*counts):
    """How many entries were seen so often, from how often each was seen."""
    return Counter(count for count in counts if count)


def plainly(value):
    return pytest.approx(value, rel=1e-6)


# The vectors of scikit-bio's own tests of chao1, chao1_ci and ace; the intervals agree with EstimateS to two places.
EXAMPLE = of(0, 1, 1, 4, 2, 5, 2, 4, 1, 2)


def at_ninety(published, seen):
    """A lognormal 95 % interval as published, at the 90 % level."""
    low, high = published
    middle, reach = (log(low - seen) + log(high - seen)) / 2, (log(high - seen) - log(low - seen)) / 2
    return seen + exp(middle - reach * Z / 1.96), seen + exp(middle + reach * Z / 1.96)


@pytest.mark.parametrize(
    ("counts", "estimate", "published"),
    [(EXAMPLE, 9.75, (9.07, 17.45)), (of(1, 1, 4, 5), 5, (4.08, 17.27))],
)
def test_chao1_matches_published_examples(counts, estimate, published):
    bound = known(richness.chao1(counts))
    seen = sum(counts.values())
    assert bound.estimate == plainly(estimate)
    assert (bound.low, bound.high) == pytest.approx(at_ninety(published, seen), rel=0.02)


def test_without_singletons_chao1_is_what_was_seen_and_its_interval_is_estimates_equation_14():
    bound = known(richness.chao1(of(2, 2, 4, 5)))
    empty = exp(-13 / 4)
    assert (bound.estimate, bound.low) == (4, 4)
    assert bound.high == plainly(4 / (1 - empty) + Z * sqrt(4 * empty / (1 - empty)))


@pytest.mark.parametrize(
    ("counts", "published"),
    [
        (of(12, 2, 8), 3.0),
        (of(12, 2, 1), 4.0),
        (of(12, 1, 2, 1), 7.0),
        (of(12, 3, 2, 1), 4.6),
        (of(12, 3, 6, 1, 10), 5.62749672),
        (of(1, 1, 10, 10, 1), 9.35681818182),
    ],
)
def test_ace_matches_published_examples(counts, published):
    assert known(richness.ace(counts)).estimate == plainly(published)


def test_ace_has_no_value_where_all_that_is_rare_was_seen_once():
    assert richness.ace(of(43, 1, 1, 42, 1, 43)) is None


def test_chao2_by_hand():
    # 10 answers, 6 entries in one, 3 in two, 11 seen in all: 11 + 9/10 * 6 * 5 / (2 * 4).
    bound = richness.chao2({1: 6, 2: 3, 5: 2}, answers=10)
    rest = 0.9 * 30 / 8
    variance = rest + 0.81 * 6 * 11**2 / (4 * 4**2) + 0.81 * 36 * 3 * 25 / (4 * 4**4)
    assert bound == lognormal(11, 11 + rest, variance)


def test_ice_by_hand():
    # 8 answers; infrequent: 4 + 2 + 1 entries in 4 + 4 + 3 incidences; one entry was in all 8, none in more than ten.
    counts = {1: 4, 2: 2, 3: 1, 8: 1}
    covered = 1 - 4 / 19
    variation = max(8 / covered * 8 / 7 * (2 * 2 + 3 * 2 + 8 * 7) / 19**2 - 1, 0)
    assert known(richness.ice(counts, answers=8)).estimate == plainly(8 / covered + 4 / covered * variation)


def test_the_variance_of_ace_is_that_of_the_delta_method():
    counts = {1: 40, 2: 60}
    bound = known(richness.ace(counts))
    # These vary no more than by chance, so the total is n D / (n - f1), with n = f1 + 2 f2 and D = f1 + f2.
    n, seen = 160, 100
    assert bound.estimate == plainly(seen / (1 - 40 / n))
    first, second = (n + seen) / 120, (2 * seen + n) / 120 - 2 * n * seen / 120**2
    mean = first * 40 + second * 60
    variance = first**2 * 40 + second**2 * 60 - mean**2 / bound.estimate
    assert (bound.low, bound.high) == (
        plainly(lognormal(seen, bound.estimate, variance).low),
        plainly(lognormal(seen, bound.estimate, variance).high),
    )


@given(frequencies, st.integers(1, 100))
def test_every_bound_is_in_order_and_not_below_what_was_seen(counts, answers):
    bounds = (
        richness.chao1(counts),
        richness.ace(counts),
        richness.chao2(counts, answers),
        richness.ice(counts, answers),
    )
    for bound in filter(None, bounds):
        assert sum(counts.values()) <= bound.low <= bound.estimate + 1e-6
        assert bound.estimate <= bound.high


def test_nothing_seen_gives_no_bound():
    assert richness.chao1({}) is None
    assert richness.ace({}) is None
    assert richness.chao2({}, 5) is None
    assert richness.ice({}, 5) is None

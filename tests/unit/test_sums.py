"""Sums that are added and taken away, and the quantiles of latencies."""

from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic.sums import NO_KIND, Sums, latency_bin, quantile_ms
from tests.unit.counting import contents, histories, request


def summed(history):
    sums = Sums()
    for event in history:
        sums.count(event, int(event.at // 10))
    return sums


@given(histories, histories)
def test_what_is_added_can_be_taken_away(one, other):
    sums = summed(one)
    sums.add(summed(other))
    assert contents(sums) == contents(summed(one + other))
    sums.subtract(summed(other))
    assert contents(sums) == contents(summed(one))


# Latencies


@given(
    st.lists(st.integers(1, 10_000_000), min_size=1, max_size=60),
    st.floats(0.01, 1),
)
def test_a_quantile_is_within_five_percent_of_the_latency_it_stands_for(latencies, share):
    bins: dict[int, int] = {}
    for each in latencies:
        bins[latency_bin(each)] = bins.get(latency_bin(each), 0) + 1
    exact = sorted(latencies)[ceil(share * len(latencies)) - 1]
    assert abs(quantile_ms(bins, share) - exact) <= 0.05 * exact + 0.5  # which is told in whole milliseconds


def test_without_an_answer_there_is_no_latency():
    assert quantile_ms({}, 0.5) is None
    assert not summed([request(failed_requests=1, response_ms=5)]).latencies


def test_an_answer_at_once_has_the_smallest_latency():
    assert quantile_ms(summed([request(response_ms=0)]).latencies, 0.95) == 1


# Errors, partitions, probes


def test_errors_are_counted_by_kind_those_of_cut_answers_too():
    sums = summed(
        [
            request(failed_requests=1, error_kind="timeout"),
            request(candidates=3, error_kind="timeout"),
            request(failed_requests=1),
            request(),
        ]
    )
    assert sums.errors == {"timeout": 2, NO_KIND: 1}


def test_only_candidates_that_somebody_judged_count_for_coherence():
    sums = summed(
        [request(candidates=10, coherence=0.5), request(candidates=30, coherence=1.0), request(candidates=9)]
    )
    assert (sums.judged, sums.fitting) == (40, 35.0)


def test_a_blind_probe_is_left_out_of_the_trend_alone():
    sums = summed([request(candidates=5, unique=1, probe=True)])
    assert sums.totals.unique == 1
    assert not any(sums.moments.sums)

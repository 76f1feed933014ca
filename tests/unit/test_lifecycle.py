"""When a run stops, and when a process is started again."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.logic import lifecycle
from orchestration.logic.coverage import Coverage
from orchestration.logic.intervals import Interval
from orchestration.logic.lifecycle import Limits, Lives, Progress, StopReason, after_life, restart_delay
from orchestration.logic.outlook import Outlook
from orchestration.logic.statistics import RequestEvent, RunStatistics, Totals

NOW = 1_000.0


def counted(*events: RequestEvent) -> RunStatistics:
    statistics = RunStatistics()
    for event in events:
        statistics.record(event)
    return statistics


def answer(unique=1, candidates=1, at=NOW, provider="a", cost="0"):
    totals = Totals(requests=1, candidates=candidates, unique=unique, cost_usd=Decimal(cost))
    return RequestEvent(at, provider, 0, totals)


def failure(at=NOW, provider="a", **details):
    return RequestEvent(at, provider, 0, Totals(requests=1, failed_requests=1), **{"error": "no luck", **details})


def progress(now=NOW, entries=0, seconds=0.0, producers=None, refusals=None):
    return Progress(now, entries, seconds, {0: None, 1: None} if producers is None else producers, refusals or {})


def reason(limits=None, where=None, statistics=None, providers=("a",)):
    stop = lifecycle.stop_decision(limits or Limits(), where or progress(), statistics or counted(), providers)
    return stop and stop.reason


COVERED = Coverage(mass=None, items=Interval(0.9, 0.85, 0.95), total_low={}, recapture=(), unseen="")
DRY = [answer(unique=0, candidates=60)] * 25


# The reasons to stop


def test_a_run_without_a_reason_goes_on():
    assert reason(statistics=counted(answer())) is None


def test_a_run_that_has_not_begun_to_answer_goes_on():
    assert reason() is None


@pytest.mark.parametrize(
    ("outlook", "stops"),
    [
        (Outlook(), None),
        (Outlook(coverage=COVERED, covered=2), StopReason.COVERAGE),
        (Outlook(coverage=COVERED, covered=1), None),
        (Outlook(price=Interval(9.0, 8.0, 10.0), dear=2, hopeless=2), StopReason.PRICE),
        (Outlook(price=Interval(9.0, 8.0, 10.0), dear=1), None),
    ],
)
def test_a_run_stops_when_estimates_say_often_enough_that_more_is_not_wanted(outlook, stops):
    where = replace(progress(), outlook=outlook)
    assert reason(Limits(coverage=0.8, price_usd=Decimal(5)), where, counted(answer())) is stops
    assert reason(Limits(), where, counted(answer())) is None


@pytest.mark.parametrize(("entries", "stops"), [(99, None), (100, StopReason.TARGET), (131, StopReason.TARGET)])
def test_a_run_stops_at_its_target(entries, stops):
    assert reason(Limits(target=100), progress(entries=entries)) is stops


@pytest.mark.parametrize(("cost", "stops"), [("0.999999", None), ("1", StopReason.BUDGET), ("2", StopReason.BUDGET)])
def test_a_run_stops_when_its_budget_is_spent(cost, stops):
    assert reason(Limits(budget_usd=Decimal(1)), statistics=counted(answer(cost=cost))) is stops


def test_a_budget_of_nothing_is_spent_at_once():
    assert reason(Limits(budget_usd=Decimal(0))) is StopReason.BUDGET


@pytest.mark.parametrize(("seconds", "stops"), [(89.9, None), (90.0, StopReason.MINUTES)])
def test_a_run_stops_when_its_time_is_over(seconds, stops):
    assert reason(Limits(minutes=1.5), progress(seconds=seconds), counted(answer())) is stops


@pytest.mark.parametrize(
    ("producers", "stops"),
    [
        ({}, None),
        ({0: None, 1: True}, None),
        ({0: None, 1: False}, None),
        ({0: True, 1: True}, StopReason.ITERATIONS),
        ({0: True, 1: False}, StopReason.ITERATIONS),
        ({0: False, 1: False}, StopReason.NO_PRODUCER),
    ],
)
def test_a_run_stops_when_none_of_its_producers_is_at_work(producers, stops):
    assert reason(where=progress(producers=producers), statistics=counted(answer())) is stops


def test_producers_that_have_nobody_to_ask_say_why():
    refused = progress(producers={0: False, 1: False}, refusals={0: "a: no key", 1: "a: no key"})
    stop = lifecycle.stop_decision(Limits(), refused, counted(), ["a"])
    assert stop == lifecycle.Stop(StopReason.NO_PROVIDER, "a: no key")


@pytest.mark.parametrize(
    ("limits", "where"),
    [
        (Limits(minutes=1), progress(seconds=60)),
        (Limits(iterations=1), progress(producers={0: True})),
    ],
    ids=["time", "requests"],
)
def test_a_run_that_met_nothing_but_failures_has_failed_however_it_ended(limits, where):
    assert reason(limits, where, counted(failure())) is StopReason.NO_PROVIDER
    assert reason(limits, where, counted(failure(), answer())) in (StopReason.MINUTES, StopReason.ITERATIONS)


def test_the_first_reason_in_the_order_of_the_limits_counts():
    """Everything is over at once; each reason, once it no longer holds, gives way to the next."""
    limits = Limits(target=1, budget_usd=Decimal(1), minutes=1)
    where = progress(entries=1, seconds=60, producers={0: True, 1: False})
    answers = [answer(cost="1"), *[answer(unique=0, candidates=0)] * lifecycle.MANY_DRY_REQUESTS]
    broken = [failure(terminal=True)]
    order = [
        reason(limits, where, counted(*answers, *broken)),
        reason(Limits(budget_usd=Decimal(1), minutes=1), where, counted(*answers, *broken)),
        reason(Limits(minutes=1), where, counted(*answers, *broken)),
        reason(Limits(), where, counted(*answers, *broken)),
        reason(Limits(), progress(), counted(*answers, *broken)),
        reason(Limits(), progress(), counted(*answers)),
    ]
    assert [each and each.value for each in order] == [
        "target", "budget", "minutes", "iterations", "no_usable_provider", "exhausted",
    ]  # fmt: skip


def test_just_the_failures_are_failures():
    failures = {each for each in StopReason if each.is_failure}
    assert failures == {StopReason.NO_PROVIDER, StopReason.NO_PRODUCER, StopReason.MISCONFIGURED}


# Exhaustion


def test_a_long_dry_stretch_is_exhaustion():
    assert reason(statistics=counted(answer(), *DRY)) is StopReason.EXHAUSTED


@pytest.mark.parametrize(
    "events",
    [
        [answer(unique=0, candidates=2_000)],
        [answer(unique=0, candidates=60)] * 24,
        [answer(unique=0, candidates=59)] * 25,
        [answer(), *[answer(unique=0, candidates=0)] * 99],
        [*DRY, answer()],
        [*DRY[:20], answer(), *DRY[:20]],
        [failure()] * 4 + [answer()],
    ],
    ids=["one answer", "few requests", "few candidates", "empty", "found again", "found between", "failures"],
)
def test_a_short_dry_stretch_is_none(events):
    assert lifecycle.exhausted(counted(*events)) is None


@pytest.mark.parametrize(("answers", "stops"), [(0, None), (1, None), (2, StopReason.EXHAUSTED)])
def test_a_list_is_not_complete_as_long_as_a_provider_may_know_more(answers, stops):
    seen = counted(answer(), *DRY, *[answer(unique=0, provider="b")] * answers)
    assert reason(statistics=seen, providers=("a", "b")) is stops


@pytest.mark.parametrize("why", ["broke", "unusable"])
def test_a_provider_that_cannot_be_asked_does_not_hold_the_end_up(why):
    where = replace(progress(), **{why: {"b": "for some reason"}})
    assert reason(where=where, statistics=counted(answer(), *DRY), providers=("a", "b")) is StopReason.EXHAUSTED


def test_nor_does_one_that_is_down():
    down = [failure(provider="b")] * lifecycle.FAILURES_BEFORE_USE
    assert reason(statistics=counted(answer(), *DRY, *down), providers=("a", "b")) is StopReason.EXHAUSTED
    assert reason(statistics=counted(answer(), *DRY, *down[1:]), providers=("a", "b")) is None


def test_nor_does_one_that_is_hardly_ever_asked():
    many = [answer(unique=0, candidates=60)] * lifecycle.ENDLESS_DRY_REQUESTS
    assert reason(statistics=counted(answer(), *many), providers=("a", "b")) is StopReason.EXHAUSTED


def test_many_answers_without_anything_are_exhaustion_too():
    stop = lifecycle.exhausted(counted(answer(), *[answer(unique=0, candidates=0)] * 100))
    assert stop is not None
    assert stop.reason == StopReason.EXHAUSTED


def test_a_model_that_never_names_anything_is_of_no_use():
    assert lifecycle.exhausted(counted(*[answer(unique=0, candidates=0)] * 24)) is None
    stop = lifecycle.exhausted(counted(*[answer(unique=0, candidates=0)] * 25))
    assert stop is not None
    assert stop.reason == StopReason.NO_PROVIDER


def test_failures_do_not_make_a_list_look_complete():
    assert lifecycle.exhausted(counted(answer(), *[failure()] * 500)) is None


# Providers that are given up


def given_up(*events, now=NOW, providers=("a",), **progress):
    seen = Progress(now=now, entries=0, active_seconds=0.0, producers={}, **progress)
    return lifecycle.providers_over(counted(*events), providers, seen)


def test_a_run_whose_money_is_spent_ends_although_another_provider_cannot_be_asked():
    spent, out = {"a": "the budget is spent"}, {"b": "disabled in the portal"}
    assert given_up(answer(), providers=("a", "b"), broke=spent) is None
    stop = given_up(answer(), providers=("a", "b"), broke=spent, unusable=out)
    assert stop is not None
    assert (stop.reason, stop.detail.split(",")[0]) == (StopReason.BUDGET, "the budget is spent")
    down = [failure(provider="b")] * 20
    assert given_up(answer(), *down, now=NOW + 500, providers=("a", "b"), broke=spent).reason == StopReason.BUDGET


def test_a_run_whose_money_is_spent_waits_for_what_is_under_way():
    assert given_up(answer(), broke={"a": "the budget is spent"}, under_way=1) is None
    assert given_up(answer(), broke={"a": "the budget is spent"}).reason == StopReason.BUDGET
    assert given_up(answer(), unusable={"a": "no such key"}, under_way=1).reason == StopReason.NO_PROVIDER


def test_a_run_none_of_whose_providers_is_of_use_says_why():
    stop = given_up(providers=("a",), unusable={"a": "disabled in the portal"})
    assert stop == lifecycle.Stop(StopReason.NO_PROVIDER, "a: disabled in the portal")


def test_a_pause_that_the_vendor_ordered_is_waited_for_but_not_for_ever():
    events = [answer(), *[failure()] * 20]
    assert given_up(*events, now=NOW + 300, told_to_wait=["a"]) is None
    assert given_up(*events, now=NOW + 300)
    assert given_up(*events, now=NOW + 1_800, told_to_wait=["a"])


def test_a_provider_that_was_refused_for_good_is_given_up_at_once():
    stop = given_up(failure(terminal=True, error="no such key"))
    assert stop == lifecycle.Stop(StopReason.NO_PROVIDER, "a: no such key")


def test_a_run_goes_on_with_the_provider_that_is_left():
    events = [failure(terminal=True), answer(provider="b")]
    assert given_up(*events, providers=("a", "b")) is None
    stop = given_up(*events, failure(provider="b", terminal=True), providers=("b", "a"))
    assert stop is not None
    assert stop.detail == "a: no luck; b: no luck"


def test_a_run_without_any_provider_ends():
    stop = given_up(providers=())
    assert stop is not None
    assert stop.detail == "none of the chosen providers is enabled"


@pytest.mark.parametrize(
    ("failures", "seconds", "over"),
    [(5, 12.0, True), (4, 60.0, False), (50, 11.9, False)],
)
def test_a_provider_that_never_answered_is_given_up_soon_but_not_rashly(failures, seconds, over):
    assert bool(given_up(*[failure()] * failures, now=NOW + seconds)) is over


@pytest.mark.parametrize(
    ("failures", "seconds", "over"),
    [(6, 120.0, True), (5, 600.0, False), (100, 119.9, False), (5, 12.0, False)],
)
def test_a_provider_of_a_run_that_has_had_answers_gets_more_patience(failures, seconds, over):
    assert bool(given_up(answer(), *[failure()] * failures, now=NOW + seconds)) is over
    assert bool(given_up(answer(provider="b"), *[failure()] * failures, now=NOW + seconds)) is over


def test_a_provider_that_says_too_many_requests_is_there():
    limited = [failure(error_kind="rate_limited"), *[failure()] * 11]
    assert given_up(*limited[:5], now=NOW + 119) is None
    assert given_up(*limited, now=NOW + 120)


def test_an_answer_ends_the_patience_anew():
    assert given_up(*[failure(at=NOW - 500)] * 20, answer(), failure(), now=NOW + 1) is None


def test_a_long_reason_fits_its_column():
    stop = given_up(failure(terminal=True, error="x" * 5_000))
    assert stop is not None
    assert len(stop.detail) == 500


# Processes


def delays(draw, lives=12):
    past, found = Lives(), []
    for _ in range(lives):
        past = after_life(past, 60.0)
        found.append(restart_delay(past, draw))
    return found


def test_a_process_is_started_again_after_a_growing_delay():
    assert delays(0.5) == pytest.approx([1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60])


@given(st.floats(0, 1, exclude_max=True))
def test_delays_are_spread_by_a_fifth(draw):
    for delay, middle in zip(delays(draw), delays(0.5), strict=True):
        assert middle * 0.8 <= delay <= middle * 1.2


def test_the_spread_uses_its_whole_width():
    assert delays(0.0)[0] == pytest.approx(0.8)
    assert delays(0.999999)[0] == pytest.approx(1.2, abs=0.001)


def test_a_process_may_end_ever_so_often():
    assert restart_delay(Lives(restarts=100_000), 0.5) == 60


def test_five_short_lives_in_a_row_are_enough():
    past = Lives()
    for _ in range(4):
        past = after_life(past, 9.9)
        assert not past.failed
    assert after_life(past, 0.0).failed


def test_a_life_of_middle_length_breaks_the_row_of_short_ones():
    past = Lives(restarts=4, short=4)
    assert after_life(past, 10.0) == Lives(restarts=5, short=0)


def test_a_long_life_redeems_all():
    past = after_life(Lives(restarts=40, short=4), 300.0)
    assert past == Lives(restarts=1, short=0)
    assert restart_delay(past, 0.5) == 1

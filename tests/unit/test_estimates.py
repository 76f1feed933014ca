"""What a run believes of itself, from the requests that it has made."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.logic.coverage import LEAST_PROBES
from orchestration.logic.estimates import LEAST_REQUESTS, Estimates, Judged, as_data, interval_data, judge
from orchestration.logic.intervals import Interval
from orchestration.logic.outlook import Wish

# Ids of what was new, and of what was named again.
answers = st.lists(
    st.tuples(
        st.sampled_from("ab"), st.integers(0, 30), st.lists(st.integers(1, 200), max_size=20),
        st.floats(0, 1), st.booleans(),
    ),
    max_size=12,
)  # fmt: skip


class Explored:
    """A list and the estimates of it."""

    def __init__(self):
        self.estimates, self.found = Estimates(), 0

    def ask(self, provider="a", new=0, repeats=(), cost=0.01, probe=False):
        fresh = range(self.found + 1, self.found + new + 1)
        known = [entry for entry in repeats if entry <= self.found]
        self.found += new
        self.estimates.record(provider, fresh, known, cost=cost, probe=probe, found=self.found)
        return self

    def due(self):
        return self.estimates.due

    def judged(self, wish=None, asked="ab"):
        self.estimates.conclude(judge(self.estimates.evidence(self.found)), wish or Wish(), asked)
        return self.estimates


def explored(*requests):
    list_of = Explored()
    for provider, new, repeats, cost, probe in requests:
        list_of.ask(provider, new, repeats, cost, probe)
    return list_of


def probed_well():
    list_of = Explored().ask(new=60)
    for _ in range(4):
        list_of.ask("a", 1, range(1, 40), probe=True).ask("b", 1, range(20, 60), probe=True).ask(new=3)
    return list_of


def test_of_an_empty_list_nothing_is_known_and_nothing_breaks():
    estimates = Explored().judged()
    assert estimates.judged.coverage.items is None
    assert estimates.judged.price is None or estimates.judged.price.low >= 0
    assert as_data(estimates)["coverage"] == {"estimate": None, "low": None, "high": None}


@settings(max_examples=10, deadline=None)
@given(answers)
def test_whatever_came_the_figures_are_json_and_lie_in_their_intervals(requests):
    list_of = explored(*requests)
    data = json.loads(json.dumps(as_data(list_of.judged()), allow_nan=False))
    for name in ("coverage", "mass_coverage"):
        if data[name]["estimate"] is not None:
            assert 0 <= data[name]["low"] <= data[name]["estimate"] <= data[name]["high"] <= 1
    assert data["probes"] <= len(requests)
    assert data["unseen"]


def test_probes_alone_tell_of_the_coverage():
    blind, guided = probed_well(), Explored().ask(new=60)
    for _ in range(8):
        guided.ask("a", 1, range(1, 40))
    assert blind.judged().judged.coverage.recorded == 8
    assert blind.estimates.judged.coverage.items is not None
    assert guided.judged().judged.coverage.recorded == 0


def test_what_a_provider_knows_that_was_never_probed_is_not_known():
    estimates = probed_well().judged(asked="abc")
    data = as_data(estimates)
    assert data["coverage"] == data["mass_coverage"] == {"estimate": None, "low": None, "high": None}
    of_probed = data["coverage_of_probed"]
    assert (of_probed["providers"], of_probed["unprobed"]) == (["a", "b"], ["c"])
    assert of_probed["estimate"] == round(estimates.judged.coverage.items.estimate, 6)
    assert as_data(probed_well().judged())["coverage"]["estimate"] is not None


def test_a_price_far_above_all_that_was_paid_is_only_known_to_be_far_above():
    estimates = Explored().ask(new=60, cost=0.5).estimates
    for price, stated in (
        (Interval(9.0, 8.0, 12.0), (9.0, 8.0, 12.0)),
        (Interval(50.0, 8.0, 90.0), (None, 8.0, None)),
        (Interval(5e6, 4e6, 9e9), (None, 10.0, None)),
    ):
        estimates.judged = Judged(price=price)
        assert tuple(as_data(estimates)["price_of_next_100_usd"].values()) == stated


def test_an_entry_that_is_new_and_named_twice_was_not_known_before():
    list_of = Explored().ask(new=10)
    list_of.estimates.record("a", [11, 12], [11, 3], cost=0.0, probe=True, found=12)
    [probe] = list_of.estimates.sample.probes
    assert (probe.known_before, probe.found_before, list(probe.entries)) == (1, 10, [3, 11, 12])


# When


def test_what_people_rejected_before_the_list_began_counts_for_nothing():
    told = []
    for repeats in ([1], [1, -7, -8]):
        list_of = Explored().ask(new=2)
        list_of.estimates.record("a", [3], repeats, cost=0.01, probe=True, found=3)
        told.append(as_data(list_of.judged()))
    assert told[0] == told[1]


def test_it_is_judged_anew_after_some_requests_or_a_probe():
    list_of = Explored()
    assert not list_of.due()
    for _ in range(LEAST_REQUESTS):
        list_of.ask(new=5)
    assert list_of.due()
    list_of.judged()
    assert not list_of.due()
    list_of.ask("a", 2, [1, 2, 3], probe=True)
    assert list_of.due()
    list_of.judged()
    assert not list_of.due()


def test_evidence_does_not_change_while_more_is_recorded():
    list_of = probed_well()
    evidence = list_of.estimates.evidence(list_of.found)
    before = judge(evidence)
    list_of.ask("a", 30, range(1, 5), probe=True)
    assert judge(evidence) == before


def test_without_a_new_probe_the_coverage_is_not_worked_out_anew():
    list_of = probed_well()
    known = list_of.judged().judged.coverage
    list_of.ask(new=5)
    assert list_of.judged().judged.coverage is known


# What is made of it


def test_what_more_would_cost_rises_as_less_is_new():
    rich, dry = Explored(), Explored()
    for number in range(30):
        rich.ask(new=20)
        dry.ask(new=max(20 - number, 0))
    assert dry.judged().judged.price.estimate > rich.judged().judged.price.estimate > 0


def test_the_users_wish_is_held_against_every_new_judgement():
    list_of, wish = probed_well(), Wish(coverage=0.01, price_usd=Decimal("0.000001"))
    outlook = list_of.judged(wish).outlook
    assert outlook.covered == 1
    list_of.ask("a", 0, range(1, 40), probe=True)
    assert list_of.judged(wish).outlook.covered == 2
    assert list_of.estimates.sample.recorded >= LEAST_PROBES


def test_each_provider_is_told_what_it_alone_contributed():
    data = as_data(explored(("a", 3, [], 0.5, False), ("b", 1, [1], 0.25, False)).estimates)
    assert data["contributions"]["a"] == {
        "named": 3,
        "alone": 2,
        "first": 3,
        "cost_per_own_entry_usd": 0.25,
    }
    assert data["contributions"]["b"]["alone"] == 1


@settings(max_examples=10, deadline=None)
@given(answers)
def test_the_same_requests_lead_to_the_same_beliefs(requests):
    assert as_data(explored(*requests).judged()) == as_data(explored(*requests).judged())


@pytest.mark.parametrize(
    ("interval", "ends"),
    [
        (None, (None, None, None)),
        (Interval(0.5, 0.25, 1.0), (0.5, 0.25, 1.0)),
        (Interval(float("inf"), 2.0, float("inf")), (None, 2.0, None)),
    ],
)
def test_an_end_that_is_open_is_null(interval, ends):
    assert tuple(interval_data(interval).values()) == ends

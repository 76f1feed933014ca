"""When to probe, and whom."""

import pytest

from orchestration.logic.blind import Probing

COSTS = {"cheap": 0.01, "dear": 0.1}


def after(*requests):
    """A run that has made so many requests of such providers, at what a probe of them costs."""
    probing = Probing()
    for provider, number in requests:
        for _ in range(number):
            probing.record(provider, COSTS[provider], probe=False, deliberate=False)
    return probing


def probes(probing, most=100):
    """Whom it would probe until it has had enough."""
    chosen: list[str] = []
    while len(chosen) < most and (provider := probing.choose(COSTS)):
        probing.record(provider, COSTS[provider], probe=True, deliberate=True)
        chosen.append(provider)
    return chosen


@pytest.mark.parametrize("requests", [[], [("cheap", 5)]])
def test_nobody_is_probed_before_the_money_allows_it(requests):
    assert after(*requests).choose(COSTS) is None


def test_a_provider_in_use_is_probed_once_and_then_in_step_with_its_own_use():
    assert probes(after(("cheap", 9))) == ["cheap"]
    assert probes(after(("cheap", 100))).count("cheap") == 9


def test_cheap_probes_do_not_use_up_the_money_of_a_dear_one():
    probing = after(("cheap", 100), ("dear", 1))
    assert probes(probing).count("dear") == 1


def test_one_that_nobody_asks_is_probed_much_later():
    assert "dear" not in probes(after(("cheap", 200)))
    assert "dear" in probes(after(("cheap", 500)))


def test_a_probe_under_way_is_not_asked_for_again_until_it_is_forgotten():
    probing = after(("cheap", 9))
    assert (probing.choose(COSTS), probing.choose(COSTS)) == ("cheap", None)
    probing.forget("cheap")
    assert probing.choose(COSTS) == "cheap"


def test_a_provider_that_is_out_is_not_probed():
    assert after(("cheap", 9)).choose(COSTS, ("cheap",)) is None


def test_what_was_blind_by_chance_spares_a_probe():
    probing = after(("cheap", 8))
    probing.record("cheap", 0.01, probe=True, deliberate=False)
    assert probing.choose(COSTS) is None


def test_where_nothing_costs_anything_one_request_in_ten_is_a_probe():
    probing, free = Probing(), {"free": 0.0}
    for _ in range(200):
        probe = probing.choose(free) is not None
        probing.record("free", 0.0, probe=probe, deliberate=probe)
    assert 18 <= probing.tallies["free"].probes <= 20
